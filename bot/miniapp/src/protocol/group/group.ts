/**
 * The prime-order group of Ed25519, written multiplicatively as the protocol writes it (the twin of
 * crypto/group.py).
 *
 * g is the standard base point and q its order (RFC 8032 §5.1). This file alone knows the backend,
 * noble-curves. An `Element` exists only after its bytes were checked: canonical, on the curve, in
 * the subgroup of order q, and not the identity unless that was expressly allowed. noble's
 * `fromBytes` accepts torsion and the identity, its `multiply` throws for zero and its `verify`
 * follows ZIP-215: all three are handled here.
 *
 * Not constant-time: JavaScript's big integers never are. Secret exponents are used with tables
 * only, whose walk looks at every entry and always adds.
 */

import { normalizeZ } from "@noble/curves/abstract/curve.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberBE, randomBytes as systemRandom } from "@noble/curves/utils.js";
import { type Bytes, digest, fromHex, type Json, utf8 } from "../encoding/encoding.ts";
import { malformed } from "../encoding/errors.ts";

const Point = ed25519.Point;
type Point = InstanceType<typeof Point>;

export const Q = 2n ** 252n + 27742317777372353535851937790883648493n;

const TOP_BIT = 255n;
const WINDOW = 7; // bits; measured: the best sum of building two tables and 1144 powers
const SCALAR_BYTES = 32;
const DIGITS = 64; // of a public exponent, hex
const DIGIT_BITS = 4;
const HALF = 8;
const SCALAR_MASK = 0x1f; // of the highest byte: q has 253 bits
const SIGNATURE_BYTES = 64;

/** A member of the group. Made by `element`, `elementBytes` and arithmetic only. */
export class Element {
  /** The 32 bytes as a little-endian integer, in 64 hex digits (Belenios Ed25519). */
  readonly hex: string;
  readonly point: Point;
  #tabulated = false;
  #chain: readonly Point[] | null = null;

  /** Wraps a point, with Z = 1, that this module has checked or computed. */
  constructor(point: Point) {
    this.point = point;
    const sign = (point.X & 1n) << TOP_BIT;
    this.hex = (point.Y | sign).toString(16).padStart(64, "0");
  }

  /** The RFC 8032 encoding, 32 bytes. */
  get raw(): Bytes {
    return new Uint8Array(fromHex(this.hex).reverse());
  }

  get isIdentity(): boolean {
    return this.hex === IDENTITY_HEX;
  }

  equals(other: Element): boolean {
    return this.hex === other.hex;
  }

