/**
 * From shares to totals (docs/protocol.md §7.3, check 9): Lagrange, then small logarithms.
 */

import {
  array,
  type Bytes,
  canonical,
  fields,
  integer,
  type Json,
  parseJson,
  sameBytes,
} from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import { type Element, G, IDENTITY, inverse, modQ, multiplyAll, type Power, products, Q } from "../group/group.ts";
import type { Election, Form } from "../session/session.ts";
import type { Item, Trustees } from "../trustee/keys.ts";
import type { EncryptedTally, Share } from "../trustee/share.ts";

export const LIMIT = 1 << 20; // bytes of a result

/** For each official the number of ballots at each level. */
export type Totals = readonly (readonly number[])[];

/** The totals of `{"result":…}`. Throws malformed. */
export function decodeResult(raw: Uint8Array, { questions }: Form): Totals {
  const { result } = fields(parseJson(raw, "result", LIMIT), "result", ["result"]);
  return array(result, "result.result", questions.length, questions.length).map((line, i) => {
    const [path, size] = [`result.result[${i}]`, questions[i]?.answers.length ?? 0];
    return array(line, path, size, size).map((total, j) => integer(total, `${path}[${j}]`));
  });
}

/** The only spelling of a result. */
export function encodeResult(totals: Totals): Bytes {
  const result: Json = totals.map((line) => [...line]);
  return canonical({ result });
}

/**
 * Check 9: exactly the shares needed give the totals that the record says. Returns them.
 *
 * Throws bad_result, malformed.
 *
 * @param ballots how many were tallied.
 */
export function checkResult(
  raw: Uint8Array,
  election: Election,
  trustees: Trustees,
  tally: EncryptedTally,
  shares: readonly Share[],
  ballots: number,
): Totals {
  decodeResult(raw, election);
  const totals = combine(election, trustees, tally, shares, ballots);
  if (!sameBytes(encodeResult(totals), raw)) throw bad("not what the shares give");
  return totals;
}

/**
 * The totals that shares open. Their proofs are checked elsewhere.
 *
 * Throws bad_result: not exactly the shares needed, or what comes out is no number of ballots.
 */
export function combine(
  election: Election,
  trustees: Trustees,
  tally: EncryptedTally,
  shares: readonly Share[],
  ballots: number,
): Totals {
  const factors = decryption(trustees, tally, shares);
  const masked = tally.lines.flat().map(({ beta }, i) => [beta, inverse(factors[i] ?? IDENTITY)]);
  const logs = logarithms(multiplyAll(masked), ballots);
  let place = 0;
  const totals = tally.lines.map((line) => line.map(() => logs[place++] ?? 0));
  totals.forEach((line, i) => {
    const [sum, low] = [line.reduce((a, b) => a + b, 0), election.questions[i]?.low ?? 0];
    if (sum > ballots || sum < low * ballots) throw bad(`line ${i + 1} has ${sum} marks on ${ballots} ballots`);
  });
  return totals;
}

/** ΠF of each ciphertext: Π Fi^λi of each item, multiplied. */
function decryption(trustees: Trustees, tally: EncryptedTally, shares: readonly Share[]): Element[] {
  const given = shares.map((share) => {
    const owner = trustees.owners[share.owner - 1];
    if (owner === undefined) throw bad(`there is no trustee ${share.owner}`);
    return { ...owner, factors: share.factors.flat() };
  });
  const weighed = trustees.items.flatMap((item, i) => {
    const own = given.filter((share) => share.item === i);
    const indices = own.map((share) => share.index);
    checkNeeded(item, indices, i);
    return own.map((share) => ({ factors: share.factors, weight: lagrange(share.index, indices) }));
  });
  return products(
    tally.lines
      .flat()
      .map((_, place) => weighed.flatMap(({ factors, weight }): Power[] => powerAt(factors, place, weight))),
  );
}

function powerAt(factors: readonly Element[], place: number, weight: bigint): Power[] {
  const factor = factors[place];
  if (factor === undefined) throw bad("a share of another tally");
  return [[factor, weight]];
}

/** Check 8, its last part: of every item exactly the shares that it needs. Throws bad_share. */
export function checkOwners({ items, owners }: Trustees, shares: readonly Share[]): void {
  items.forEach((item, i) => {
    const own = shares.map((share) => owners[share.owner - 1]).filter((owner) => owner?.item === i);
    const needed = item.kind === "Single" ? 1 : item.threshold;
    if (own.length === needed) return;
    throw new ProtocolError("bad_share", `${own.length} shares of trustees[${i}], exactly ${needed} are needed`);
  });
}

function checkNeeded(item: Item, indices: readonly number[], place: number): void {
  const needed = item.kind === "Single" ? 1 : item.threshold;
  if (indices.length !== needed || new Set(indices).size !== needed) {
    throw bad(`${indices.length} shares of trustees[${place}], ${needed} are needed`);
  }
}

/** Π over k ≠ i of k/(k − i) mod q. */
export function lagrange(i: number, indices: readonly number[]): bigint {
  const others = indices.filter((k) => k !== i).map(BigInt);
  const above = others.reduce((product, k) => modQ(product * k), 1n);
  const below = others.reduce((product, k) => modQ(product * (k - BigInt(i))), 1n);
  return modQ(above * inverted(below));
}

/** 1/n mod q. */
function inverted(n: bigint): bigint {
  let [a, b, x, y] = [modQ(n), Q, 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  if (a !== 1n) throw new RangeError("not invertible");
  return modQ(x);
}

/**
 * The m with g^m = power, from 0 to `most`, of each. By small and giant steps: 2·√most elements.
 *
 * Throws bad_result where there is none.
 */
export function logarithms(powers: readonly Element[], most: number): number[] {
  const step = Math.ceil(Math.sqrt(most + 1));
  const small = new Map(products(range(step).map((m): Power[] => [[G, BigInt(m)]])).map((power, m) => [power.hex, m]));
  const giants = products(range(step).map((j): Power[] => [[G, BigInt(-j * step)]]));
  return powers.map((power) => {
    const [first, ...others] = giants;
    if (first === undefined) throw bad("nothing was tallied");
    const known = small.get(power.hex);
    if (known !== undefined && known <= most) return known;
    const shifted = multiplyAll(others.map((giant) => [power, giant]));
    const found = shifted.findIndex((element) => small.has(element.hex));
    const m = found < 0 ? most + 1 : (found + 1) * step + (small.get(shifted[found]?.hex ?? "") ?? 0);
    if (m > most) throw bad(`a total is no number from 0 to ${most}`);
    return m;
  });
}

function range(size: number): number[] {
  return Array.from({ length: size }, (_, i) => i);
}

function bad(detail: string): ProtocolError {
  return new ProtocolError("bad_result", `result: ${detail}`);
}
