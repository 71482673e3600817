/**
 * The two files by which a trustee works without a network (docs/phone-page.md, Work by files). A step
 * file has what the server shows a trustee, exactly as it was sent, for the step at which the session is:
 *
 *     {"schema":"phieukin.step/1","uuid":…,"parts":{"committee":N,"checkpoints":N,"credentials":N,"record":N}} LF
 *     the bytes of each part, N of them, in this order; 0 where the step needs none
 *
 * An answer is the message that the server is to have, and nothing else: the same file that `phieukin
 * trustee` writes. Nobody has to believe either: each is checked as if it came by the network.
 */

import {
  type Bytes,
  canonical,
  fields,
  integer,
  parseJson,
  string,
  toText,
  uuid,
} from "../../../protocol/encoding/encoding.ts";
import { ProtocolError } from "../../../protocol/encoding/errors.ts";
import { parseBody } from "../../../protocol/record/checkpoint.ts";
import { parseNote } from "../../../protocol/record/note.ts";
import type { Moment } from "../../../protocol/session/committee.ts";
import { readNotes } from "../../../protocol/trustee/signable.ts";
import { recordLimit } from "../closed.ts";
import { Fault } from "../fault.ts";
import { decodeView, definitionOf, KINDS, SIGNATURES, type View } from "../view.ts";
import type { Left } from "./courier.ts";
import { json, LIMIT, type Server } from "./server.ts";

const SCHEMA = "phieukin.step/1";
const PARTS = ["committee", "checkpoints", "credentials", "record"] as const;
const HEADER_LIMIT = 512; // bytes
const RECORD_LIMIT = 2 ** 32; // bytes (docs/protocol.md §8.2)
const ANSWER_LIMIT = 1 << 20; // bytes, as the server takes (bot/web/committee.py)
const LF = 10;

/** A step file, taken apart; `record` is not read yet. */
export interface StepFile {
  readonly view: View;
  readonly checkpoints: Bytes;
  readonly credentials: Bytes;
  readonly record: Blob;
}

// --- The step file --------------------------------------------------------------------------------

/** What the server shows now, for the trustee who logged in. Throws a Fault; incomplete: not all is there yet. */
export async function fetchStep(server: Server): Promise<File> {
  const committee = await server.overview();
  const view = decodeView(server.uuid, json(committee));
  const none = new Uint8Array();
  const checkpoints = view.state === "draft" ? none : await server.checkpoints();
  const credentials = view.state === "opening" ? await server.credentials() : none;
  const record = view.state === "closed" ? await closedRecord(server, view, checkpoints) : new Blob();
  const parts = { committee: committee.length, checkpoints: checkpoints.length };
  const sizes = { ...parts, credentials: credentials.length, record: record.size };
  const header = canonical({ schema: SCHEMA, uuid: server.uuid, parts: sizes });
  return new File(
    [header, "\n", committee, checkpoints, credentials, record],
    `${view.uuid}-trustee-${view.index}-${view.state}.step`,
  );
}

function closedRecord(server: Server, view: View, checkpoints: Bytes): Promise<Blob> {
  const notes = readNotes(checkpoints);
  if (notes.closing === undefined) throw new ProtocolError("incomplete", "the server has not signed the closing yet");
  return server.record(recordLimit(definitionOf(view), notes));
}

/** Throws a Fault no_step_file: another kind of file; cut_step_file: not all of it; malformed. */
export async function readStep(file: Blob): Promise<StepFile> {
  const beginning = await bytesOf(file.slice(0, HEADER_LIMIT));
  const end = beginning.indexOf(LF);
  const header = end < 0 ? null : headerOf(beginning.subarray(0, end));
  if (header === null) throw new Fault("no_step_file", "the first line is not that of a step file");
  const { uuid: session, sizes } = header;
  const whole = end + 1 + sizes.reduce((sum, size) => sum + size, 0);
  if (file.size < whole) throw new Fault("cut_step_file", `${file.size} bytes of ${whole}`);
  const places = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, end + 1));
  const [committee, checkpoints, credentials, record] = places.map((place, i) =>
    file.slice(place, place + (sizes[i] ?? 0)),
  );
  return {
    view: decodeView(session, json(await bytesOf(committee))),
    checkpoints: await bytesOf(checkpoints),
    credentials: await bytesOf(credentials),
    record: record ?? new Blob(),
  };
}

