/** On a second device: does an opened ballot say what was marked? */

import { useState } from "preact/hooks";
import { parseJson, utf8 } from "../../protocol/encoding/encoding.ts";
import { Election } from "../../protocol/session/session.ts";
import { fetchSession } from "../../shared/live.ts";
import { words } from "../../shared/words.ts";
import { check } from "../encrypt.ts";
import type { Checked } from "../work.ts";
import { Help } from "./Stop.tsx";
import { Tracker } from "./Tracker.tsx";

const LIMIT = 4 << 20; // bytes; a ballot of 200 officials with its opening has about 600 kB

interface Examined {
  readonly election: Election;
  readonly checked: Checked;
}

export function Check({ uuid }: { readonly uuid: string }) {
  const [outcome, setOutcome] = useState<Examined | "failed" | "working" | null>(null);
  const read = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    setOutcome("working");
    try {
      setOutcome(await examine(uuid, file));
    } catch {
      setOutcome("failed");
    }
  };
  return (
    <main>
      <h1>{words("voter.check.title")}</h1>
      <p>{words("voter.check.what")}</p>
      <label class="button" for="file">
        {words("voter.check.choose")}
      </label>
      <input
        id="file"
        class="file"
        type="file"
        accept=".json,application/json"
        onChange={(event) => void read(event.currentTarget.files?.[0])}
      />
      <div aria-live="polite">
        {outcome === "working" && <p>{words("voter.check.working")}</p>}
        {outcome === "failed" && (
          <section class="card alarm">
            <p>
              <strong>{words("voter.check.failed")}</strong>
            </p>
            <p>{words("voter.check.failed_do")}</p>
          </section>
        )}
        {outcome !== null && typeof outcome === "object" && <Result {...outcome} />}
      </div>
      <Help />
    </main>
  );
}

function Result({ election, checked }: Examined) {
  const levels = election.parameters?.policy.levels ?? [];
  return (
    <>
      <p>
        <strong>{words("voter.check.says")}</strong>
      </p>
      <Tracker tracker={checked.tracker} />
      <ol class="review">
        {election.parameters?.officials.map((official, i) => {
          const choice = checked.choices[i] ?? null;
          return (
            <li key={i}>
              <span class="name">{official.name}</span>
              {official.position && <span class="post">{official.position}</span>}
              <strong>{choice === null ? words("voter.review.empty") : levels[choice]?.label}</strong>
            </li>
          );
        })}
      </ol>
      <p>{words("voter.check.differs")}</p>
    </>
  );
}

/** The file against the session's definition. Raises ProtocolError. */
async function examine(uuid: string, file: File): Promise<Examined> {
  const raw = new Uint8Array(await file.arrayBuffer());
  const { ballot, opening } = parseJson(raw, "file", LIMIT) as Record<string, unknown>;
  const election = Election.decode(utf8((await fetchSession(uuid))?.election ?? ""));
  return { election, checked: await check(election, utf8(String(ballot)), utf8(String(opening))) };
}
