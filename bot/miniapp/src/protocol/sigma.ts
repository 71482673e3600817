/**
 * Proofs of knowledge: Schnorr, and "one of these values" (docs/protocol.md §4; the twin of
 * crypto/sigma.py, without what only trustees prove).
 *
 * Every challenge hashes the whole statement. All responses are w − secret·challenge, so that a
 * verifier recomputes each commitment A = g^response · X^challenge and compares the hash. 0 is a
 * legal challenge and response, and the identity a legal commitment.
 */

import { array, fields, type Json } from "./encoding.ts";
import type { ProtocolError } from "./errors.ts";
import { type Element, G, hashToScalar, modQ, type Power, products, randomScalar, scalar } from "./group.ts";

/** A challenge and a response, both scalars. */
export interface Proof {
  readonly challenge: bigint;
  readonly response: bigint;
}

export function proofToJson(proof: Proof): { challenge: string; response: string } {
  return { challenge: String(proof.challenge), response: String(proof.response) };
}

export function proofFromJson(value: Json, path: string): Proof {
  const { challenge, response } = fields(value, path, ["challenge", "response"]);
  return { challenge: scalar(challenge, `${path}.challenge`), response: scalar(response, `${path}.response`) };
}

/** Exactly `size` proofs, one for each branch. */
export function proofsFromJson(value: Json, path: string, size: number): Proof[] {
  return array(value, path, size, size).map((member, i) => proofFromJson(member, `${path}[${i}]`));
}

// --- Schnorr: I know x with X = g^x -------------------------------------------------------

/** Proves knowledge of `secret` for X = g^secret; X is part of the prefix or implied. */
export function proveLog(prefix: string, secret: bigint): Proof {
  const w = randomScalar();
  const challenge = hashToScalar(prefix, products([[[G, w]]]));
  return { challenge, response: modQ(w - secret * challenge) };
}

/** Throws `failure` unless the proof shows knowledge of the logarithm of `statement`. */
export function checkLog(prefix: string, statement: Element, proof: Proof, failure: ProtocolError): void {
  const commitments = products([
    [
      [G, proof.response],
      [statement, proof.challenge],
    ],
  ]);
  if (hashToScalar(prefix, commitments) !== proof.challenge) throw failure;
}

// --- Interval: (alpha, beta) encrypts one of the values low..high -------------------------

/**
 * The statement that (alpha, beta) encrypts a value from low to high under a key.
 *
 * `context` is the S of protocol §4.4: φ, the credential, and for a line also all its ciphertexts.
 */
export interface Interval {
  readonly context: string;
  readonly alpha: Element;
  readonly beta: Element;
  readonly low: number;
  readonly high: number;
}

function values(low: number, high: number): number[] {
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
}

function prefixOf(claim: Interval): string {
  return `prove|${claim.context}|${claim.alpha.hex},${claim.beta.hex}|`;
}

/**
 * A proof that was begun: its commitments as rows for `products`, two for each value, which may be
 * computed together with those of other proofs.
 */
export interface Begun {
  readonly rows: readonly (readonly Power[])[];
  /** The proof, from the results of the rows. */
  finish(claim: Interval, commitments: readonly Element[]): Proof[];
}

/**
 * Begins the proof that alpha = g^r, beta = key^r·g^value; `value` must be from low to high.
 *
 * The prover knows r, so each simulated commitment is a power of g and of the key:
 * A = g^(r_j + r·c_j), B = key^(r_j + r·c_j) · g^((value − M_j)·c_j).
 */
export function beginInterval(key: Element, low: number, high: number, r: bigint, value: number): Begun {
  const w = randomScalar();
  const candidates = values(low, high);
  const branches = candidates.map((): Proof => ({ challenge: randomScalar(), response: randomScalar() }));
  const rows: Power[][] = [];
  candidates.forEach((M, j) => {
    const branch = branches[j];
    if (M === value || branch === undefined) {
      rows.push([[G, w]], [[key, w]]);
      return;
    }
    const exponent = branch.response + r * branch.challenge;
    const difference = BigInt(value - M) * branch.challenge;
    rows.push(
      [[G, exponent]],
      [
        [key, exponent],
        [G, difference],
      ],
    );
  });
  const finish = (claim: Interval, commitments: readonly Element[]): Proof[] => {
    const total = hashToScalar(prefixOf(claim), commitments);
    const others = branches.filter((_, j) => candidates[j] !== value);
    const challenge = modQ(total - others.reduce((sum, branch) => sum + branch.challenge, 0n));
    const honest: Proof = { challenge, response: modQ(w - r * challenge) };
    return branches.map((branch, j) => (candidates[j] === value ? honest : branch));
  };
  return { rows, finish };
}

/** Checks [statement, branches, failure] in one batch; throws the first failure. */
export function checkIntervals(
  key: Element,
  claims: readonly (readonly [Interval, readonly Proof[], ProtocolError])[],
): void {
  const rows: Power[][] = [];
  for (const [claim, branches, failure] of claims) {
    if (branches.length !== claim.high - claim.low + 1) throw failure;
    branches.forEach(({ challenge, response }, j) => {
      const M = BigInt(claim.low + j);
      rows.push(
        [
          [G, response],
          [claim.alpha, challenge],
        ],
        [
          [key, response],
          [claim.beta, challenge],
          [G, -M * challenge],
        ],
      );
    });
  }
  const commitments = products(rows);
  let start = 0;
  for (const [claim, branches, failure] of claims) {
    const end = start + 2 * branches.length;
    const total = modQ(branches.reduce((sum, branch) => sum + branch.challenge, 0n));
    if (hashToScalar(prefixOf(claim), commitments.slice(start, end)) !== total) throw failure;
    start = end;
  }
}
