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
 *     issuance <sha256, hex>    of the opening only: tokens by channel, amendments of the roster
 *     opening <sha256, hex>     of the closing only: the text of the opening it follows
 *     list <sha256, hex>
 *
 * The server signs each; nobody relies on that alone. The definition is signed by every trustee, the
 * opening and the closing by a quorum of them, who reveal a salt each: from these comes the code that
 * people compare (docs/protocol.md §6.4).
 */

import {
  type Bytes,
  digest,
  digestOf,
  fingerprint,
  hexDigest,
  sha256,
  string,
  toText,
  utf8,
  uuid as uuidOf,
} from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import { codeOf, commitment, type Moment, needed, saltCommitment } from "../session/committee.ts";
import type { State } from "../session/lifecycle.ts";
import type { Election } from "../session/session.ts";
import { type Note, NoteKey, SALTED } from "./note.ts";

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
  open: ["roster", "present", "issued", "registered", "paper"],
  closed: ["registered", "cast", "paper", "late"],
  tallied: ["cast", "tallied"],
};

/** Beside the list, what else a state fixes by its hash. */
const NAMED: Readonly<Record<SignedState, readonly ("opening" | "issuance")[]>> = {
  sealed: [],
  open: ["issuance"],
  closed: ["opening"],
  tallied: [],
};

/** Who of the server must sign, and the chair. */
export const SIGNERS: Readonly<Record<SignedState, readonly Party[]>> = {
  sealed: ["registrar", "box", "chair"],
  open: ["registrar", "box", "chair"],
  closed: ["registrar", "box", "chair"],
  tallied: ["box", "chair"],
};

const MOMENT_OF: Readonly<Partial<Record<SignedState, Moment>>> = {
  sealed: "definition",
  open: "opening",
  closed: "closing",
};
const NUMBER = /^(?:0|[1-9][0-9]{0,9})$/;

/**
 * One state of a session; `counts` in the order of COUNTS, `digest` of the list that is final now,
 * `opening` of a closing the SHA-256 of the opening's text, `issuance` of an opening that of what it
 * fixes of issuance.json, else empty.
 */
export interface Checkpoint {
  readonly uuid: string;
  readonly state: SignedState;
  readonly phi: string;
  readonly counts: readonly number[];
  readonly digest: string;
  readonly opening: string;
  readonly issuance: string;
}

/** The text that is signed. */
export function body(checkpoint: Checkpoint): string {
  const { uuid, state, phi, counts, digest: listed } = checkpoint;
  const numbers = COUNTS[state].map((name, i) => `${name} ${counts[i] ?? ""}\n`);
  const named = NAMED[state].map((name) => `${name} ${checkpoint[name]}\n`);
  return `${origin(uuid)}\n${state}\nphi ${phi}\n${numbers.join("")}${named.join("")}list ${listed}\n`;
}

/** What a checkpoint's text says. Throws bad_checkpoint for any other than `body` would write. */
export function parseBody(text: string): Checkpoint {
  const [first = "", name = "", ...rest] = text.split("\n");
  const state = SIGNED_STATES.find((signed) => signed === name);
  if (state === undefined) throw new ProtocolError("bad_checkpoint", "not of a state that is signed");
  const names = ["phi", ...COUNTS[state], ...NAMED[state], "list"];
  const lines = rest.slice(0, -1).map((line) => [line.split(" ", 1)[0] ?? "", line.replace(/^[^ ]* ?/, "")] as const);
  if (lines.length !== names.length || lines.some(([given], i) => given !== names[i])) {
    throw new ProtocolError("bad_checkpoint", `${state}: a line is missing, or one too many`);
  }
  const checkpoint = read(state, first.slice(origin("").length), new Map(lines));
  if (body(checkpoint) !== text) throw new ProtocolError("bad_checkpoint", `${state}: not the text of a checkpoint`);
  return checkpoint;
}

function read(state: SignedState, uuid: string, values: ReadonlyMap<string, string>): Checkpoint {
  const value = (name: string): string => values.get(name) ?? "";
  try {
    return {
      uuid: uuidOf(uuid, "uuid"),
      state,
      phi: fingerprint(value("phi"), "phi"),
      counts: COUNTS[state].map((name) => Number(string(value(name), name, NUMBER))),
      digest: hexDigest(value("list"), "list"),
      opening: state === "closed" ? hexDigest(value("opening"), "opening") : "",
      issuance: state === "open" ? hexDigest(value("issuance"), "issuance") : "",
    };
  } catch (error) {
    throw new ProtocolError("bad_checkpoint", `${state}: ${error instanceof Error ? error.message : ""}`);
  }
}

/** SHA-256 of a checkpoint's text, hex: by it the closing names the opening. */
export function textDigest(text: string): string {
  return sha256(utf8(text));
}

/**
 * The checkpoint of a state; `listed` is the list that is final from now on, `opening` of a closing
 * the text of the opening it follows, `issuance` of an opening what it fixes of issuance.json.
 */
export function make(
  election: Election,
  state: SignedState,
  counts: readonly number[],
  listed: Uint8Array,
  { opening = "", issuance = "" }: { readonly opening?: string; readonly issuance?: string } = {},
): Checkpoint {
  return {
    uuid: election.uuid,
    state,
    phi: election.phi,
    counts,
    digest: sha256(listed),
    opening: state === "closed" ? textDigest(opening) : "",
    issuance: state === "open" ? textDigest(issuance) : "",
  };
}

