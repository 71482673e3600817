/**
 * Checkpoints and promises: what the parties of a session sign (docs/protocol.md §6; the twin of
 * crypto/checkpoint.py and of the checks in admin/client/session_view.py).
 *
 * A checkpoint is a signed note that fixes one state of the session: its counts and the SHA-256 of
 * the list that is final from then on.
 *
 *     phieukin/<uuid>
 *     <state>
 *     phi <φ>
 *     <count> <number>          one line for each count of the state
 *     list <sha256, hex>
 */

import { type Bytes, digest, hexDigest, sha256, spoken, toText, utf8 } from "./encoding.ts";
import { ProtocolError } from "./errors.ts";
import type { State } from "./lifecycle.ts";
import { type Note, NoteKey } from "./note.ts";
import type { Election } from "./session.ts";

/** The states that are signed, in the order of their notes in checkpoints.txt. */
export const SIGNED_STATES = ["sealed", "open", "closed", "tallied"] as const satisfies readonly State[];
export type SignedState = (typeof SIGNED_STATES)[number];

export type Party = "registrar" | "box" | "chair";

/**
 * The counts of each state. The list concerned is, sealed: trustees.json; open: the credentials;
 * closed: the trackers; tallied: the result.
 */
export const COUNTS: Readonly<Record<SignedState, readonly string[]>> = {
  sealed: ["roster"],
  open: ["roster", "present", "issued", "registered"],
  closed: ["registered", "cast"],
  tallied: ["cast", "tallied"],
};

/** Who must sign; at the seal also every trustee, which audits check. */
export const SIGNERS: Readonly<Record<SignedState, readonly Party[]>> = {
  sealed: ["registrar", "box", "chair"],
  open: ["registrar", "box", "chair"],
  closed: ["box", "chair"],
  tallied: ["box", "chair"],
};

const SHORT_GROUPS = 2; // 40 bits

/** One state of a session; `counts` in the order of COUNTS, `digest` of the list that is final now. */
export interface Checkpoint {
  readonly uuid: string;
  readonly state: SignedState;
  readonly phi: string;
  readonly counts: readonly number[];
  readonly digest: string;
}

/** The text that is signed. */
export function body(checkpoint: Checkpoint): string {
  const numbers = COUNTS[checkpoint.state].map((name, i) => `${name} ${checkpoint.counts[i] ?? ""}\n`);
  const head = `${origin(checkpoint.uuid)}\n${checkpoint.state}\nphi ${checkpoint.phi}\n`;
  return `${head}${numbers.join("")}list ${checkpoint.digest}\n`;
}

/** The checkpoint of a state; `listed` is the list that is final from now on. */
export function make(
  election: Election,
  state: SignedState,
  counts: readonly number[],
  listed: Uint8Array,
): Checkpoint {
  return { uuid: election.uuid, state, phi: election.phi, counts, digest: sha256(listed) };
}

/** Eight characters (40 bits) of the hash of a checkpoint's text, to compare with the hall screen. */
export function shortCode(text: string): string {
  return spoken(digest(utf8(text)), SHORT_GROUPS);
}

/** The first line of every note of a session. */
export function origin(uuid: string): string {
  return `phieukin/${uuid}`;
}

/** The note key of a party. Throws bad_definition for a stock election. */
export function partyKey(election: Election, party: Party): NoteKey {
  return new NoteKey(`${origin(election.uuid)}/${party}`, election.ours[party]);
}

/** What a checkpoint's text says. Throws bad_checkpoint if it is not a text of this form. */
export function parseBody(text: string): Checkpoint {
  const [first = "", name = "", phi = "", ...rest] = text.split("\n");
  const state = SIGNED_STATES.find((signed) => signed === name);
  if (state === undefined) throw new ProtocolError("bad_checkpoint", "not of a state that is signed");
  const list = rest.at(-2) ?? "";
  const checkpoint: Checkpoint = {
    uuid: first.slice(origin("").length),
    state,
    phi: phi.slice("phi ".length),
    counts: claimed(text, state),
    digest: list.slice("list ".length),
  };
  if (body(checkpoint) !== text) throw new ProtocolError("bad_checkpoint", `${state}: not the text of a checkpoint`);
  return checkpoint;
}

