/** What is public of a session: state, counts, checkpoints, and once published the results. */

import { useEffect, useState } from "preact/hooks";
import { OVER } from "../protocol/lifecycle.ts";
import { fetchSession, follow, type SessionNow } from "../shared/live.ts";
import { headings, notes, type Results, results, type Shown, shown, type Signed } from "../shared/record.ts";
import { ResultsTable } from "../shared/Results.tsx";
import { number, words } from "../shared/words.ts";
import { Languages } from "./Home.tsx";

const STEPS = ["roster", "present", "issued", "registered", "cast"] as const;

interface Known {
  readonly shown: Shown | null;
  readonly notes: readonly Signed[];
  readonly results: Results | null;
  /** Of the khối, by the official that begins each. */
  readonly headings: ReadonlyMap<number, string>;
}

const NOTHING: Known = { shown: null, notes: [], results: null, headings: new Map() };

export function RecordPage({ uuid }: { readonly uuid: string }) {
  const [now, setNow] = useState<SessionNow | null | "unknown" | "failing">(null);
  const [known, setKnown] = useState(NOTHING);
  const state = now !== null && typeof now === "object" ? now.state : null;
  useEffect(() => follow(uuid, setNow, (failing) => failing && setNow((was) => was ?? "failing")), [uuid]);
  useEffect(() => {
    void look(uuid).then(
      (found) => (found === null ? setNow("unknown") : setKnown(found)),
      () => {},
    );
  }, [uuid, state]);
  if (now === null || typeof now === "string") return <Nothing key_={now ?? "loading"} />;
  return (
    <>
      <main>
        {known.shown?.rehearsal && <p class="rehearsal">{words("hall.rehearsal")}</p>}
        <h1>{known.shown?.name ?? words(now.on_paper ? "hall.on_paper" : "hall.preparing")}</h1>
        <p role="status" class="state">
          {words(`state.${now.state}`)}
        </p>
        <dl class="numbers">
          {STEPS.map((step) => (
            <div key={step}>
              <dt>{words(`counts.${step}`)}</dt>
              <dd>{now.counts[step] === null ? "–" : number(now.counts[step])}</dd>
            </div>
          ))}
        </dl>
        {known.results && known.shown && (
          <section>
            <h2>{words("results.title")}</h2>
            <ResultsTable found={known.results} shown={known.shown} headings={known.headings} />
          </section>
        )}
        {known.shown && <Download uuid={uuid} now={now} shown={known.shown} />}
        {known.shown && (
          <section>
            <h2>{words("record.phi")}</h2>
            <p class="code">{known.shown.phi}</p>
          </section>
        )}
        {known.notes.length > 0 && <Notes notes={known.notes} />}
      </main>
      <Languages />
    </>
  );
}

/** Null if the server does not know the session. */
async function look(uuid: string): Promise<Known | null> {
  const found = await fetchSession(uuid);
  if (found === null) return null;
  if (found.election === null) return NOTHING;
  const published = found.state === "published" ? await results(uuid) : null;
  return {
    shown: shown(found.election),
    notes: await notes(uuid),
    results: published,
    headings: published === null ? NOTHING.headings : await headings(uuid, found.election),
  };
}

function Nothing({ key_ }: { readonly key_: string }) {
  return (
    <>
      <main>
        <h1>{words("home.title")}</h1>
        <p role="status">{words(`record.${key_}`)}</p>
      </main>
      <Languages />
    </>
  );
}

function Download({ uuid, now, shown: said }: { readonly uuid: string; readonly now: SessionNow; readonly shown: Shown }) {
  const name = `${uuid}.${now.state === "published" ? "phieukin.zip" : "bel"}`;
  return (
    <section>
      <h2>{words("record.verify")}</h2>
      {!OVER.has(now.state) && <p>{words("record.later")}</p>}
      {OVER.has(now.state) && said.publication !== "public" && <p>{words("record.members")}</p>}
      {OVER.has(now.state) && said.publication === "public" && (
        <p>
          <a class="button primary" href={`/api/v1/box/${uuid}/record`} download={name}>
            {words("record.download")}
          </a>
        </p>
      )}
      <p>{words("record.how")}</p>
      <pre tabIndex={0}>{`phieukin audit ${name} --fingerprint ${said.phi} --belenios`}</pre>
    </section>
  );
}

function Notes({ notes: signed }: { readonly notes: readonly Signed[] }) {
  return (
    <section>
      <h2>{words("record.notes")}</h2>
      <p>{words("record.notes_what")}</p>
      {signed.map((note) => (
        <details key={note.state}>
          <summary>
            {words(`hall.code_${note.state}`)}: <span class="code">{note.code}</span>
          </summary>
          <pre tabIndex={0}>{note.text}</pre>
        </details>
      ))}
    </section>
  );
}
