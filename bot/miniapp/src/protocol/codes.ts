/**
 * Invitation codes: 32 letters, of which the server ever sees the hash of the first 16 (the twin of
 * admin/voting/codes.py).
 *
 *     7KQ2-M4XW-…   the first four groups, 80 bits, log in
 *     …-9RTB-0VJN   the last four groups, 80 bits, stay on the letter and in the voter's device:
 *                   they open what the device left with the registrar, should it be lost
 *
 * What people type is taken in either case, with O for 0, I or L for 1, any spaces and dashes, or as
 * the whole link of the letter.
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 as hash } from "@noble/hashes/sha2.js";
import { type Bytes, CROCKFORD, concat, sha256, utf8 } from "./encoding.ts";
import { ProtocolError } from "./errors.ts";
import { randomBytes } from "./group.ts";

export const HALF = 16; // letters, 80 bits
export const GROUP = 4;

const CODE_LABEL = "phieukin code v1\n";
const RECOVERY_LABEL = "phieukin recovery v1\n";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const MAX_FIELDS = 4; // of a link's fragment
// biome-ignore lint/suspicious/noControlCharactersInRegex: what admin/voting/codes.py takes for space
const IGNORED = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2028\u2029\u2212\p{Zs}\p{Pd}\p{Cf}]/gu;

/** A code that was read; `recovery` is null where only the first half was given. */
export interface Halves {
  readonly login: string;
  readonly recovery: string | null;
}

/**
 * The halves of a code as somebody typed it, or as it stands in a link.
 *
 * `uuid` is the session it should be for; a link to another is refused. Throws bad_code: not a code.
 * The detail says how long it was, never what it was.
 */
export function parse(text: string, uuid?: string): Halves {
  const typed = text.normalize("NFKC").trim();
  const code = /[#/]/.test(typed) ? ofLink(typed, uuid) : typed;
  const letters = code.replace(IGNORED, "").toUpperCase().replaceAll("O", "0").replace(/[IL]/g, "1");
  if (/[^\0-\x7f]/.test(letters)) {
    throw badCode("a letter with a mark: turn off the Vietnamese keyboard, then type again");
  }
  if ([...letters].some((letter) => !CROCKFORD.includes(letter))) {
    throw badCode("a code has digits and the letters A to Z without I, L, O, U");
  }
  if (letters.length !== HALF && letters.length !== 2 * HALF) {
    throw badCode(`a code has ${HALF} or ${2 * HALF} letters, not ${letters.length}`);
  }
  return { login: letters.slice(0, HALF), recovery: letters.slice(HALF) || null };
}

/** What the registrar keeps of a code, hex; of use in one session only. */
export function codeHash(uuid: string, login: string): string {
  return sha256(utf8(`${CODE_LABEL}${uuid}\n${login}`));
}

/** The key under which a voter's device keeps its secrets with the registrar: 32 bytes. */
export function recoveryKey(recovery: string, uuid: string): Bytes {
  const info = utf8(RECOVERY_LABEL + uuid);
  return new Uint8Array(hkdf(hash, utf8(recovery), undefined, info, KEY_BYTES));
}

/** Nonce and ciphertext of what a device may need again. */
export function seal(key: Uint8Array, uuid: string, secret: Uint8Array): Bytes {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = chacha20poly1305(key, nonce, utf8(RECOVERY_LABEL + uuid));
  return concat(nonce, cipher.encrypt(secret));
}

/** What was sealed. Throws bad_code unless it was under this key, for this session. */
export function unseal(key: Uint8Array, uuid: string, sealed: Uint8Array): Bytes {
  const nonce = sealed.slice(0, NONCE_BYTES);
  try {
    const cipher = chacha20poly1305(key, nonce, utf8(RECOVERY_LABEL + uuid));
    return new Uint8Array(cipher.decrypt(sealed.slice(NONCE_BYTES)));
  } catch {
    throw badCode("what was kept for this code does not open with it");
  }
}

function ofLink(text: string, uuid: string | undefined): string {
  const whole = text.replace(/[\t\r\n]/g, "");
  const hashMark = whole.indexOf("#");
  const address = hashMark < 0 ? whole : whole.slice(0, hashMark);
  const fragment = hashMark < 0 ? "" : whole.slice(hashMark + 1);
  const odd = fragment.split("&").length > MAX_FIELDS || /^[^/]*\/\/[^/?]*[[\]]/.test(address);
  const codes = new URLSearchParams(`&${fragment}`).getAll("c").filter((value) => value !== "");
  const [code] = codes;
  if (odd || code === undefined || codes.length > 1) {
    throw badCode("the link has no code: it must be whole, with all that follows the #");
  }
  const path = address.replace(/^[A-Za-z][A-Za-z0-9+.-]*:/, "").replace(/^\/\/[^/?]*/, "");
  const names = path.replace(/\?.*$/s, "").split("/");
  if (uuid !== undefined && names.at(-2) === "v" && names.at(-1) !== uuid) {
    throw badCode("the link is for another session");
  }
  return code;
}

function badCode(detail: string): ProtocolError {
  return new ProtocolError("bad_code", detail);
}