/** The numbers that a checkpoint claims; what they must be, an audit says. Throws bad_checkpoint. */
export function claimed(text: string, state: SignedState): number[] {
  const lines = text.split("\n");
  return COUNTS[state].map((name) => {
    const line = lines.filter((row) => row.slice(0, row.lastIndexOf(" ")) === name).at(-1) ?? "";
    const number = line.slice(name.length + 1);
    if (!/^(?:0|[1-9][0-9]{0,9})$/.test(number)) {
      throw new ProtocolError("bad_checkpoint", `${state}: a count is missing`);
    }
    return Number(number);
  });
}

/** Throws bad_checkpoint unless the note says what is expected and all keys signed it. */
export function check(note: Note, expected: Checkpoint, keys: readonly NoteKey[]): void {
  const wanted = body(expected);
  if (note.text !== wanted) {
    const lines = note.text.split("\n");
    const differing = wanted.split("\n").find((line, i) => line !== lines[i]) ?? "its length";
    throw new ProtocolError("bad_checkpoint", `differs from the record at: ${differing}`);
  }
  note.check(keys);
}

/**
 * A note is the checkpoint of a state, fixes this list, and is signed by registrar, box and chair.
 *
 * `listed` is the SHA-256 of the list, hex; `known` the counts that this device knows: the others are
 * taken as they are claimed. The trustees' signatures are checked with their keys in every audit.
 * Throws bad_checkpoint: of another state, list or session, other counts, or not signed.
 */
export function checkNote(
  note: Note,
  election: Election,
  state: State,
  listed: string,
  known: Readonly<Record<string, number>> = {},
): Checkpoint {
  const signed = SIGNED_STATES.find((name) => name === state);
  if (signed === undefined) throw new ProtocolError("bad_checkpoint", `nothing is signed in the state ${state}`);
  const parameters = election.ours;
  // Amendments may change the roster afterwards; audits count them.
  const certain: Readonly<Record<string, number>> =
    signed === "sealed" ? { roster: parameters.rosterSize, ...known } : known;
  const claims = claimed(note.text, signed);
  const counts = COUNTS[signed].map((name, i) => (Object.hasOwn(certain, name) ? certain[name] : claims[i]) ?? 0);
  const { uuid, phi } = election;
  const expected: Checkpoint = { uuid, state: signed, phi, counts, digest: hexDigest(listed, "list") };
  check(
    note,
    expected,
    SIGNERS[signed].map((party) => partyKey(election, party)),
  );
  return expected;
}

// --- Promises -----------------------------------------------------------------------------

/** What the box signs when a ballot is durably stored. */
export function promiseBody(uuid: string, phi: string, tracker: string): string {
  return `${origin(uuid)}\npromise\nphi ${phi}\ntracker ${tracker}\n`;
}

/** Throws bad_checkpoint unless the note is the box's promise for this tracker. */
export function checkPromise(note: Note, election: Election, tracker: string): void {
  if (note.text !== promiseBody(election.uuid, election.phi, tracker)) {
    throw new ProtocolError("bad_checkpoint", "the promise is not for this ballot");
  }
  note.check([partyKey(election, "box")]);
}

/** The tracker of a promise that was kept. Throws bad_checkpoint: not this box's in this session. */
export function trackerOf(promise: Note, election: Election): string {
  const tracker = /^tracker (.*)$/m.exec(promise.text)?.[1] ?? "";
  checkPromise(promise, election, tracker);
  return tracker;
}

// --- checkpoints.txt ----------------------------------------------------------------------

/** The notes of a checkpoints.txt. Throws bad_checkpoint: not pairs of a text and its signatures. */
export function splitNotes(data: Uint8Array): Bytes[] {
  let blocks: string[];
  try {
    blocks = toText(data).split("\n\n");
  } catch {
    throw new ProtocolError("bad_checkpoint", "checkpoints.txt: not UTF-8");
  }
  if (blocks.length % 2 !== 0) {
    throw new ProtocolError("bad_checkpoint", "checkpoints.txt: a text without signatures");
  }
  const notes: string[] = [];
  for (let i = 0; i < blocks.length; i += 2) notes.push(`${blocks[i]}\n\n${blocks[i + 1]}\n`);
  // After the last one there was no empty line.
  return notes.map((note, i) => utf8(i === notes.length - 1 ? note.slice(0, -1) : note));
}
