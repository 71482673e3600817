/** From the seal to the results, without being touched. */

import { useEffect, useState } from "preact/hooks";
import { follow, type SessionNow } from "../shared/live.ts";
import { fetchRecord, NO_RECORD, type PublicRecord } from "../shared/record.ts";
import { words } from "../shared/words.ts";
import { Clock, Countdown } from "./Clock.tsx";
import { Counts } from "./Counts.tsx";
import { Paged } from "./Paged.tsx";

const AGAIN = 3_000; // milliseconds until what could not be fetched is asked for again

export function Hall({ uuid }: { readonly uuid: string }) {
  const [now, setNow] = useState<SessionNow | null>(null);
  const [failing, setFailing] = useState(false);
  const { definition, notes, results, headings } = usePublicRecord(uuid, now?.state ?? null);
  useEffect(() => follow(uuid, setNow, setFailing), [uuid]);
  const note = notes.at(-1);
  if (now === null) return <Unknown failing={failing} />;
  const open = ["sealed", "checkin", "open"].includes(now.state);
  return (
    <div class={`hall ${now.state}`}>
      <header>
        {definition?.rehearsal && <p class="rehearsal">{words("hall.rehearsal")}</p>}
        <h1>{definition?.name ?? words(now.on_paper ? "hall.on_paper" : "hall.preparing")}</h1>
        <Clock />
      </header>
      <main>
        {now.state === "published" && results && definition ? (
          <Paged results={results} definition={definition} headings={headings} />
        ) : (
          <>
            <section class="now">
              <p class="state" role="status">
                {words(`state.${now.state}`)}
              </p>
              {now.state === "published" && results === null && <p>{words("hall.members")}</p>}
              {now.state === "open" && <Countdown closes={now.closes} />}
              <Counts counts={now.counts} old={failing} />
            </section>
            {open && !now.on_paper && <Code uuid={uuid} />}
          </>
        )}
      </main>
      <footer>
        {definition && <Spoken title={words("hall.phi")} code={definition.phi} />}
        {note && <Spoken title={words(`hall.code_${note.state}`)} code={note.code} />}
        {failing && <p class="failing">{words("hall.failing")}</p>}
      </footer>
    </div>
  );
}

/** What changes with the state only; asked for again until it is here. */
function usePublicRecord(uuid: string, state: SessionNow["state"] | null): PublicRecord {
  const [record, setRecord] = useState(NO_RECORD);
  useEffect(() => {
    if (state === null) return;
    let timer = 0;
    let over = false;
    const look = async (): Promise<void> => {
      try {
        const fetched = await fetchRecord(uuid, state);
        if (!over && fetched !== null) setRecord(fetched);
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
  return record;
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
