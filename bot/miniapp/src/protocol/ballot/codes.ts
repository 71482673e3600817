/**
 * Codes of 16 letters: a letter's, which logs in, and a phone's own, which no server ever hears (the
 * twin of admin/voting/codes.py).
 *
 *     7KQ2-M4XW-9RTB-0VJN   of a letter or a role: it begins with a digit or one of A to F, and logs in
 *     RSTV-WXYZ-2345-6789   a backup code: it begins with one of G to Z. The voter's device makes it, and
 *                           it opens what the device left with the registrar, should the device be lost
 *
 * The first letter tells them apart, so that a backup code typed in the wrong place is refused here and
 * not sent. What people type is taken in either case, with O for 0, I or L for 1, any spaces and dashes;
 * a letter's code also as the whole link.
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 as hash } from "@noble/hashes/sha2.js";
import { type Bytes, CROCKFORD, concat, sha256, utf8 } from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import { randomBytes } from "../group/group.ts";

const LENGTH = 16; // letters
const LOGIN_STARTS = CROCKFORD.slice(0, 16);
const BACKUP_STARTS = CROCKFORD.slice(16);

const CODE_LABEL = "phieukin code v1\n";
const RECOVERY_LABEL = "phieukin recovery v1\n";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const MAX_FIELDS = 4; // of a link's fragment
// biome-ignore lint/suspicious/noControlCharactersInRegex: what admin/voting/codes.py takes for space
const IGNORED = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2028\u2029\u2212\p{Zs}\p{Pd}\p{Cf}]/gu;

/**
 * The letters of a letter's code, as somebody typed it or as it stands in a link.
 *
 * `uuid` is the session it should be for; a link to another is refused. Throws bad_code: not such a
 * code. The detail says how long it was, never what it was.
 */
export function parse(text: string, uuid?: string): string {
  const typed = text.normalize("NFKC").trim();
  const letters = lettersOf(/[#/]/.test(typed) ? ofLink(typed, uuid) : typed);
  if (!LOGIN_STARTS.includes(letters.charAt(0))) {
    throw badCode("this is a backup code, which never logs in: the letter has another");
  }
  return letters;
}

/** The letters of a backup code as somebody typed it. Throws bad_code as `parse` does. */
export function parseBackup(text: string): string {
  const letters = lettersOf(text.normalize("NFKC"));
  if (!BACKUP_STARTS.includes(letters.charAt(0))) {
    throw badCode("this is the code of a letter: a backup code is the one that the device made");
  }
  return letters;
}

/** The letters of a new backup code: 79 bits of this device's own randomness. */
export function newBackupCode(): string {
  const [first = 0, ...others] = randomBytes(LENGTH);
  // 256 is a multiple of both, so no letter is likelier than another.
  const letters = others.map((byte) => CROCKFORD.charAt(byte % CROCKFORD.length));
  return BACKUP_STARTS.charAt(first % BACKUP_STARTS.length) + letters.join("");
}

/** What the registrar keeps of a code, hex; of use in one session only. */
export function codeHash(uuid: string, code: string): string {
  return sha256(utf8(`${CODE_LABEL}${uuid}\n${code}`));
}

/** The key under which a voter's device leaves its secrets with the registrar: 32 bytes. */
export function recoveryKey(backupCode: string, uuid: string): Bytes {
  const info = utf8(RECOVERY_LABEL + uuid);
  return new Uint8Array(hkdf(hash, utf8(backupCode), undefined, info, KEY_BYTES));
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
    throw badCode("what was left with the registrar does not open with this code");
  }
}

function lettersOf(text: string): string {
  const letters = text.replace(IGNORED, "").toUpperCase().replaceAll("O", "0").replace(/[IL]/g, "1");
  if (/[^\0-\x7f]/.test(letters)) {
    throw badCode("a letter with a mark: turn off the Vietnamese keyboard, then type again");
  }
  if ([...letters].some((letter) => !CROCKFORD.includes(letter))) {
    throw badCode("a code has digits and the letters A to Z without I, L, O, U");
  }
  if (letters.length !== LENGTH) throw badCode(`a code has ${LENGTH} letters, not ${letters.length}`);
  return letters;
}

function ofLink(text: string, uuid: string | undefined): string {
  const whole = text.replace(/[\t\r\n]/g, "");
  const hashMark = whole.indexOf("#");
  const address = hashMark < 0 ? whole : whole.slice(0, hashMark);
  const fragment = hashMark < 0 ? "" : whole.slice(hashMark + 1);
  const odd = fragment.split("&").length > MAX_FIELDS || /^[^/]*\/\/[^/?]*[[\]]/.test(address);
  const fields = new URLSearchParams(`&${fragment}`);
  const named = (name: string): string[] => fields.getAll(name).filter((value) => value !== "");
  const codes = named("c");
  const [code] = codes;
  if (odd || code === undefined || codes.length > 1) {
    throw badCode("the link has no code: it must be whole, with all that follows the #");
  }
  const path = address.replace(/^[A-Za-z][A-Za-z0-9+.-]*:/, "").replace(/^\/\/[^/?]*/, "");
  const names = path.replace(/\?.*$/s, "").replace(/\/+$/, "").split("/");
  const session = names.at(-2) === "v" ? names.at(-1) : named("s")[0]; // a trustee's link names it behind the #
  if (uuid !== undefined && session !== undefined && session !== uuid) {
    throw badCode("the link is for another session");
  }
  return code;
}

function badCode(detail: string): ProtocolError {
  return new ProtocolError("bad_code", detail);
}
