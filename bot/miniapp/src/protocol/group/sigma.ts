/**
 * Proofs of knowledge: Schnorr, and "one of these values" (docs/protocol.md §4). Those of equal
 * logarithms, which only trustees make, are in equality.ts.
 *
 * Every challenge hashes the whole statement. All responses are w − secret·challenge, so that a
 * verifier recomputes each commitment A = g^response · X^challenge and compares the hash. 0 is a
 * legal challenge and response, and the identity a legal commitment.
 */

import { array, fields, type Json } from "../encoding/encoding.ts";
import type { ProtocolError } from "../encoding/errors.ts";
import {
  type Element,
  G,
  hashToScalar,
  inverse,
  modQ,
  multiplyAll,
  type Power,
  products,
  randomScalar,
  scalar,
} from "./group.ts";

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

/** The signature of a string (§4.2). */
export function signText(message: string, secret: bigint): Proof {
  return proveLog(`sigmsg|${message}|`, secret);
}

/** Throws `failure` unless `proof` is the signature of this string under a key. */
export function checkText(message: string, key: Element, proof: Proof, failure: ProtocolError): void {
  checkLog(`sigmsg|${message}|`, key, proof, failure);
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

/** A fresh secret exponent and its powers of g and of the key. */
export interface Pair {
  readonly exponent: bigint;
  readonly g: Element;
  readonly y: Element;
}

/** A branch for a value that it is not: its commitments, whatever the difference to the real one. */
interface Simulated extends Pair {
  readonly challenge: bigint;
  /** y·g^(d·challenge) for each difference d that there may be. */
  readonly shifted: ReadonlyMap<number, Element>;
}

/**
 * The powers of one proof, computed before the value is known: the prover knows r, so each
 * simulated commitment is a power of g and of the key, with e = response + r·challenge:
 * A = g^e, B = key^e · g^((value − M)·challenge). For one proof only: a second one would reveal r.
 */
export interface Groundwork {
  readonly honest: Pair;
  readonly simulated: readonly Simulated[];
}

/**
 * Draws what `fresh` encryptions and a proof for each of the intervals need, in one batch.
 *
 * @param spans of each interval high − low.
 */
export function layGroundwork(
  key: Element,
  fresh: number,
  spans: readonly number[],
): { pairs: Pair[]; proofs: Groundwork[] } {
  const branches = spans.reduce((sum, span) => sum + span, 0);
  const exponents = Array.from({ length: fresh + spans.length + branches }, randomScalar);
  const challenges = Array.from({ length: branches }, randomScalar);
  const rows = [
    ...exponents.flatMap((x): Power[][] => [[[G, x]], [[key, x]]]),
    ...challenges.map((c): Power[] => [[G, c]]),
  ];
  const next = oneByOne(products(rows));
  const nextPair = oneByOne(exponents.map((exponent): Pair => ({ exponent, g: next(), y: next() })));
  const pairs = Array.from({ length: fresh }, nextPair);
  const honest = Array.from(spans, nextPair);
  const fakes = challenges.map((challenge) => ({ ...nextPair(), challenge, step: next() }));
  const nextFake = oneByOne(simulate(fakes, Math.max(0, ...spans)));
  return {
    pairs,
    proofs: honest.map((pair, i) => ({ honest: pair, simulated: Array.from({ length: spans[i] ?? 0 }, nextFake) })),
  };
}

/** Branches for values that differ by 1 to `most` from the real one, either way. */
function simulate(fakes: readonly (Pair & { challenge: bigint; step: Element })[], most: number): Simulated[] {
  const differences = values(-most, most).filter((d) => d !== 0);
  const lists = fakes.flatMap(({ y, step }) => {
    const back = inverse(step);
    return differences.map((d) => [y, ...new Array<Element>(Math.abs(d)).fill(d > 0 ? step : back)]);
  });
  const next = oneByOne(multiplyAll(lists));
  return fakes.map(({ step: _, ...fake }) => ({ ...fake, shifted: new Map(differences.map((d) => [d, next()])) }));
}

/** Proves that alpha = g^r, beta = key^r·g^value; `value` must be from low to high. */
export function proveInterval(claim: Interval, { honest, simulated }: Groundwork, r: bigint, value: number): Proof[] {
  const { low, high } = claim;
  if (value < low || value > high || simulated.length !== high - low) throw new RangeError("not this interval");
  const nextFake = oneByOne(simulated);
  const branches = values(low, high).map((M) => {
    if (M === value) return { ...honest, challenge: null };
    const { shifted, ...fake } = nextFake();
    const y = shifted.get(value - M);
    if (y === undefined) throw new RangeError("not this interval");
    return { ...fake, y };
  });
  const total = hashToScalar(
    prefixOf(claim),
    branches.flatMap(({ g, y }) => [g, y]),
  );
  const own = branches.reduce((rest, branch) => rest - (branch.challenge ?? 0n), total);
  return branches.map(({ exponent, challenge }): Proof => {
    const c = modQ(challenge ?? own);
    return { challenge: c, response: modQ(exponent - r * c) };
  });
}

/** The members one after the other. Throws where there is none left. */
export function oneByOne<T>(members: readonly T[]): () => T {
  let place = 0;
  return () => {
    const member = members[place++];
    if (member === undefined) throw new RangeError("there is none left");
    return member;
  };
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
