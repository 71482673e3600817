/** What is public of a session: state, counts, checkpoints, and once published the results. */

import { useEffect, useState } from "preact/hooks";
import { OVER, type State } from "../protocol/session/lifecycle.ts";
import { follow, type SessionNow, stageOf } from "../shared/live.ts";
import { ResultsTable } from "../shared/Results.tsx";
import { codeOf, fetchRecord, NO_RECORD, type PublicDefinition, type SignedNote } from "../shared/record.ts";
import { Verbatim } from "../shared/Verbatim.tsx";
import { number, waitingFor, words } from "../shared/words.ts";
import { Find } from "./Find.tsx";
import { Languages } from "./Home.tsx";

const STEPS = ["roster", "present", "issued", "registered", "cast"] as const;

export function RecordPage({ uuid }: { readonly uuid: string }) {
  const [now, setNow] = useState<SessionNow | null | "unknown" | "failing">(null);
  const [{ definition, notes, results, headings, wrong }, setRecord] = useState(NO_RECORD);
  const stage = now !== null && typeof now === "object" ? stageOf(now) : "";
  const code = codeOf(notes, "sealed");
  const closing = notes.find((note) => note.state === "closed" && note.code !== null);
  useEffect(() => follow(uuid, setNow, (failing) => failing && setNow((was) => was ?? "failing")), [uuid]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stage says when to look again
  useEffect(() => {
    void fetchRecord(uuid).then(
      (record) => (record === null ? setNow("unknown") : setRecord(record)),
      () => {},
    );
  }, [uuid, stage]);
  if (now === null || typeof now === "string") return <Nothing reason={now ?? "loading"} />;
  return (
    <>
      <main>
        {definition?.rehearsal && <p class="rehearsal">{words("hall.rehearsal")}</p>}
        <h1>{definition?.name ?? words(now.on_paper ? "hall.on_paper" : "hall.preparing")}</h1>
        {wrong && (
          <p role="alert" class="wrong">
            {words("hall.wrong")}
          </p>
        )}
        <p role="status" class="state">
          {now.waiting === null ? words(`state.${now.state}`) : waitingFor(now.waiting)}
        </p>
        <dl class="numbers">
          {STEPS.map((step) => (
            <div key={step}>
              <dt>{words(`counts.${step}`)}</dt>
              <dd>{now.counts[step] === null ? "–" : number(now.counts[step])}</dd>
            </div>
          ))}
        </dl>
        {closing && <Find uuid={uuid} closing={closing} />}
        {results && definition && (
          <section>
            <h2>{words("results.title")}</h2>
            <ResultsTable results={results} definition={definition} headings={headings} />
          </section>
        )}
        {definition && <Download uuid={uuid} state={now.state} definition={definition} code={code} />}
        {code && (
          <section>
            <h2>{words("code.session")}</h2>
            <p class="code">{code}</p>
          </section>
        )}
        {notes.length > 0 && <Notes notes={notes} />}
      </main>
      <Languages />
    </>
  );
}

function Nothing({ reason }: { readonly reason: "loading" | "unknown" | "failing" }) {
  return (
    <>
      <main>
        <h1>{words("home.title")}</h1>
        <p role="status">{words(`record.${reason}`)}</p>
      </main>
      <Languages />
    </>
  );
}

interface DownloadProps {
  readonly uuid: string;
  readonly state: State;
  readonly definition: PublicDefinition;
  readonly code: string | null;
}

function Download({ uuid, state, definition, code }: DownloadProps) {
  const name = `${uuid}.${state === "published" ? "phieukin.zip" : "bel"}`;
  return (
    <section>
      <h2>{words("record.verify")}</h2>
      {!OVER.has(state) && <p>{words("record.later")}</p>}
      {OVER.has(state) && definition.publication !== "public" && <p>{words("record.members")}</p>}
      {OVER.has(state) && definition.publication === "public" && (
        <p>
          <a class="button primary" href={`/api/v1/box/${uuid}/record`} download={name}>
            {words("record.download")}
          </a>
        </p>
      )}
      <p>{words("record.how")}</p>
      <p>
        <a class="button" href="/committee#auditor">
          {words("home.auditor")}
        </a>
      </p>
      <Verbatim text={`phieukin audit ${name}${code === null ? "" : ` --fingerprint ${code}`} --belenios`} />
    </section>
  );
}

function Notes({ notes }: { readonly notes: readonly SignedNote[] }) {
  return (
    <section>
      <h2>{words("record.notes")}</h2>
      <p>{words("record.notes_what")}</p>
      {notes.map((note) => (
        <details key={note.state}>
          <summary>
            {words(`record.note_${note.state}`)}{" "}
            {note.state !== "tallied" && (
              <span class={note.code === null ? "quiet" : "code"}>{note.code ?? words("record.waiting")}</span>
            )}
          </summary>
          <Verbatim text={note.text} />
        </details>
      ))}
    </section>
  );
}
