/**
 * One spelling for every value: strict JSON, hashes, and the texts people compare (docs/protocol.md
 * §2; the twin of crypto/encoding.py).
 *
 * Everything that is hashed or signed is compact JSON. A decoder accepts exactly the bytes that the
 * encoder would write and refuses every other spelling, so that no value has two hashes.
 */

import { sha256 as sha256Bytes } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { malformed } from "./errors.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type Bytes = Uint8Array<ArrayBuffer>;

export const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
export const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export const CODE_GROUPS = 5; // of four letters: 100 bits

export const MAX_INTEGER = 10 ** 9; // counts and heights; no assembly and no archive is larger
export const MAX_TEXT = 4096; // characters of one human-readable field

const MAX_SHOWN = 40; // characters of a refused value in an error
const TOO_LARGE = 10 ** 10; // eleven digits are refused before anybody looks at their meaning
const MAX_DEPTH = 64; // no format nests deeper than 8
const LONE_SURROGATE = /\p{Surrogate}/u;
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00ad\u17b4\u17b5\u200b]/u;

const encoder = new TextEncoder();

// --- Bytes --------------------------------------------------------------------------------

/** The UTF-8 of a text without lone surrogates. */
export function utf8(characters: string): Bytes {
  return encoder.encode(characters);
}

/** The text of UTF-8 bytes, a byte order mark kept. Throws malformed. */
export function toText(data: Uint8Array, path = "text"): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw malformed(`${path}: not UTF-8`);
  }
}

/** Bytes one after the other. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let start = 0;
  for (const part of parts) {
    whole.set(part, start);
    start += part.length;
  }
  return whole;
}

/** Whether two byte strings are equal; for public ones. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

export { bytesToHex as toHex, hexToBytes as fromHex };

// --- JSON ---------------------------------------------------------------------------------

/** Compact JSON, raw UTF-8, fields in the order given. */
export function canonical(value: Json): Bytes {
  return utf8(JSON.stringify(value));
}

/**
 * The JSON value whose only spelling is `data`.
 *
 * `limit` is the largest size accepted, in bytes. Throws malformed: too large, not UTF-8, not JSON, a
 * float, a duplicate key (it is lost, so the spelling differs), too deep, or any other spelling.
 * Objects whose names look like integers would be reordered; no format has such names.
 */
export function parseJson(data: Uint8Array, path: string, limit: number): Json {
  if (data.length > limit) throw malformed(`${path}: ${data.length} bytes, at most ${limit} are allowed`);
  const spelled = toText(data, path);
  let value: Json;
  try {
    value = JSON.parse(spelled) as Json;
  } catch {
    throw malformed(`${path}: not JSON`);
  }
  checkValue(value, path, 0);
  if (JSON.stringify(value) !== spelled) throw malformed(`${path}: not the canonical spelling of its value`);
  return value;
}

function checkValue(value: Json, path: string, depth: number): void {
  if (depth > MAX_DEPTH) throw malformed(`${path}: nested too deeply`);
  if (typeof value === "number") {
    if (!Number.isInteger(value)) throw malformed(`${path}: a number that is not an integer`);
    if (Math.abs(value) >= TOO_LARGE) throw malformed(`${path}: an integer that is too large`);
  } else if (typeof value === "string") {
    if (LONE_SURROGATE.test(value)) throw malformed(`${path}: a lone surrogate`);
  } else if (value !== null && typeof value === "object") {
    for (const [name, member] of Object.entries(value)) {
      if (LONE_SURROGATE.test(name)) throw malformed(`${path}: a lone surrogate`);
      checkValue(member, path, depth + 1);
    }
  }
}

/**
 * The values of an object that has exactly these fields, in this order.
 *
 * A field named in `optional` may be absent, not null; its value is then undefined.
 */
export function fields<N extends string, O extends string = never>(
  value: Json,
  path: string,
  names: readonly (N | O)[],
  optional: readonly O[] = [],
): { [K in N]: Json } & { [K in O]: Json | undefined } {
  if (value === null || typeof value !== "object" || isArray(value)) {
    throw malformed(`${path}: an object is expected`);
  }
  const may: readonly string[] = optional;
  const expected = names.filter((name) => Object.hasOwn(value, name) || !may.includes(name));
  const present = Object.keys(value);
  if (present.length !== expected.length || present.some((name, i) => name !== expected[i])) {
    throw malformed(`${path}: fields ${shortened(present)}, expected ${expected.join(", ")}`);
  }
  const empty = optional.find((name) => Object.hasOwn(value, name) && value[name] === null);
  if (empty !== undefined) throw malformed(`${path}.${empty}: null where the field must be absent`);
  return value as { [K in N]: Json } & { [K in O]: Json | undefined };
}

/** A list with low to high members. */
export function array(value: Json, path: string, low = 0, high = MAX_INTEGER): readonly Json[] {
  if (!isArray(value)) throw malformed(`${path}: a list is expected`);
  if (value.length < low || value.length > high) {
    throw malformed(`${path}: ${value.length} members, expected ${low} to ${high}`);
  }
  return value;
}

/** A JSON integer from low to high. */
export function integer(value: Json, path: string, low = 0, high = MAX_INTEGER): number {
  if (typeof value !== "number") throw malformed(`${path}: an integer is expected`);
  if (!(value >= low && value <= high)) throw malformed(`${path}: ${value} is not from ${low} to ${high}`);
  return value;
}

