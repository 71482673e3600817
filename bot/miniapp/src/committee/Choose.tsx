/** The first screen: the record, the code from the hall, and what else the auditor has. */

import { useRef, useState } from "preact/hooks";
import { isCode } from "../protocol/encoding/encoding.ts";
import { words } from "../shared/words.ts";
import { useDrop } from "./drop.ts";
import { KINDS, type Kind, recognise, type Stray } from "./recognise.ts";

const FINGERPRINT = /^[A-Za-z0-9+/]{43}$/;
const MEGABYTE = 1e6;

/** A file that the audit can take. */
export interface Chosen {
  readonly file: File;
  readonly kind: Kind;
}

/** What is to be audited. */
export interface Request {
  readonly record: File;
  readonly scope: "record" | "archive";
  readonly fingerprint: string | null;
  readonly promises: readonly File[];
  readonly auditors: File | null;
}

interface Refused {
  readonly name: string;
  readonly why: Stray | "two_records";
}

export function Choose({ start }: { readonly start: (request: Request) => void }) {
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const [refused, setRefused] = useState<readonly Refused[]>([]);
  const [code, setCode] = useState("");
  const [wrong, setWrong] = useState<"code" | "record" | null>(null);
  const take = async (files: readonly File[], folders: readonly string[] = []): Promise<void> => {
    const sorted = await sort(files, folders);
    setRefused(sorted.refused);
    if (sorted.taken.some(({ kind }) => isRecord(kind))) setWrong((was) => (was === "record" ? null : was));
    setChosen((before) => merged(before, sorted.taken));
  };
  useDrop(take);
  const record = chosen.find(({ kind }) => isRecord(kind));
  const others = chosen.filter(({ kind }) => !isRecord(kind));
  const submit = (event: Event): void => {
    event.preventDefault();
    const typed = code.trim();
    const unlike = typed !== "" && !isCode(typed) && !FINGERPRINT.test(typed);
    setWrong(record === undefined ? "record" : unlike ? "code" : null);
    if (record === undefined || unlike) return;
    start({
      record: record.file,
      scope: record.kind === "archive" ? "archive" : "record",
      fingerprint: typed === "" ? null : typed,
      promises: others.filter(({ kind }) => kind === "promise").map(({ file }) => file),
      auditors: others.find(({ kind }) => kind === "auditors")?.file ?? null,
    });
  };
  return (
    <form class="choose" onSubmit={submit} noValidate>
      <h1>{words("committee.choose.title")}</h1>
      <p>{words("committee.choose.what")}</p>
      <p class="note">{words("committee.choose.offline")}</p>
      <Refusals refused={refused} />
      <section aria-labelledby="record-title">
        <h2 id="record-title">{words("committee.choose.record")}</h2>
        <p id="record-how">{words("committee.choose.record_how")}</p>
        <ChosenFiles chosen={record ? [record] : []} remove={null} />
        <Picker
          id="record"
          title={words(record ? "committee.choose.record_other" : "committee.choose.record_pick")}
          help="record-how record-needed"
          many={false}
          take={take}
        />
        <p id="record-needed" role="alert" class="wrong">
          {wrong === "record" && words(strayOnly(others))}
        </p>
      </section>
      <section aria-labelledby="code-title">
        <h2>
          <label id="code-title" for="code">
            {words("committee.choose.code")}
          </label>
        </h2>
        <p id="code-how">{words("committee.choose.code_how")}</p>
        <input
          id="code"
          value={code}
          aria-describedby="code-how code-wrong"
          aria-invalid={wrong === "code"}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          onInput={(event) => {
            setCode(event.currentTarget.value);
            setWrong((was) => (was === "code" ? null : was));
          }}
        />
        <p id="code-wrong" role="alert" class="wrong">
          {wrong === "code" && words("committee.choose.code_wrong")}
        </p>
      </section>
      <section aria-labelledby="more-title">
        <h2 id="more-title">{words("committee.choose.more")}</h2>
        <p id="more-how">{words("committee.choose.more_how")}</p>
        <ChosenFiles chosen={others} remove={(file) => setChosen((all) => all.filter((one) => one.file !== file))} />
        <Picker id="more" title={words("committee.choose.more_pick")} help="more-how" many take={take} />
      </section>
      <button type="submit" class="button primary go">
        {words("committee.choose.go")}
      </button>
    </form>
  );
}

