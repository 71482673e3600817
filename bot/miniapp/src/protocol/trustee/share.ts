/**
 * Decryption shares (docs/protocol.md §7.2): F = α^s of every ciphertext of the tally, with both
 * proofs of §4.3 and §4.5.
 */

import { array, type Bytes, canonical, fields, integer, type Json, parseJson, string } from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import type { Ciphertext } from "../group/elgamal.ts";
import { checkAll, failingOf, type PowerOf, proveAll, proveEach } from "../group/equality.ts";
import { type Element, element, secretPowers } from "../group/group.ts";
import { type Proof, proofFromJson, proofToJson } from "../group/sigma.ts";
import { MAX_TRUSTEES } from "../session/committee.ts";
import { type Form, MAX_OFFICIALS } from "../session/session.ts";
import type { Trustees } from "./keys.ts";

export const LIMIT = 1 << 20; // bytes of a share; 200 officials with 5 levels need 0.3 MiB

/** The encrypted totals, line by line, and the SHA-256 of their JSON, hex. */
export interface EncryptedTally {
  readonly lines: readonly (readonly Ciphertext[])[];
  readonly digest: string;
}

/** What an owner publishes: factors and proofs by line and level. */
export interface Share {
  readonly owner: number;
  readonly factors: readonly (readonly Element[])[];
  readonly proofs: readonly (readonly Proof[])[];
}

/** A share with its statement: the file that a trustee sends. */
export interface WholeShare extends Share {
  readonly statement: Proof;
}

// --- Formats --------------------------------------------------------------------------------

/** The object in the archive. Throws malformed. */
export function decodeShare(raw: Uint8Array, owner: number, election: Form): Share {
  const path = `share of trustee ${owner}`;
  const json = fields(parseJson(raw, path, LIMIT), path, ["decryption_factors", "decryption_proofs"]);
  return { owner, ...partsOf(json.decryption_factors, json.decryption_proofs, path, election) };
}

/** The object in the archive. */
export function encodeShare(share: Share): Bytes {
  return canonical(partsToJson(share));
}

/** The file of a trustee. Throws malformed, and bad_share for another session or kind of file. */
export function decodeShareFile(raw: Uint8Array, election: Form): WholeShare {
  const path = "share";
  const names = ["schema", "election_hash", "owner", "decryption_factors", "decryption_proofs", "statement"] as const;
  const json = fields(parseJson(raw, path, LIMIT), path, names);
  if (json.schema !== "phieukin.share/2") throw bad(`${path}: another kind of file`);
  if (json.election_hash !== election.phi) throw bad(`${path}: of another session`);
  return {
    owner: integer(json.owner, `${path}.owner`, 1, MAX_TRUSTEES),
    ...partsOf(json.decryption_factors, json.decryption_proofs, path, election),
    statement: proofFromJson(json.statement, `${path}.statement`),
  };
}

/** The file of a trustee. */
export function encodeShareFile(share: WholeShare, election: Form): Bytes {
  const head = { schema: "phieukin.share/2", election_hash: election.phi, owner: share.owner };
  return canonical({ ...head, ...partsToJson(share), statement: proofToJson(share.statement) });
}

/** The statements of shares.json, by owner, in its order. Throws malformed. */
export function decodeStatements(raw: Uint8Array): { owner: number; proof: Proof }[] {
  const path = "shares.json";
  const json = fields(parseJson(raw, path, LIMIT), path, ["schema", "proofs"]);
  string(json.schema, `${path}.schema`, /^phieukin\.shares\/1$/);
  return array(json.proofs, `${path}.proofs`, 0, MAX_TRUSTEES).map((member, i) => {
    const { owner, proof } = fields(member, `${path}.proofs[${i}]`, ["owner", "proof"]);
    return {
      owner: integer(owner, `${path}.proofs[${i}].owner`, 1, MAX_TRUSTEES),
      proof: proofFromJson(proof, `${path}.proofs[${i}].proof`),
    };
  });
}

function partsOf(factors: Json, proofs: Json, path: string, election: Form): Pick<Share, "factors" | "proofs"> {
  return {
    factors: linesOf(factors, `${path}.decryption_factors`, election, (f, at) => element(f, at, true)),
    proofs: linesOf(proofs, `${path}.decryption_proofs`, election, proofFromJson),
  };
}

function partsToJson({ factors, proofs }: Share): { [name: string]: Json } {
  return {
    decryption_factors: factors.map((line) => line.map((factor) => factor.hex)),
    decryption_proofs: proofs.map((line) => line.map(proofToJson)),
  };
}

