/**
 * Signed notes (C2SP signed-note): text that several parties sign, for people and programs (the
 * reading part of crypto/note.py).
 *
 *     text, ending in a newline
 *
 *     — name base64(key ID ‖ signature)
 *
 * Two kinds of parties sign: one with a seed of its own (registrar, box, chair), and a trustee with
 * the scalar of its certificate, who reveals a salt with it.
 *
 * A note says nothing before `Note.check` has found every expected key on it. Other signatures are
 * left alone: observers may add theirs.
 */

import { bytesToNumberLE, numberToBytesLE } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import {
  type Bytes,
  codePoint,
  concat,
  digest,
  fromBase64,
  sameBytes,
  toBase64,
  toHex,
  toText,
  utf8,
} from "../encoding/encoding.ts";
import { malformed, ProtocolError } from "../encoding/errors.ts";
import { elementBytes, G, modQ, power, randomScalar, verifySignature } from "../group/group.ts";

export const LIMIT = 1 << 16; // bytes of a note; 32 trustees and as many observers need about 10 kB

export const ED25519 = Uint8Array.of(1); // signature type
/** One of our own, as C2SP signed-note has it: 0xff ‖ name. A trustee reveals a salt before Ed25519's 64 bytes. */
export const SALTED = concat(Uint8Array.of(0xff), utf8("phieukin salt v1"));
const KEY_BYTES = 32;
const SALT_BYTES = 32;
const KEY_ID_BYTES = 4;
const SIGNATURE_BYTES = 64;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what crypto/note.py takes for space (str.isspace)
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** A party's name, Ed25519 public key of 32 bytes and type of signature. Throws malformed for a bad name or key. */
export class NoteKey {
  constructor(
    readonly name: string,
    readonly publicKey: Uint8Array,
    readonly kind: Uint8Array = ED25519,
  ) {
    checkName(name, "note key");
    elementBytes(publicKey, `note key ${name}`);
  }

  /** The first 4 bytes of SHA-256(name ‖ newline ‖ type ‖ public key). */
  get keyId(): Bytes {
    return digest(concat(utf8(`${this.name}\n`), this.kind, this.publicKey)).slice(0, KEY_ID_BYTES);
  }

  /** The verifier key as text: name+key ID+base64(type ‖ public key). */
  get vkey(): string {
    return `${this.name}+${toHex(this.keyId)}+${toBase64(concat(this.kind, this.publicKey))}`;
  }

  /** How many bytes of salt stand before the signature. */
  get saltLength(): number {
    return sameBytes(this.kind, SALTED) ? SALT_BYTES : 0;
  }

  /** Throws malformed for anything that `vkey` would not write. */
  static fromVkey(vkey: string): NoteKey {
    const [, name, , encoded] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey) ?? [];
    if (name === undefined || encoded === undefined) {
      throw malformed("verifier key: name+key ID+base64 is expected");
    }
    const data = fromBase64(encoded, "verifier key");
    const kind = [ED25519, SALTED].find((known) => sameBytes(known, data.slice(0, known.length)));
    if (kind === undefined) throw malformed("verifier key: not an Ed25519 key");
    const key = new NoteKey(name, data.slice(kind.length), kind);
    if (key.vkey !== vkey) throw malformed("verifier key: its key ID belongs to another name or key");
    return key;
  }
}

/** One signature line. */
export interface Signature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** A text and its signatures. Not to be trusted before `check`. */
export class Note {
  constructor(
    readonly text: string,
    readonly signatures: readonly Signature[],
  ) {
    checkText(text);
    if (signatures.length === 0) throw malformed("note: at least one signature is expected");
    const keys = signatures.map((s) => `${s.name} ${toHex(s.keyId)}`);
    if (new Set(keys).size !== keys.length) throw malformed("note: two signatures by one key");
  }

  /** The only spelling of this note. */
  encode(): Bytes {
    return utf8(`${this.text}\n${this.signatures.map(lineOf).join("")}`);
  }