/** A JSON true or false. */
export function boolean(value: Json, path: string): boolean {
  if (typeof value !== "boolean") throw malformed(`${path}: true or false is expected`);
  return value;
}

/** A string that the pattern, which must be anchored with ^ and $, matches whole. */
export function string(value: Json, path: string, pattern: RegExp): string {
  if (typeof value !== "string" || !pattern.test(value)) {
    throw malformed(`${path}: ${shortened(value)} does not match ${pattern.source}`);
  }
  return value;
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function shortened(value: Json): string {
  const whole = JSON.stringify(value);
  return whole.length <= MAX_SHOWN ? whole : `${whole.slice(0, MAX_SHOWN)}…`;
}

// --- Text and names -----------------------------------------------------------------------

/**
 * Text for people: NFC, one line, no control, bidi or unassigned characters.
 *
 * The format judges by Unicode 3.2; here the browser's own, newer table does. What 3.2 allows is
 * allowed by every later version; a character that was assigned later is let through here and
 * refused by the programs that make, seal and audit a definition.
 */
export function text(value: Json, path: string, empty = false): string {
  if (typeof value !== "string") throw malformed(`${path}: text is expected`);
  if ([...value].length > MAX_TEXT || (value.trim() === "" && !(empty && value === ""))) {
    throw malformed(`${path}: text of 1 to ${MAX_TEXT} characters is expected`);
  }
  if (value.normalize("NFC") !== value) throw malformed(`${path}: not in Unicode normal form C`);
  const bad = FORBIDDEN.exec(value)?.[0]?.codePointAt(0);
  if (bad !== undefined) throw malformed(`${path}: contains the forbidden character ${codePoint(bad)}`);
  return value;
}

/** A character as people look it up. */
export function codePoint(number: number): string {
  return `U+${number.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** A SHA-256 in lower-case hex. */
export function hexDigest(value: Json, path: string): string {
  return string(value, path, /^[0-9a-f]{64}$/);
}

/** A session's uuid: 14 to 32 Base58 characters. */
export function uuid(value: Json, path: string): string {
  return string(value, path, /^[1-9A-HJ-NP-Za-km-z]{14,32}$/);
}

/** A SHA-256 in unpadded base64 as `b64Sha256` writes it: φ, a tracker, a ballot's hash. */
export function fingerprint(value: Json, path: string): string {
  const spelled = string(value, path, /^[A-Za-z0-9+/]{43}$/);
  if (toBase64(decoded(`${spelled}=`)).slice(0, -1) !== spelled) {
    throw malformed(`${path}: not the canonical base64 of a SHA-256`);
  }
  return spelled;
}

// --- Base64 and hashes --------------------------------------------------------------------

/** Bytes from standard base64 with padding, in its only spelling; of `size`, if it is given. */
export function fromBase64(value: Json, path: string, size?: number): Bytes {
  if (typeof value !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(value) || value.length % 4 !== 0) {
    throw malformed(`${path}: base64 is expected`);
  }
  const data = decoded(value);
  if (toBase64(data) !== value) throw malformed(`${path}: not the canonical base64 of its bytes`);
  if (size !== undefined && data.length !== size) {
    throw malformed(`${path}: ${data.length} bytes, expected ${size}`);
  }
  return data;
}

/** Standard base64 with padding. */
export function toBase64(data: Uint8Array): string {
  let binary = "";
  for (const byte of data) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The bytes of well-formed base64; only `fromBase64` and `fingerprint` judge spellings. */
function decoded(spelled: string): Bytes {
  return Uint8Array.from(atob(spelled), (letter) => letter.charCodeAt(0));
}

/** The 32 bytes of a value that `fingerprint` has accepted. */
export function digestOf(phi: string): Bytes {
  return decoded(`${phi}=`);
}

/** SHA-256, 32 bytes. */
export function digest(data: Uint8Array): Uint8Array {
  return sha256Bytes(data);
}

/** SHA-256 in lower-case hex. */
export function sha256(data: Uint8Array): string {
  return bytesToHex(sha256Bytes(data));
}

/** SHA-256 in standard base64 without padding, 43 characters: φ and trackers. */
export function b64Sha256(data: Uint8Array): string {
  return toBase64(sha256Bytes(data)).slice(0, -1);
}

/** Whether what a person typed is a code: the twin of `same_code` in crypto/encoding.py. */
export function sameCode(code: string, typed: string): boolean {
  return codeLetters(typed) === code.replace(/-/g, "");
}

/** Whether it has the shape of a code: another code is no mistake of typing (twin of `is_code`). */
export function isCode(typed: string): boolean {
  const letters = codeLetters(typed);
  return letters.length === 4 * CODE_GROUPS && [...letters].every((letter) => CROCKFORD.includes(letter));
}

function codeLetters(typed: string): string {
  return typed
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]/gu, "")
    .toUpperCase()
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
}

/** The first 20·groups bits in Crockford base32, groups of four: for people to compare. */
export function spoken(hash: Uint8Array, groups: number): string {
  const bits = BigInt(`0x${bytesToHex(hash)}`) >> BigInt(8 * hash.length - 20 * groups);
  const letters = Array.from({ length: 4 * groups }, (_, i) => {
    const place = BigInt(5 * (4 * groups - 1 - i));
    return CROCKFORD[Number((bits >> place) & 31n)] ?? "";
  }).join("");
  return letters.match(/.{4}/g)?.join("-") ?? "";
}