function headerOf(line: Bytes): { readonly uuid: string; readonly sizes: readonly number[] } | null {
  try {
    const {
      schema,
      uuid: session,
      parts,
    } = fields(parseJson(line, "step", HEADER_LIMIT), "step", ["schema", "uuid", "parts"]);
    string(schema, "step.schema", /^phieukin\.step\/1$/);
    const sizes = fields(parts, "step.parts", PARTS);
    const sizeOf = (name: (typeof PARTS)[number]): number =>
      integer(sizes[name], `step.parts.${name}`, 0, name === "record" ? RECORD_LIMIT : LIMIT);
    return { uuid: uuid(session, "step.uuid"), sizes: PARTS.map(sizeOf) };
  } catch {
    return null;
  }
}

async function bytesOf(part: Blob | undefined): Promise<Bytes> {
  try {
    return new Uint8Array((await part?.arrayBuffer()) ?? new ArrayBuffer());
  } catch (error) {
    throw new Fault("no_step_file", String(error)); // the stick was pulled out
  }
}

// --- The answer -----------------------------------------------------------------------------------

/** A message as a file to be carried. */
export function answerFile({ uuid: session, index }: View, kind: Left, message: Bytes): File {
  const content = kind === "checked" ? canonical({ schema: "phieukin.checked/1", uuid: session, index }) : message;
  const suffix = KINDS.some((name) => name === kind) && content[0] === "{".charCodeAt(0) ? "json" : "txt";
  return new File([content], `${session}-trustee-${index}-${kind}.${suffix}`);
}

/** What an answer is, by what is in it. Throws a Fault no_answer: none; other_answer: another trustee's or session's. */
export async function readAnswer(file: Blob, view: View): Promise<{ readonly kind: Left; readonly message: Bytes }> {
  if (file.size > ANSWER_LIMIT) throw new Fault("no_answer", `${file.size} bytes`);
  const message = await bytesOf(file);
  const kind = kindOf(message, view);
  return { kind, message: kind === "checked" ? new Uint8Array() : message };
}

function kindOf(message: Bytes, view: View): Left {
  const beginning = new TextDecoder().decode(message.subarray(0, 64));
  if (beginning.startsWith("phieukin/")) return momentOf(message, view);
  const [, schema] = /^\{"schema":"phieukin\.(step1|single|step2|step3|share|checked)\/\d+"/.exec(beginning) ?? [];
  if (schema === undefined) throw new Fault("no_answer", "no message of a trustee");
  const own = `"uuid":"${view.uuid}","index":${view.index}}`;
  if (schema === "checked" && !toText(message).endsWith(own)) throw new Fault("other_answer", "another trustee's");
  return schema === "single" ? "step1" : (schema as Left);
}

/** Which of the three signatures a note is. */
function momentOf(message: Bytes, view: View): Left {
  try {
    const { text } = parseNote(message);
    const { state, uuid: session } = parseBody(text);
    if (session !== view.uuid) throw new Fault("other_answer", "another session's");
    const moments: Readonly<Record<string, Moment>> = { sealed: "definition", open: "opening", closed: "closing" };
    const moment = moments[state];
    if (moment === undefined) throw new Fault("no_answer", `a checkpoint of ${state}`);
    return SIGNATURES[moment];
  } catch (error) {
    if (error instanceof ProtocolError) throw new Fault("no_answer", error.message);
    throw error;
  }
}
