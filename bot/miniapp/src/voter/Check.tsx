/** On a second device: does an opened ballot say what was marked? */

import { useState } from "preact/hooks";
import { parseJson, utf8 } from "../protocol/encoding.ts";
import { Election } from "../protocol/session.ts";
import { fetchSession } from "../shared/live.ts";
import { words } from "../shared/words.ts";
import { check } from "./encrypt.ts";
import { Tracker } from "./Recorded.tsx";
import { Help } from "./Stop.tsx";
import type { Checked } from "./work.ts";

const LIMIT = 4 << 20; // bytes; a ballot of 200 officials with its opening has about 600 kB

type Found = { readonly election: Election; readonly checked: Checked };

export function Check({ uuid }: { readonly uuid: string }) {
  const [found, setFound] = useState<Found | "failed" | "working" | null>(null);
  const read = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    setFound("working");
    try {
      setFound(await examine(uuid, file));
    } catch {
      setFound("failed");
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
        {found === "working" && <p>{words("voter.check.working")}</p>}
        {found === "failed" && (
          <section class="card alarm">
            <p>
              <strong>{words("voter.check.failed")}</strong>
            </p>
            <p>{words("voter.check.failed_do")}</p>
          </section>
        )}
        {found !== null && typeof found === "object" && <Result {...found} />}
      </div>
      <Help />
    </main>
  );
}

function Result({ election, checked }: Found) {
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
async function examine(uuid: string, file: File): Promise<Found> {
  const raw = new Uint8Array(await file.arrayBuffer());
  const value = parseJson(raw, "file", LIMIT) as Record<string, unknown>;
  const election = Election.decode(utf8((await fetchSession(uuid))?.election ?? ""));
  const ballot = utf8(String(value["ballot"]));
  const opening = utf8(String(value["opening"]));
  return { election, checked: await check(election.raw, ballot, opening) };
}