  /**
   * Makes a table of powers at the first use (about 10 ms, 2 MB): for g and the election's key, with
   * which all secret exponents are used.
   */
  tabulate(): this {
    if (!this.#tabulated) this.point.precompute(WINDOW);
    this.#tabulated = true;
    return this;
  }

  /** Its power by a public exponent from 1 to q. */
  publicPower(exponent: bigint, once: boolean): Point {
    if (exponent === 1n) return this.point;
    if (this.#tabulated || (once && this.#chain === null)) return this.point.multiplyUnsafe(exponent);
    this.#chain ??= chainOf(this.point);
    return chained(this.#chain, exponent);
  }
}

/** point^(16^i) for each i: the part of a power that all exponents share. */
function chainOf(point: Point): Point[] {
  const chain = [point];
  let last = point;
  while (chain.length < DIGITS) {
    for (let bit = 0; bit < DIGIT_BITS; bit++) last = last.double();
    chain.push(last);
  }
  return chain;
}

/** A power by signed digits from −7 to 8: all digits of one size are summed before they are multiplied. */
function chained(chain: readonly Point[], exponent: bigint): Point {
  const hex = exponent.toString(16).padStart(DIGITS, "0");
  const bySize: Point[] = new Array<Point>(HALF + 1).fill(Point.ZERO);
  let carry = 0;
  for (const [i, point] of chain.entries()) {
    const digit = Number.parseInt(hex.charAt(DIGITS - 1 - i), 16) + carry;
    carry = digit > HALF ? 1 : 0;
    const signed = digit - 2 * HALF * carry;
    if (signed !== 0) addTo(bySize, Math.abs(signed), signed > 0 ? point : point.negate());
  }
  let [running, sum] = [Point.ZERO, Point.ZERO];
  for (let size = HALF; size > 0; size--) {
    running = plus(running, bySize[size] ?? Point.ZERO);
    sum = plus(sum, running);
  }
  return sum;
}

function addTo(sums: Point[], place: number, point: Point): void {
  sums[place] = plus(sums[place] ?? Point.ZERO, point);
}

/** The sum, without work where there is nothing to add. */
function plus(left: Point, right: Point): Point {
  if (left === Point.ZERO) return right;
  return right === Point.ZERO ? left : left.add(right);
}

const IDENTITY_HEX = `${"0".repeat(63)}1`;

export const IDENTITY = new Element(Point.ZERO);
/** Not `Point.BASE` itself, whose powers noble blinds with 128 further bits. */
export const G = new Element(Point.fromAffine(Point.BASE.toAffine())).tabulate();

/**
 * Checks 32 compressed bytes (RFC 8032 §5.1.3) and wraps them.
 *
 * Throws malformed: not canonical, not on the curve, outside the prime-order subgroup, or the
 * identity where `identity` does not permit it.
 */
export function elementBytes(raw: Uint8Array, path: string, identity = false): Element {
  let point: Point;
  try {
    point = Point.fromBytes(raw, false);
  } catch {
    throw malformed(`${path}: not an element of the group`);
  }
  if (point.is0()) {
    if (!identity) throw malformed(`${path}: the identity is not allowed here`);
    return IDENTITY;
  }
  const member = new Element(point);
  if (!member.publicPower(Q, false).is0()) throw malformed(`${path}: not an element of the group`);
  return member;
}

/** An element from its 64 hex digits; see `elementBytes`. */
export function element(value: Json, path: string, identity = false): Element {
  if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) {
    throw malformed(`${path}: 64 lower-case hex digits are expected`);
  }
  return elementBytes(fromHex(value).reverse(), path, identity);
}

/** A scalar 0 ≤ s < q from its decimal string: no sign, no leading zero. */
export function scalar(value: Json, path: string): bigint {
  if (typeof value !== "string" || !/^(?:0|[1-9][0-9]{0,75})$/.test(value)) {
    throw malformed(`${path}: a decimal number in a string is expected`);
  }
  const number = BigInt(value);
  if (number >= Q) throw malformed(`${path}: not below the order of the group`);
  return number;
}

/** n mod q, from 0 to q − 1, also of negative numbers. */
export function modQ(n: bigint): bigint {
  const rest = n % Q;
  return rest < 0n ? rest + Q : rest;
}

/** Bytes from the operating system, by crypto.getRandomValues. */
export function randomBytes(size: number): Bytes {
  return new Uint8Array(systemRandom(size));
}

/** A uniformly random scalar 1 ≤ s < q from the operating system. */
export function randomScalar(): bigint {
  for (;;) {
    const bytes = systemRandom(SCALAR_BYTES);
    bytes[0] = (bytes[0] ?? 0) & SCALAR_MASK;
    const drawn = bytesToNumberBE(bytes);
    if (drawn < Q - 1n) return drawn + 1n;
  }
}

/** H(prefix, e1 … en) of protocol §2.4. */
export function hashToScalar(prefix: string, elements: readonly Element[]): bigint {
  const data = prefix + elements.map((member) => member.hex).join(",");
  return bytesToNumberBE(digest(utf8(data))) % Q;
}

/** A base and its exponent; the exponent is any integer and counts modulo q. */
export type Power = readonly [base: Element, exponent: bigint];

/**
 * For each row of powers, their product. The batch operation behind every ciphertext and proof: all
 * results become affine with one inversion.
 */
export function products(rows: readonly (readonly Power[])[]): Element[] {
  const uses = new Map<Element, number>();
  for (const [base] of rows.flat()) uses.set(base, (uses.get(base) ?? 0) + 1);
  const points = rows.map((row) => {
    let result = Point.ZERO;
    for (const [base, exponent] of row) {
      const reduced = modQ(exponent);
      if (reduced === 0n || base.isIdentity) continue;
      result = plus(result, base.publicPower(reduced, uses.get(base) === 1));
    }
    return result;
  });
  return affine(points);
}

/** base^exponent, for a base with a table if the exponent is secret. */
export function power(base: Element, exponent: bigint): Element {
  return single(products([[[base, exponent]]]));
}

/**
 * base^exponent for a secret exponent and a base without a table: the ladder adds at every step,
 * whatever the exponent's digits are.
 */
export function secretPowers(bases: readonly Element[], exponent: bigint): Element[] {
  const secret = modQ(exponent);
  const points = bases.map((base) => {
    return secret === 0n || base.isIdentity ? Point.ZERO : base.point.multiply(secret);
  });
  return affine(points);
}

/** base^−1. */
export function inverse(base: Element): Element {
  return new Element(base.point.negate());
}

/** For each list, the product of its elements; the identity if there are none. */
export function multiplyAll(lists: readonly (readonly Element[])[]): Element[] {
  return affine(lists.map((list) => list.reduce((sum, member) => sum.add(member.point), Point.ZERO)));
}

function affine(points: readonly Point[]): Element[] {
  return normalizeZ(Point, [...points]).map((point) => new Element(point));
}

function single(elements: readonly Element[]): Element {
  const [only] = elements;
  if (only === undefined) throw new RangeError("nothing was computed");
  return only;
}

/**
 * Whether 64 bytes are an Ed25519 signature (RFC 8032 §5.1.7) under an element's bytes.
 *
 * noble allows a torsion component in R, libsodium does not; here, too, R must be in the group and
 * not the identity.
 */
export function verifySignature(signature: Uint8Array, message: Uint8Array, publicKey: Element): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  try {
    elementBytes(signature.slice(0, SCALAR_BYTES), "R");
    return ed25519.verify(signature, message, publicKey.raw, { zip215: false });
  } catch {
    return false;
  }
}
