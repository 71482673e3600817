/** Work by files: on the computer without a network, and on the one that carries for it (stepfile.ts). */

import { useEffect, useState } from "preact/hooks";
import { download } from "../../shared/download.ts";
import { words } from "../../shared/words.ts";
import { useDrop } from "../drop.ts";
import type { Carried } from "./courier/carried.ts";
import type { Server } from "./courier/server.ts";
import { fetchStep, readAnswer } from "./courier/stepfile.ts";
import { type Told, toldOf } from "./fault.ts";
import { Button, Pick, Refused } from "./parts.tsx";
import type { View } from "./view.ts";

interface ByFilesProps {
  readonly courier: Carried;
  /** Others are waited for: nothing else is to be done here. */
  readonly waits: boolean;
  readonly taken: () => void;
}

/** What is to be carried away from here, and what is expected next. */
export function ByFiles({ courier, waits, taken }: ByFilesProps) {
  const [, setAnswers] = useState(0);
  const [told, setTold] = useState<Told | null>(null);
  useEffect(() => courier.listen(() => setAnswers((count) => count + 1)), [courier]);
  const take = (file: File): void => {
    setTold(null);
    courier.take(file).then(taken, (error: unknown) => setTold(toldOf(error)));
  };
  useDrop(async ([file]) => file && take(file));
  const { answers } = courier;
  return (
    <section class="card">
      <h2>{words("committee.trustee.files.title")}</h2>
      {answers.length > 0 && (
        <>
          <p>{words("committee.trustee.files.carry")}</p>
          <ul class="chosen">
            {answers.map((file) => (
              <li key={file.name}>
                {file.name}
                <Button title={words("committee.trustee.files.save_again")} act={() => download(file)} />
              </li>
            ))}
          </ul>
        </>
      )}
      <p>{words("committee.trustee.files.next")}</p>
      <Pick id="step-file" main={waits} title={words("committee.trustee.files.pick_next")} take={take} />
      <Refused told={told} />
    </section>
  );
}

interface CarryProps {
  readonly server: Server;
  readonly view: View;
}

/** The computer with the network: it has no key, and neither reads nor changes what it carries. */
export function Carry({ server, view }: CarryProps) {
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState("");
  const [told, setTold] = useState<Told | null>(null);
  const work = (act: () => Promise<string>): void => {
    setBusy(true);
    setTold(null);
    setDone("");
    act()
      .then(setDone, (error: unknown) => setTold(toldOf(error)))
      .finally(() => setBusy(false));
  };
  const save = async (): Promise<string> => {
    const file = await fetchStep(server);
    download(file);
    return words("committee.trustee.carry.saved", { name: file.name });
  };
  const leave = async (file: File): Promise<string> => {
    const { kind, message } = await readAnswer(file, view);
    await server.put(kind, message);
    return words("committee.trustee.carry.left", { what: words(`committee.trustee.carry.kind.${kind}`) });
  };
  useDrop(async ([file]) => file && work(() => leave(file)));
  const { index, size, threshold } = view;
  return (
    <>
      <h1 tabIndex={-1}>{words("committee.trustee.carry.title")}</h1>
      <p class="who">{words("committee.trustee.who", { index, size, threshold })}</p>
      <ol>
        {(["first", "second", "third"] as const).map((step) => (
          <li key={step}>{words(`committee.trustee.carry.${step}`)}</li>
        ))}
      </ol>
      <p class="note">{words("committee.trustee.carry.safe")}</p>
      <p role="status" class="state">
        {busy ? words("committee.trustee.carry.busy") : done}
      </p>
      <Refused told={told} />
      <Button main title={words("committee.trustee.carry.save")} busy={busy} act={() => work(save)} />
      <p>
        <Pick id="answer-file" title={words("committee.trustee.carry.pick")} take={(file) => work(() => leave(file))} />
      </p>
    </>
  );
}
