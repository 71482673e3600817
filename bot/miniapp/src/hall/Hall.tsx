/** From the seal to the results, without being touched. */

import { useEffect, useState } from "preact/hooks";
import { fetchSession, follow, type SessionNow } from "../shared/live.ts";
import { headings, notes, type Results, results, type Shown, shown, type Signed } from "../shared/record.ts";
import { words } from "../shared/words.ts";
import { Clock, Countdown } from "./Clock.tsx";
import { Counts } from "./Counts.tsx";
import { Paged } from "./Paged.tsx";

const AGAIN = 3_000; // milliseconds until what could not be fetched is asked for again

interface Known {
  readonly shown: Shown | null;
  readonly signed: Signed | null;
  /** Undefined until they are here, null where only members get them. */
  readonly results: Results | null | undefined;
  /** Of the khối, by the official that begins each. */
  readonly headings: ReadonlyMap<number, string>;
}

const NOTHING: Known = { shown: null, signed: null, results: undefined, headings: new Map() };

export function Hall({ uuid }: { readonly uuid: string }) {
  const [now, setNow] = useState<SessionNow | null>(null);
  const [failing, setFailing] = useState(false);
  const known = useKnown(uuid, now?.state ?? null);
  useEffect(() => follow(uuid, setNow, setFailing), [uuid]);
  if (now === null) return <Unknown failing={failing} />;
  const open = ["sealed", "checkin", "open"].includes(now.state);
  return (
    <div class={`hall ${now.state}`}>
      <header>
        {known.shown?.rehearsal && <p class="rehearsal">{words("hall.rehearsal")}</p>}
        <h1>{known.shown?.name ?? words(now.on_paper ? "hall.on_paper" : "hall.preparing")}</h1>
        <Clock />
      </header>
      <main>
        {now.state === "published" && known.results && known.shown ? (
          <Paged found={known.results} shown={known.shown} headings={known.headings} />
        ) : (
          <>
            <section class="now">
              <p class="state" role="status">
                {words(`state.${now.state}`)}
              </p>
              {now.state === "published" && known.results === null && <p>{words("hall.members")}</p>}
              {now.state === "open" && <Countdown closes={now.closes} />}
              <Counts counts={now.counts} old={failing} />
            </section>
            {open && !now.on_paper && <Code uuid={uuid} />}
          </>
        )}
      </main>
      <footer>
        {known.shown && <Spoken title={words("hall.phi")} code={known.shown.phi} />}
        {known.signed && <Spoken title={words(`hall.code_${known.signed.state}`)} code={known.signed.code} />}
        {failing && <p class="failing">{words("hall.failing")}</p>}
      </footer>
    </div>
  );
}

/** What changes with the state only; asked for again until it is here. */
function useKnown(uuid: string, state: SessionNow["state"] | null): Known {
  const [known, setKnown] = useState(NOTHING);
  useEffect(() => {
    if (state === null) return;
    let timer = 0;
    let over = false;
    const look = async (): Promise<void> => {
      try {
        const election = (await fetchSession(uuid))?.election ?? null;
        const signed = election === null ? [] : await notes(uuid);
        const found = state === "published" ? await results(uuid) : undefined;
        const blocks = found && election !== null ? await headings(uuid, election) : NOTHING.headings;
        if (over) return;
        setKnown({
          shown: election === null ? null : shown(election),
          signed: signed.at(-1) ?? null,
          results: found,
          headings: blocks,
        });
      } catch {
        if (!over) timer = setTimeout(() => void look(), AGAIN) as unknown as number;
      }
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [uuid, state]);
  return known;
}

function Unknown({ failing }: { readonly failing: boolean }) {
  return (
    <main class="hall">
      <h1>{words("hall.title")}</h1>
      <p role="status">{words(failing ? "hall.failing" : "hall.loading")}</p>
    </main>
  );
}

function Code({ uuid }: { readonly uuid: string }) {
  return (
    <figure class="qr">
      <img src={`/hall/${uuid}/qr.svg`} alt={words("hall.qr_alt")} />
      <figcaption>{words("hall.qr")}</figcaption>
    </figure>
  );
}

function Spoken({ title, code }: { readonly title: string; readonly code: string }) {
  return (
    <p class="spoken">
      <span>{title}</span>
      <strong class="code">
        {code.split("-").map((group) => (
          <span key={group}>{group}</span>
        ))}
      </strong>
    </p>
  );
}
