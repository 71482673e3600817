/** The trustee's key: made with a passphrase, opened with it, kept twice. */

import { useState } from "preact/hooks";
import { type Bytes, sameBytes } from "../../protocol/encoding/encoding.ts";
import { words } from "../../shared/words.ts";
import type { Courier } from "./courier/courier.ts";
import type { Desk } from "./desk.ts";
import { Fault, type Told, toldOf } from "./fault.ts";
import { Button, Field, Form, Pick, Refused } from "./parts.tsx";
import { drawn, LEAST, weaknessOf } from "./passphrase.ts";
import { asKeyFile, brought, keyBytes, made, unlocked } from "./unlock.ts";
import type { Kept } from "./vault.ts";
import type { View } from "./view.ts";

interface Props {
  readonly courier: Courier;
  readonly view: View;
  readonly before: Kept | null;
  readonly opened: (desk: Desk) => void;
}

export function MakeKey({ courier, view, before, opened, other }: Props & { readonly other: () => void }) {
  const [offered] = useState(drawn);
  const [own, setOwn] = useState(false);
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [wrong, setWrong] = useState(["", ""]);
  const work = useWork(opened);
  const submit = (): void => {
    const chosen = own ? passphrase : offered;
    const weakness = own ? weaknessOf(chosen) : null;
    const first = weakness === null ? "" : words(`committee.trustee.make.${weakness}`, { least: LEAST });
    const second = weakness === null && again !== chosen ? words("committee.trustee.make.differ") : "";
    setWrong([first, second]);
    if (first + second === "") work.start((told) => made(courier, view, chosen, before, told));
  };
  const change = (): void => {
    setOwn(!own);
    setAgain("");
    setWrong(["", ""]);
  };
  return (
    <>
      <h1 tabIndex={-1}>{words("committee.trustee.make.title")}</h1>
      <p>{words("committee.trustee.make.what")}</p>
      {!own && <Offered passphrase={offered} />}
      <Form go={words("committee.trustee.make.go")} submit={submit} busy={work.busy}>
        {own && (
          <Field
            id="passphrase"
            type="password"
            label={words("committee.trustee.make.passphrase")}
            help={words("committee.trustee.make.passphrase_how", { least: LEAST })}
            wrong={wrong[0] ?? ""}
            value={passphrase}
            set={setPassphrase}
          />
        )}
        <Field
          id="again"
          type="password"
          label={words(own ? "committee.trustee.make.again" : "committee.trustee.make.copied")}
          wrong={wrong[1] ?? ""}
          value={again}
          set={setAgain}
        />
      </Form>
      <Working {...work} />
      <p class="note">{words("committee.trustee.make.download")}</p>
      <div class="actions">
        <Button
          title={words(own ? "committee.trustee.make.offer" : "committee.trustee.make.own")}
          act={change}
          busy={work.busy}
        />
        {before === null && <Button title={words("committee.trustee.make.other")} act={other} busy={work.busy} />}
      </div>
    </>
  );
}

/** A passphrase that nobody has thought of, to be written down. */
function Offered({ passphrase }: { readonly passphrase: string }) {
  return (
    <>
      <h2>{words("committee.trustee.make.offered")}</h2>
      <p class="drawn">{passphrase}</p>
      <p>{words("committee.trustee.make.offered_how")}</p>
    </>
  );
}

/** Asks for the passphrase of what the browser keeps, or for the key file, too. */
export function OpenKey({ courier, view, before, opened }: Props) {
  const [file, setFile] = useState<{ readonly name: string; readonly bytes: Bytes } | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const work = useWork(opened);
  const take = async (chosen: File): Promise<void> => {
    try {
      setFile({ name: chosen.name, bytes: await keyBytes(chosen) });
      work.clear();
    } catch (error) {
      work.failed(error);
    }
  };
  const submit = (): void =>
    work.start(async (told) => {
      if (file !== null) return brought(courier, view, file.bytes, before, passphrase, told).catch(rethrown);
      if (before !== null) return unlocked(courier, view, before, passphrase, told);
      throw new Fault("no_key_file");
    });
  const ready = file !== null || before !== null;
  return (
    <>
      <h1 tabIndex={-1}>{words("committee.trustee.open.title")}</h1>
      <p>{words(before === null ? "committee.trustee.open.file" : "committee.trustee.open.kept")}</p>
      {file !== null && <p class="chosen">{file.name}</p>}
      {ready && (
        <Form go={words("committee.trustee.open.go")} submit={submit} busy={work.busy}>
          <Field
            id="passphrase"
            type="password"
            label={words("committee.trustee.open.passphrase")}
            wrong=""
            value={passphrase}
            set={setPassphrase}
          />
        </Form>
      )}
      <Working {...work} />
      <Pick
        id="key-file"
        main={!ready}
        title={words("committee.trustee.open.pick")}
        take={(chosen) => void take(chosen)}
      />
    </>
  );
}

function rethrown(error: unknown): never {
  throw asKeyFile(error);
}

/** A derivation under way, which takes seconds, or what came of it. */
function useWork(opened: (desk: Desk) => void) {
  const [part, setPart] = useState<number | null>(null);
  const [told, setTold] = useState<Told | null>(null);
  const failed = (error: unknown): void => {
    setPart(null);
    setTold(toldOf(error));
  };
  const start = (work: (heard: (part: number) => void) => Promise<Desk>): void => {
    setTold(null);
    setPart(0);
    work(setPart).then(opened, failed);
  };
  return { busy: part !== null, part, told, start, failed, clear: () => setTold(null) };
}

function Working({ part, told }: { readonly part: number | null; readonly told: Told | null }) {
  return (
    <>
      <div role="status">
        {part !== null && (
          <>
            <p>{words("committee.trustee.open.deriving")}</p>
            <progress aria-label={words("committee.trustee.open.deriving")} max={1} value={part} />
          </>
        )}
      </div>
      <Refused told={told} />
    </>
  );
}

interface CopyProps {
  readonly desk: Desk;
  readonly go: string;
  readonly busy: boolean;
  readonly kept: () => void;
}

/** A second copy, saved and read back: only what was read is known to be there. */
export function SecondCopy({ desk, go, busy, kept }: CopyProps) {
  const [stage, setStage] = useState<"save" | "choose" | "same" | "other">("save");
  const save = (): void => {
    desk.vault.save(desk.state);
    setStage("choose");
  };
  const take = async (file: File): Promise<void> => {
    const bytes = new Uint8Array(await file.arrayBuffer().catch(() => new ArrayBuffer()));
    setStage(desk.vault.file !== null && sameBytes(bytes, desk.vault.file) ? "same" : "other");
  };
  return (
    <>
      <p>{words("committee.trustee.copy.what")}</p>
      <p role="status" class="state">
        {words(`committee.trustee.copy.${stage}`)}
      </p>
      {stage === "save" && <Button main title={words("committee.trustee.copy.go_save")} act={save} />}
      {stage === "same" && <Button main title={go} act={kept} busy={busy} />}
      {(stage === "choose" || stage === "other") && (
        <>
          <Pick id="copy-file" main title={words("committee.trustee.copy.pick")} take={(file) => void take(file)} />
          <Button title={words("committee.trustee.copy.again")} act={save} />
        </>
      )}
    </>
  );
}
