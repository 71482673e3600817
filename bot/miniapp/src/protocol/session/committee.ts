/**
 * The counting committee as the definition names it: its keys, its salts, its quorum
 * (docs/protocol.md §6.4; the twin of crypto/committee.py).
 *
 * At three moments the committee looks and signs: the definition, the sealed empty box, the closed
 * box. Before there is a definition each trustee commits to one random salt for each moment, and
 * reveals it with that signature. The codes that people compare are hashes of what was signed and of
 * these salts, so that nobody, whoever writes the definition or collects the ballots, can choose one.
 */

import {
  array,
  type Bytes,
  CODE_GROUPS,
  concat,
  digest,
  fields,
  fromBase64,
  hexDigest,
  integer,
  type Json,
  sha256,
  spoken,
  utf8,
} from "../encoding/encoding.ts";
import { malformed } from "../encoding/errors.ts";
import { elementBytes } from "../group/group.ts";

export const MAX_TRUSTEES = 32;

const KEY_BYTES = 32;

export const MOMENTS = ["definition", "opening", "closing"] as const;
/** When the committee signs. */
export type Moment = (typeof MOMENTS)[number];

/**
 * A trustee as the definition names it: the key of its certificate, as an Ed25519 public key of 32
 * bytes, and what it committed to, one digest for each moment in their order, hex.
 */
export interface Member {
  readonly key: Bytes;
  readonly salts: readonly string[];
}

/** The trustees of a session in the order of their numbers from 1; `threshold` of them open its totals. */
export interface Committee {
  readonly threshold: number;
  readonly members: readonly Member[];
}

/** ⌈(n + t)/2⌉: any two quorums share more than the t − 1 who may be dishonest. */
export function quorum({ threshold, members }: Committee): number {
  return Math.ceil((members.length + threshold) / 2);
}

/** How many must sign: everyone the definition, a quorum the box. */
export function needed(committee: Committee, moment: Moment): number {
  return moment === "definition" ? committee.members.length : quorum(committee);
}

/** What a trustee committed to for a moment. */
export function commitment(member: Member, moment: Moment): string {
  return member.salts[MOMENTS.indexOf(moment)] ?? "";
}

/** SHA-256 that hides a trustee's salt of 32 bytes until the moment, hex; bound to the trustee's key. */
export function saltCommitment(moment: Moment, key: Uint8Array, salt: Uint8Array): string {
  return sha256(concat(utf8(`phieukin salt v1\n${moment}\n`), key, salt));
}

/**
 * The code that people compare: 100 bits, five groups of four.
 *
 * `signed` is φ of the definition, or SHA-256 of the text of the checkpoint, 32 bytes; `salts` are
 * those of who signed, in the order of trustees.
 */
export function codeOf(moment: Moment, signed: Uint8Array, salts: readonly Uint8Array[]): string {
  const name = moment === "definition" ? "session" : moment;
  return spoken(digest(concat(utf8(`phieukin ${name} code v1\n`), signed, ...salts)), CODE_GROUPS);
}

/** Throws malformed: also for a threshold that protects nobody, or something twice. */
export function committeeFromJson(value: Json, path: string): Committee {
  const json = fields(value, path, ["threshold", "members"]);
  const threshold = integer(json.threshold, `${path}.threshold`, 1, MAX_TRUSTEES);
  const members = array(json.members, `${path}.members`, 1, MAX_TRUSTEES).map((member, i) =>
    memberFromJson(member, `${path}.members[${i}]`),
  );
  // Two groups of t without a common member could open two tallies that differ by one ballot.
  if (threshold > members.length || 2 * threshold <= members.length) {
    throw malformed(`${path}: ${threshold} of ${members.length} trustees; more than half of them must be needed`);
  }
  const keys = members.map((member) => sha256(member.key));
  const salts = members.flatMap((member) => member.salts);
  if (new Set(keys).size !== keys.length) throw malformed(`${path}: one key stands twice`);
  if (new Set(salts).size !== salts.length) throw malformed(`${path}: one salt stands twice`);
  return { threshold, members };
}

function memberFromJson(value: Json, path: string): Member {
  const json = fields(value, path, ["key", "salts"]);
  const { raw } = elementBytes(fromBase64(json.key, `${path}.key`, KEY_BYTES), `${path}.key`);
  const salts = array(json.salts, `${path}.salts`, MOMENTS.length, MOMENTS.length);
  return { key: raw, salts: salts.map((salt, i) => hexDigest(salt, `${path}.salts[${i}]`)) };
}
