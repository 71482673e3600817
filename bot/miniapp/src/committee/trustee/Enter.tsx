/** The first screen of a trustee: the link or the code of its letter. */

import { useState } from "preact/hooks";
import { words } from "../../shared/words.ts";
import { useDrop } from "../drop.ts";
import { type Entry, entryOf, isLink } from "./courier/link.ts";
import { ownServer } from "./courier/policy.ts";
import { type FaultName, toldOf } from "./fault.ts";
import { Field, Form, Pick } from "./parts.tsx";

interface Props {
  readonly enter: (entry: Entry) => void;
  /** Without a network: a step file was chosen. */
  readonly carried: (file: File) => void;
}

export function Enter({ enter, carried }: Props) {
  useDrop(async ([file]) => file && carried(file));
  const [text, setText] = useState("");
  const [server, setServer] = useState(ownServer() ?? "");
  const [uuid, setUuid] = useState("");
  const [wrong, setWrong] = useState<FaultName | null>(null);
  const submit = (): void => {
    try {
      enter(entryOf({ text, server, uuid }));
    } catch (error) {
      setWrong(toldOf(error).fault);
    }
  };
  const whole = isLink(text.trim());
  const mistake = wrong === null ? "" : words(`committee.trustee.fault.${wrong}.do`);
  return (
    <>
      <h1 tabIndex={-1}>{words("committee.trustee.enter.title")}</h1>
      <p>{words("committee.trustee.enter.what")}</p>
      <Form go={words("committee.trustee.enter.go")} submit={submit}>
        <Field
          id="letter"
          label={words("committee.trustee.enter.letter")}
          help={words("committee.trustee.enter.letter_how")}
          wrong={mistake}
          value={text}
          set={(typed) => {
            setText(typed);
            setWrong(null);
          }}
        />
        {!whole && text.trim() !== "" && (
          <>
            <Field
              id="server"
              label={words("committee.trustee.enter.server")}
              help={words("committee.trustee.enter.server_how")}
              wrong=""
              value={server}
              set={setServer}
            />
            <Field
              id="session"
              label={words("committee.trustee.enter.session")}
              help={words("committee.trustee.enter.session_how")}
              wrong=""
              value={uuid}
              set={setUuid}
            />
          </>
        )}
      </Form>
      <section>
        <h2>{words("committee.trustee.files.offline")}</h2>
        <p>{words("committee.trustee.files.offline_how")}</p>
        <Pick id="step-file" title={words("committee.trustee.files.pick")} take={carried} />
      </section>
    </>
  );
}