function isRecord(kind: Kind): boolean {
  return kind === "record" || kind === "archive";
}

/** Without a record: what there is instead. */
function strayOnly(others: readonly Chosen[]) {
  const kind = others[0]?.kind;
  if (kind === "promise" || kind === "auditors") return `committee.wrong_file.${kind}` as const;
  return "committee.choose.needed" as const;
}

async function sort(files: readonly File[], folders: readonly string[]) {
  const kinds = await Promise.all(files.map(recognise));
  const taken: Chosen[] = [];
  const refused: Refused[] = folders.map((name) => ({ name, why: "folder" }));
  for (const [i, file] of files.entries()) {
    const kind = kinds[i] ?? "unknown";
    const second = isRecord(kind as Kind) && taken.some((one) => isRecord(one.kind));
    if (second) refused.push({ name: file.name, why: "two_records" });
    else if (isKind(kind)) taken.push({ file, kind });
    else refused.push({ name: file.name, why: kind });
  }
  return { taken, refused };
}

function isKind(kind: Kind | Stray): kind is Kind {
  return (KINDS as readonly string[]).includes(kind);
}

/** A new record, or a new bundle, takes the place of the one before; receipts add up. */
function merged(before: readonly Chosen[], taken: readonly Chosen[]): Chosen[] {
  const replaced = (old: Chosen): boolean =>
    taken.some(
      (one) =>
        (isRecord(one.kind) && isRecord(old.kind)) ||
        (one.kind === "auditors" && old.kind === "auditors") ||
        (one.file.name === old.file.name && one.file.size === old.file.size),
    );
  return [...before.filter((old) => !replaced(old)), ...taken];
}

function Refusals({ refused }: { readonly refused: readonly Refused[] }) {
  return (
    <div role="alert">
      {refused.map(({ name, why }) => (
        <div class="card alarm" key={name}>
          <h2>{words("committee.wrong_file.title", { name })}</h2>
          <p>{words(`committee.wrong_file.${why}`)}</p>
          <p>{words("committee.wrong_file.safe")}</p>
        </div>
      ))}
    </div>
  );
}

interface ChosenProps {
  readonly chosen: readonly Chosen[];
  readonly remove: ((file: File) => void) | null;
}

function ChosenFiles({ chosen, remove }: ChosenProps) {
  if (chosen.length === 0) return null;
  return (
    <ul class="chosen" aria-live="polite">
      {chosen.map(({ file, kind }) => (
        <li key={file.name}>
          <strong>{file.name}</strong>
          <span class="quiet">{` (${megabytes(file)}, ${words(`committee.choose.kind_${kind}`)})`}</span>
          {remove && (
            <button type="button" class="button" onClick={() => remove(file)}>
              {words("committee.choose.remove", { name: file.name })}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** The size of a file as people read it. */
function megabytes(file: File): string {
  const size = new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 2 });
  return words("committee.choose.size", { size: size.format(file.size / MEGABYTE) });
}

interface PickerProps {
  readonly id: string;
  readonly title: string;
  readonly help: string;
  readonly many: boolean;
  readonly take: (files: readonly File[]) => Promise<void>;
}

/** A button that opens the browser's choice of files. */
function Picker({ id, title, help, many, take }: PickerProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="button" aria-describedby={help} onClick={() => input.current?.click()}>
        {title}
      </button>
      <input
        ref={input}
        id={id}
        type="file"
        hidden
        multiple={many}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = ""; // the same file may be chosen again, once it is mended
          void take(files);
        }}
      />
    </>
  );
}