  /** Throws bad_checkpoint, naming each key whose signature is missing or wrong. */
  check(keys: readonly NoteKey[]): void {
    const problems = keys.map((key) => this.#problem(key)).filter((problem) => problem !== "");
    if (keys.length === 0) problems.push("nobody is named who should have signed it");
    if (problems.length > 0) throw new ProtocolError("bad_checkpoint", `note: ${problems.join(", ")}`);
  }

  /** Whether a line is there under this key; says nothing about whether it is right. */
  signedBy(key: NoteKey): boolean {
    return this.#line(key) !== undefined;
  }

  /** What a trustee revealed with its signature; right only after `check`. */
  salt(key: NoteKey): Uint8Array {
    return this.#line(key)?.slice(0, key.saltLength) ?? new Uint8Array();
  }

  #line(key: NoteKey): Uint8Array | undefined {
    return this.signatures.find((s) => s.name === key.name && sameBytes(s.keyId, key.keyId))?.signature;
  }

  /** What is wrong with this key's signature; empty if nothing is. */
  #problem(key: NoteKey): string {
    const line = this.#line(key);
    if (line === undefined) return `not signed by ${key.name}`;
    if (line.length !== key.saltLength + SIGNATURE_BYTES) return `wrong signature of ${key.name}`;
    const publicKey = elementBytes(key.publicKey, `note key ${key.name}`);
    const right = verifySignature(line.slice(key.saltLength), utf8(this.text), publicKey);
    return right ? "" : `wrong signature of ${key.name}`;
  }
}

/**
 * A text with the signature of one trustee: the salt that it reveals, then Ed25519 under the scalar of
 * its certificate, R = g^k, S = k + SHA-512(R ‖ X ‖ text)·secret (docs/protocol.md §6.2).
 */
export function signAsTrustee(text: string, name: string, secret: bigint, salt: Uint8Array): Note {
  const publicKey = power(G, secret).raw;
  const k = randomScalar();
  const R = power(G, k).raw;
  const challenge = bytesToNumberLE(sha512(concat(R, publicKey, utf8(text))));
  const S = numberToBytesLE(modQ(k + challenge * secret), KEY_BYTES);
  const { keyId } = new NoteKey(name, publicKey, SALTED);
  return new Note(text, [{ name, keyId, signature: concat(salt, R, S) }]);
}

/**
 * The note whose only spelling is `data`. Its signatures are not checked yet.
 *
 * Throws malformed: too large, not UTF-8, a control character, no signature, two by one key.
 */
export function parseNote(data: Uint8Array): Note {
  if (data.length > LIMIT) throw malformed(`note: ${data.length} bytes, at most ${LIMIT} are allowed`);
  const whole = toText(data, "note");
  const blank = whole.lastIndexOf("\n\n");
  const lines = whole.slice(blank + 2);
  if (blank < 0 || !lines.endsWith("\n")) {
    throw malformed("note: text, a blank line and signature lines are expected");
  }
  const members = lines.slice(0, -1).split("\n");
  const signatures = members.map((line, i) => fromLine(line, `note, signature ${i + 1}`));
  const note = new Note(whole.slice(0, blank + 1), signatures);
  if (!sameBytes(note.encode(), data)) throw malformed("note: not the canonical spelling of its contents");
  return note;
}

function lineOf(signature: Signature): string {
  return `— ${signature.name} ${toBase64(concat(signature.keyId, signature.signature))}\n`;
}

function fromLine(line: string, path: string): Signature {
  const [dash = "", name = "", ...rest] = line.split(" ");
  if (dash !== "—") throw malformed(`${path}: — name signature is expected`);
  checkName(name, path);
  const data = fromBase64(rest.join(" "), path);
  if (data.length <= KEY_ID_BYTES) throw malformed(`${path}: a signature is missing after the key ID`);
  return { name, keyId: data.slice(0, KEY_ID_BYTES), signature: data.slice(KEY_ID_BYTES) };
}

function checkText(text: string): void {
  if (!text.endsWith("\n")) throw malformed("note: the text must end in a newline");
  checkCharacters(text, "note");
}

function checkName(name: string, path: string): void {
  if (name === "" || name.includes("+") || SPACE.test(name)) {
    throw malformed(`${path}: a name without spaces and plus signs is expected`);
  }
  checkCharacters(name, path);
}

/** Stricter than the format, which allows DEL and C1: terminals obey those. */
function checkCharacters(text: string, path: string): void {
  const bad = /[^\P{Cc}\n]|\p{Cs}/u.exec(text)?.[0].codePointAt(0);
  if (bad !== undefined) throw malformed(`${path}: contains the forbidden character ${codePoint(bad)}`);
}
