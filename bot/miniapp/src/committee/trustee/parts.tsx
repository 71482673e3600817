/** What the screens of a trustee are made of: a title, one main button, a field with its mistake. */

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { words } from "../../shared/words.ts";
import type { CodeKind, Desk } from "./desk.ts";
import type { Told } from "./fault.ts";
import { safeOf } from "./safe.ts";

interface ButtonProps {
  readonly title: string;
  readonly act: () => void;
  readonly busy?: boolean;
  readonly main?: boolean;
}

export function Button({ title, act, busy = false, main = false }: ButtonProps) {
  return (
    <button type="button" class={main ? "button primary go" : "button"} disabled={busy} onClick={act}>
      {title}
    </button>
  );
}

/** The code in groups, as it is read aloud. */
export function Code({ code }: { readonly code: string }) {
  return (
    <ol class="groups">
      {code.split("-").map((group, i) => (
        <li key={i}>{group}</li>
      ))}
    </ol>
  );
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly help?: string;
  readonly wrong: string;
  readonly type?: "text" | "password";
  readonly numeric?: boolean;
  readonly value: string;
  readonly set: (value: string) => void;
}

export function Field({ id, label, help, wrong, type = "text", numeric = false, value, set }: FieldProps) {
  const common = {
    id,
    value,
    inputMode: numeric ? ("numeric" as const) : ("text" as const),
    "aria-describedby": help ? `${id}-how ${id}-wrong` : `${id}-wrong`,
    "aria-invalid": wrong !== "",
    autocomplete: "off" as const,
    spellcheck: false,
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => set(event.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {help && <p id={`${id}-how`}>{help}</p>}
      {type === "password" ? (
        <input {...common} type="password" autocomplete="new-password" />
      ) : (
        <input {...common} type="text" />
      )}
      <p id={`${id}-wrong`} role="alert" class="wrong">
        {wrong}
      </p>
    </div>
  );
}

interface FormProps {
  readonly go: string;
  readonly submit: () => void;
  readonly busy?: boolean;
  readonly children: ComponentChildren;
}

/** Fields, and the main button that takes them. */
export function Form({ go, submit, busy = false, children }: FormProps) {
  const sent = (event: Event): void => {
    event.preventDefault();
    if (!busy) submit();
  };
  return (
    <form onSubmit={sent} noValidate>
      {children}
      <button type="submit" class="button primary go" disabled={busy}>
        {go}
      </button>
    </form>
  );
}

interface CompareProps {
  readonly desk: Desk;
  readonly kind: CodeKind;
  readonly code: string;
  readonly busy?: boolean;
  readonly same: () => void;
}

/** One group of the code, drawn anew, typed as it was heard or seen: nobody can prepare for it. */
export function Compare({ desk, kind, code, busy = false, same }: CompareProps) {
  const [place] = useState(() => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % code.split("-").length);
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState("");
  const submit = (): void => {
    const right = desk.compare(kind, code, place, typed);
    setWrong(
      right ? "" : words(typed.trim() === "" ? "committee.trustee.compare.needed" : "committee.trustee.compare.wrong"),
    );
    if (right) same();
  };
  return (
    <>
      <h2>{words(`committee.trustee.compare.${kind}`)}</h2>
      <Code code={code} />
      <Form go={words("committee.trustee.compare.go")} submit={submit} busy={busy}>
        <Field
          id="group"
          label={words(`committee.trustee.compare.ask_${kind}`, { number: place + 1 })}
          wrong={wrong}
          value={typed}
          set={setTyped}
        />
      </Form>
    </>
  );
}

interface HeadCountProps {
  readonly busy: boolean;
  readonly counted: (people: number) => void;
}

/** The committee's own number, asked for before the server's are shown: so nobody copies them. */
export function HeadCount({ busy, counted }: HeadCountProps) {
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState("");
  const submit = (): void => {
    const right = /^[0-9]{1,6}$/.test(typed.trim());
    setWrong(right ? "" : words("committee.trustee.count.wrong"));
    if (right) counted(Number(typed.trim()));
  };
  return (
    <Form go={words("committee.trustee.count.go")} submit={submit} busy={busy}>
      <Field
        id="people"
        label={words("committee.trustee.count.label")}
        help={words("committee.trustee.count.how")}
        wrong={wrong}
        numeric
        value={typed}
        set={setTyped}
      />
    </Form>
  );
}

interface PickProps {
  readonly id: string;
  readonly title: string;
  readonly main?: boolean;
  readonly take: (file: File) => void;
}

/** A button that opens the browser's choice of one file. */
export function Pick({ id, title, main = false, take }: PickProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button title={title} main={main} act={() => input.current?.click()} />
      <input
        ref={input}
        id={id}
        type="file"
        hidden
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = ""; // the same file may be chosen again
          if (file !== undefined) take(file);
        }}
      />
    </>
  );
}

/** What was refused without an end to the work: what is wrong, what is safe, what to do. */
export function Refused({ told }: { readonly told: Told | null }) {
  return (
    <div role="alert">
      {told !== null && (
        <div class="card alarm">
          <h2>{words(`committee.trustee.fault.${told.fault}.title`)}</h2>
          <p>{words(`committee.trustee.safe.${safeOf(told.fault)}`)}</p>
          <p>{words(`committee.trustee.fault.${told.fault}.do`)}</p>
        </div>
      )}
    </div>
  );
}
