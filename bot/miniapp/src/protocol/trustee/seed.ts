/**
 * Everything that follows from a trustee's seed (docs/protocol.md §5.1): 22 letters that are its whole
 * secret before the ceremony.
 */

import { sha512 } from "@noble/hashes/sha2.js";
import { BASE58, type Bytes, concat, digest, toHex, utf8 } from "../encoding/encoding.ts";
import { malformed } from "../encoding/errors.ts";
import { type Element, G, power, Q, randomBytes } from "../group/group.ts";
import { MOMENTS, type Moment, saltCommitment } from "../session/committee.ts";

const SEED_LETTERS = 22;
const SEED = /^[1-9A-HJ-NP-Za-km-z]{22}$/;
/** The largest multiple of 58 that is a byte: from there on a letter would be likelier than another. */
const EVEN = 232;

/** Whose seed it is: member `index` of `size`, of whom `threshold` open the totals. */
export interface Seat {
  readonly seed: string;
  readonly index: number;
  readonly size: number;
  readonly threshold: number;
}

/** A fresh seed, from the operating system's randomness. */
export function newSeed(): string {
  let letters = "";
  while (letters.length < SEED_LETTERS) {
    const [byte = EVEN] = randomBytes(1);
    if (byte < EVEN) letters += BASE58.charAt(byte % BASE58.length);
  }
  return letters;
}

/** Throws malformed for anything but 22 letters of Base58. */
export function checkSeed(seed: string): string {
  // The letters are a secret: the error does not show them.
  if (!SEED.test(seed)) throw malformed("seed: 22 letters of Base58 are expected");
  return seed;
}

function hashed(hash: (data: Uint8Array) => Uint8Array, text: string): bigint {
  return BigInt(`0x${toHex(hash(utf8(text)))}`) % Q;
}

/** The scalar of the certificate's encryption key; of a Single its only one. */
export function decryptionScalar({ seed }: Seat): bigint {
  return hashed(digest, `dk|${seed}`);
}

/** The scalar under which a trustee signs; a Single has one key for all. */
export function signingScalar(seat: Seat): bigint {
  return seat.size === 1 ? decryptionScalar(seat) : hashed(digest, `sk|${seat.seed}`);
}

/** a0, a1, … of the polynomial whose values are the shares. */
export function polynomial({ seed, index, size, threshold }: Seat): bigint[] {
  return Array.from({ length: threshold }, (_, k) =>
    hashed(sha512, `phieukin coefficient|${size}|${threshold}|${index}|${k}|${seed}`),
  );
}

/** f(j) mod q. */
export function valueAt(coefficients: readonly bigint[], j: number): bigint {
  return coefficients.reduceRight((value, a) => (value * BigInt(j) + a) % Q, 0n);
}

/** The salt that is revealed with the signature of a moment, 32 bytes. */
export function saltOf({ seed, index, size, threshold }: Seat, moment: Moment): Bytes {
  const text = `phieukin salt|${size}|${threshold}|${index}|${moment}|${seed}`;
  return concat(digest(utf8(text)));
}

/** The key under which it signs. */
export function signingKey(seat: Seat): Element {
  return power(G, signingScalar(seat));
}

/** What it commits to before there is a definition: one digest for each moment, hex. */
export function saltCommitments(seat: Seat): string[] {
  const key = signingKey(seat).raw;
  return MOMENTS.map((moment) => saltCommitment(moment, key, saltOf(seat, moment)));
}
