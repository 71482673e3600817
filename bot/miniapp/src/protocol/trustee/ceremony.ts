/**
 * ceremony.json: that the members of a group committed before anyone revealed (docs/protocol.md
 * §5.1, check 12). The files of the three steps themselves are in messages.ts.
 */

import {
  array,
  canonical,
  concat,
  fields,
  hexDigest,
  type Json,
  parseJson,
  sha256,
  string,
} from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import { checkText, type Proof, proofFromJson, proofToJson } from "../group/sigma.ts";
import type { Member } from "../session/committee.ts";
import type { Election } from "../session/session.ts";
import { type Pedersen, type Signed, signedToJson, type Trustees } from "./keys.ts";

export const LIMIT = 1 << 16; // bytes of a ceremony.json
const LF = Uint8Array.of(0x0a);

/** Of one member: its commitment, its signatures of steps 1 and 2, and the digest of the shares it sealed. */
export interface Trace {
  readonly commitment: string;
  readonly committed: Proof;
  readonly shares: string;
  readonly sent: Proof;
}

/** The traces of all members of groups, in the order of trustees. Throws malformed: also for another number. */
export function decodeCeremony(raw: Uint8Array, members: number): Trace[] {
  const path = "ceremony.json";
  const json = fields(parseJson(raw, path, LIMIT), path, ["schema", "trustees"]);
  string(json.schema, `${path}.schema`, /^phieukin\.ceremony\/1$/);
  const traces = array(json.trustees, `${path}.trustees`, members, members);
  return traces.map((trace, i) => traceFromJson(trace, `${path}.trustees[${i}]`));
}

function traceFromJson(value: Json, path: string): Trace {
  const json = fields(value, path, ["commitment", "committed", "shares", "sent"]);
  return {
    commitment: hexDigest(json.commitment, `${path}.commitment`),
    committed: proofFromJson(json.committed, `${path}.committed`),
    shares: hexDigest(json.shares, `${path}.shares`),
    sent: proofFromJson(json.sent, `${path}.sent`),
  };
}

/**
 * Check 12: every commitment is signed with the salts of the definition, kept, and was known to all
 * before anyone revealed.
 *
 * Throws malformed, bad_trustees.
 */
export function checkCeremony(raw: Uint8Array, election: Election, trustees: Trustees): void {
  const expected = trustees.items.reduce((sum, item) => sum + (item.kind === "Single" ? 0 : item.certs.length), 0);
  const traces = decodeCeremony(raw, expected);
  const { members } = election.ours.committee;
  let [owner, trace] = [0, 0];
  for (const item of trustees.items) {
    if (item.kind === "Single") {
      owner += 1;
      continue;
    }
    const size = item.certs.length;
    checkGroup(item, traces.slice(trace, trace + size), members.slice(owner, owner + size), owner + 1);
    owner += size;
    trace += size;
  }
}

function checkGroup(group: Pedersen, traces: readonly Trace[], members: readonly Member[], first: number): void {
  const size = group.certs.length;
  if (traces.length < size || members.length < size) throw bad("a trustee is missing");
  const files = traces.map((trace, i) => {
    return step1File(group.certs[i], trace.commitment, members[i]?.salts ?? [], trace.committed);
  });
  const agreed = agreement(files);
  traces.forEach((trace, i) => {
    const who = `trustee ${first + i}`;
    const [cert, coefexps, certificate] = [group.certs[i], group.coefexps[i], group.certificates[i]];
    if (cert === undefined || coefexps === undefined || certificate === undefined) throw bad(`${who} is missing`);
    if (commitmentTo(cert, coefexps.message) !== trace.commitment)
      throw bad(`${who} revealed what it did not commit to`);
    const statement = step1Statement(cert, trace.commitment, members[i]?.salts ?? []);
    checkText(statement, certificate.signing, trace.committed, bad(`${who} did not sign its commitment and salts`));
    const sent = step2Statement(agreed, trace.shares);
    checkText(sent, certificate.signing, trace.sent, bad(`${who} did not sign what all had committed to`));
  });
}

// --- What is hashed and signed ----------------------------------------------------------------

/** SHA-256 that hides the coefficients of a certificate's owner until step 2. */
export function commitmentTo(cert: Signed, coefexps: string): string {
  return sha256(canonical(["phieukin commitment v1", signedToJson(cert), coefexps]));
}

/** What a trustee signs in step 1. */
export function step1Statement({ message }: Signed, commitment: string, salts: readonly string[]): string {
  return `phieukin step1|${message}|${commitment}|${salts.join(",")}`;
}

/** What a trustee signs in step 2; `shares` is SHA-256 of all that it sealed, joined. */
export function step2Statement(agreed: string, shares: string): string {
  return `phieukin step2|${agreed}|${shares}`;
}

/** The file of step 1. */
export function step1File(
  cert: Signed | undefined,
  commitment: string,
  salts: readonly string[],
  signature: Proof,
): Uint8Array {
  const certificate = cert === undefined ? null : signedToJson(cert);
  const head = { schema: "phieukin.step1/2", certificate, commitment };
  return canonical({ ...head, salts, signature: proofToJson(signature) });
}

/** SHA-256 of all files of step 1, in the order of trustees. */
export function agreement(files: readonly Uint8Array[]): string {
  return sha256(concat(...files.flatMap((file, i) => (i === 0 ? [file] : [LF, file]))));
}

function bad(detail: string): ProtocolError {
  return new ProtocolError("bad_trustees", `ceremony.json: ${detail}`);
}
