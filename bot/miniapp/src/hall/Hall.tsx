/** From the seal to the results, without being touched. */

import { useEffect, useState } from "preact/hooks";
import { follow, type SessionNow, stageOf } from "../shared/live.ts";
import { codeOf, fetchRecord, NO_RECORD, type PublicRecord } from "../shared/record.ts";
import { waitingFor, words } from "../shared/words.ts";
import { Checking, Clock, Countdown } from "./Clock.tsx";
import { Counts } from "./Counts.tsx";
import { Paged } from "./Paged.tsx";

const AGAIN = 3_000; // milliseconds until what could not be fetched is asked for again

export function Hall({ uuid }: { readonly uuid: string }) {
  const [now, setNow] = useState<SessionNow | null>(null);
  const [failing, setFailing] = useState(false);
  const record = usePublicRecord(uuid, now);
  const { definition, results, headings, wrong } = record;
  useEffect(() => follow(uuid, setNow, setFailing), [uuid]);
  if (now === null) return <Unknown failing={failing} />;
  const entering = ["sealed", "checkin", "open"].includes(now.state) && now.waiting === null && !wrong;
  return (
    <div class={`hall ${now.state}`}>
      <header>
        {definition?.rehearsal && <p class="rehearsal">{words("hall.rehearsal")}</p>}
        {wrong && (
          <p class="rehearsal wrong" role="alert">
            {words("hall.wrong")}
          </p>
        )}
        <h1>{definition?.name ?? words(wrong ? "hall.title" : now.on_paper ? "hall.on_paper" : "hall.preparing")}</h1>
        <Clock zone={now.zone} />
      </header>
      <main>
        {now.state === "published" && results && definition ? (
          <Paged results={results} definition={definition} headings={headings} />
        ) : (
          <>
            <Now now={now} record={record} old={failing} />
            {entering && !now.on_paper && <Code uuid={uuid} />}
          </>
        )}
      </main>
      <footer>
        <Spoken title={words("code.session")} code={codeOf(record.notes, "sealed")} />
        <div>
          <Spoken title={words("code.opening")} code={codeOf(record.notes, "open")} />
          <Spoken title={words("code.closing")} code={codeOf(record.notes, "closed")} />
        </div>
        {failing && <p class="failing">{words("hall.failing")}</p>}
      </footer>
    </div>
  );
}

interface NowProps {
  readonly now: SessionNow;
  readonly record: PublicRecord;
  readonly old: boolean;
}

/** State or whom everybody waits for, what is asked of the hall, the counts. */
function Now({ now, record: { definition, notes, results }, old }: NowProps) {
  const { state, waiting } = now;
  const checking = state === "closed" && waiting === null && codeOf(notes, "closed") !== null;
  return (
    <section class="now">
      <p class={waiting === null ? "state" : "state waiting"} role="status">
        {waiting === null ? words(`state.${state}`) : waitingFor(waiting)}
      </p>
      {state === "published" && results === null && <p>{words("hall.members")}</p>}
      {state === "open" && <Countdown closes={now.closes} />}
      {waiting?.moment === "opening" && <p class="asked">{words("hall.sealing")}</p>}
      {checking && definition && <Checking seconds={definition.checkSeconds} />}
      <Counts counts={now.counts} open={state === "open"} old={old} />
    </section>
  );
}

/** What changes with the stage only; asked for again until it is here. */
function usePublicRecord(uuid: string, now: SessionNow | null): PublicRecord {
  const [record, setRecord] = useState(NO_RECORD);
  const stage = now === null ? "" : stageOf(now);
  useEffect(() => {
    if (stage === "") return;
    let timer = 0;
    let over = false;
    const look = async (): Promise<void> => {
      try {
        const fetched = await fetchRecord(uuid);
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
  }, [uuid, stage]);
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

/** A code in numbered groups, of which phones ask for one; nothing while there is none. */
function Spoken({ title, code }: { readonly title: string; readonly code: string | null }) {
  if (code === null) return null;
  return (
    <section class="spoken">
      <h2>{title}</h2>
      <ol class="code">
        {code.split("-").map((group, place) => (
          <li key={place}>{group}</li>
        ))}
      </ol>
    </section>
  );
}