/** One entry for each level of each line. */
function linesOf<T>(value: Json, path: string, { questions }: Form, read: (value: Json, path: string) => T): T[][] {
  const lines = array(value, path, questions.length, Math.min(questions.length, MAX_OFFICIALS));
  return lines.map((line, i) => {
    const size = questions[i]?.answers.length ?? 0;
    return array(line, `${path}[${i}]`, size, size).map((member, j) => read(member, `${path}[${i}][${j}]`));
  });
}

// --- Checks -----------------------------------------------------------------------------------

/** Check 8: every proof of §4.3 holds, each share is of an owner, no two are of one. Throws bad_share. */
export function checkShares(election: Form, trustees: Trustees, tally: EncryptedTally, shares: readonly Share[]): void {
  for (const share of shares) checkProofs(election, trustees, tally, share);
  const owners = shares.map((share) => share.owner);
  const twice = owners.find((owner, i) => owners.indexOf(owner) < i);
  if (twice !== undefined) throw bad(`trustee ${twice}: two shares`);
}

/** Check 18: shares.json has one proof over each share, in the order of the archive. Throws bad_share, malformed. */
export function checkStatements(
  raw: Uint8Array,
  election: Form,
  trustees: Trustees,
  tally: EncryptedTally,
  shares: readonly Share[],
): void {
  const statements = decodeStatements(raw);
  if (statements.length !== shares.length)
    throw bad(`shares.json: ${statements.length} proofs, ${shares.length} shares`);
  shares.forEach((share, i) => {
    const statement = statements[i];
    if (statement?.owner !== share.owner) throw bad(`shares.json: no proof of trustee ${share.owner} in its place`);
    checkStatement(election, trustees, tally, { ...share, statement: statement.proof });
  });
}

/** Both kinds of proof: what whoever takes a share must check. Throws bad_share naming the trustee. */
export function checkWholeShare(election: Form, trustees: Trustees, tally: EncryptedTally, share: WholeShare): void {
  checkProofs(election, trustees, tally, share);
  checkStatement(election, trustees, tally, share);
}

function checkProofs(election: Form, trustees: Trustees, tally: EncryptedTally, share: Share): void {
  const key = keyOf(trustees, share.owner);
  const failing = failingOf(decryptPrefix(election, key), key, claimsOf(tally, share), share.proofs.flat());
  if (failing !== null) throw bad(`trustee ${share.owner}: the proof of factor ${failing + 1} fails`);
}

function checkStatement(election: Form, trustees: Trustees, tally: EncryptedTally, share: WholeShare): void {
  const key = keyOf(trustees, share.owner);
  const failure = bad(`trustee ${share.owner}: the proof over all its factors fails`);
  checkAll(sharePrefix(election, share.owner, tally), key, claimsOf(tally, share), share.statement, failure);
}

/** The share of an owner whose secret is `secret`: the logarithm of its share key. */
export function makeShare(
  election: Form,
  owner: number,
  key: Element,
  secret: bigint,
  tally: EncryptedTally,
): WholeShare {
  const alphas = tally.lines.flat().map((ciphertext) => ciphertext.alpha);
  const factors = shaped(secretPowers(alphas, secret), tally);
  const proofs = shaped(proveEach(decryptPrefix(election, key), secret, alphas), tally);
  const claims = claimsOf(tally, { owner, factors, proofs });
  return { owner, factors, proofs, statement: proveAll(sharePrefix(election, owner, tally), secret, key, claims) };
}

function decryptPrefix({ phi }: Form, key: Element): string {
  return `decrypt|${phi}|${key.hex}|`;
}

function sharePrefix({ phi }: Form, owner: number, { digest }: EncryptedTally): string {
  return `phieukin share v2|${phi}|${owner}|${digest}|`;
}

function keyOf({ owners }: Trustees, owner: number): Element {
  const key = owners[owner - 1]?.share;
  if (key === undefined) throw bad(`there is no trustee ${owner}`);
  return key;
}

function claimsOf({ lines }: EncryptedTally, { factors }: Share): PowerOf[] {
  const [alphas, powers] = [lines.flat(), factors.flat()];
  if (alphas.length !== powers.length) throw bad("a share of another tally");
  return powers.map((power, i) => ({ base: alphas[i]?.alpha ?? power, power }));
}

/** The members of a list, line by line as in the tally. */
function shaped<T>(members: readonly T[], { lines }: EncryptedTally): T[][] {
  let start = 0;
  return lines.map((line) => {
    start += line.length;
    return members.slice(start - line.length, start);
  });
}

function bad(detail: string): ProtocolError {
  return new ProtocolError("bad_share", detail);
}