/** The checkpoint of the seal, which the definition alone decides. */
export function sealed({ uuid, phi, ours }: Election): Checkpoint {
  return { uuid, state: "sealed", phi, counts: [ours.rosterSize], digest: ours.trustees, opening: "", issuance: "" };
}

/** The first line of every note of a session. */
export function origin(uuid: string): string {
  return `phieukin/${uuid}`;
}

/** The note key of a party. Throws bad_definition for a stock election. */
export function partyKey(election: Election, party: Party): NoteKey {
  return new NoteKey(`${origin(election.uuid)}/${party}`, election.ours[party]);
}

/** The server's keys that sign a checkpoint of this state, and the chair's. */
export function partyKeys(election: Election, state: SignedState): NoteKey[] {
  return SIGNERS[state].map((party) => partyKey(election, party));
}

/** The note key of a trustee, numbered from 1: the key of its certificate, as Ed25519. */
export function trusteeKey(election: Election, owner: number): NoteKey {
  return new NoteKey(`${origin(election.uuid)}/trustee-${owner}`, memberOf(election, owner).key, SALTED);
}

function memberOf(election: Election, owner: number) {
  const member = election.ours.committee.members[owner - 1];
  if (member === undefined) throw new ProtocolError("bad_checkpoint", `there is no trustee ${owner}`);
  return member;
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
 * `listed` is the SHA-256 of the list, hex, or null where the list is not at hand; `known` the counts
 * that this device knows: the others, and what an opening or closing names beside its list, are
 * taken as they are claimed. Throws bad_checkpoint: of another state, list or session, other counts, or not signed.
 */
export function checkNote(
  note: Note,
  election: Election,
  state: State,
  listed: string | null,
  known: Readonly<Record<string, number>> = {},
): Checkpoint {
  const claimed = parseBody(note.text);
  if (claimed.state !== state) throw new ProtocolError("bad_checkpoint", `of the state ${claimed.state}, not ${state}`);
  const { rosterSize } = election.ours;
  // Amendments may change the roster afterwards; audits count them.
  const certain: Readonly<Record<string, number>> = state === "sealed" ? { roster: rosterSize, ...known } : known;
  const counts = COUNTS[claimed.state].map(
    (name, i) => (Object.hasOwn(certain, name) ? certain[name] : claimed.counts[i]) ?? 0,
  );
  const { uuid, phi } = election;
  const expected: Checkpoint = { ...claimed, uuid, phi, counts, digest: listed ?? claimed.digest };
  check(note, expected, partyKeys(election, claimed.state));
  return expected;
}

// --- The committee --------------------------------------------------------------------------

/** The trustees under whose keys a line stands on the note, ascending; not checked. */
export function signers(note: Note, election: Election): number[] {
  const owners = election.ours.committee.members.map((_, i) => i + 1);
  return owners.filter((owner) => note.signedBy(trusteeKey(election, owner)));
}

/**
 * This trustee signed the note, and revealed the salt it had committed to; returns the salt.
 *
 * Throws bad_checkpoint: not signed by it, or another salt, or not a checkpoint of this session that
 * trustees sign.
 */
export function checkTrustee(note: Note, election: Election, owner: number): Uint8Array {
  const moment = momentOf(note, election);
  const key = trusteeKey(election, owner);
  note.check([key]);
  const [salt, member] = [note.salt(key), memberOf(election, owner)];
  if (saltCommitment(moment, member.key, salt) !== commitment(member, moment)) {
    const detail = `the salt that trustee ${owner} revealed is not the one it committed to`;
    throw new ProtocolError("bad_checkpoint", detail);
  }
  return salt;
}

/**
 * The code that people compare, 100 bits of what was signed and of the revealed salts, once the
 * committee has signed: everyone a definition, exactly a quorum an opening or closing. Null while
 * fewer have, each of them rightly: the committee is being waited for, and nobody may rely on it.
 *
 * Throws bad_checkpoint: too many trustees, a wrong signature, or another salt.
 */
export function committeeCode(note: Note, election: Election): string | null {
  const moment = momentOf(note, election);
  const owners = signers(note, election);
  const salts = owners.map((owner) => checkTrustee(note, election, owner));
  const enough = needed(election.ours.committee, moment);
  if (owners.length > enough) {
    throw new ProtocolError("bad_checkpoint", `the ${moment} is signed by ${owners.length} trustees, not by ${enough}`);
  }
  if (owners.length < enough) return null;
  return codeOf(moment, moment === "definition" ? digestOf(election.phi) : digest(utf8(note.text)), salts);
}

/** The code, as `committeeCode`; throws bad_checkpoint also where fewer have signed. */
export function checkCommittee(note: Note, election: Election): string {
  const code = committeeCode(note, election);
  if (code === null) throw new ProtocolError("bad_checkpoint", "too few trustees have signed: nobody may rely on it");
  return code;
}

function momentOf(note: Note, election: Election): Moment {
  const { state, uuid, phi } = parseBody(note.text);
  const moment = MOMENT_OF[state];
  if (moment === undefined) {
    throw new ProtocolError("bad_checkpoint", `${state}: the committee signs no such checkpoint`);
  }
  // The same committee stands in any definition that copies it: the code of this one may come only
  // from signatures that name it.
  if (uuid !== election.uuid || phi !== election.phi) {
    throw new ProtocolError("bad_checkpoint", `${state}: of another session`);
  }
  if (state === "sealed" && note.text !== body(sealed(election))) {
    throw new ProtocolError("bad_checkpoint", "sealed: not what the definition says");
  }
  return moment;
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
