/**
 * The token issuer's RSA key in a definition (docs/protocol.md §5.2; the reading part of
 * crypto/blind.py). Apart from token.ts, whose library who only reads definitions does without.
 */

import { fromHex, sameBytes } from "../encoding/encoding.ts";
import { malformed } from "../encoding/errors.ts";

export const MODULUS_BYTES = 384; // 3072 bits
export const ALGORITHM = { name: "RSA-PSS", hash: "SHA-384" } as const;

// DER of SubjectPublicKeyInfo, rsaEncryption with NULL, INTEGER n of 385 bytes with its leading zero.
const SPKI_HEAD = fromHex("308201a2300d06092a864886f70d01010105000382018f003082018a0282018100");
const SPKI_TAIL = fromHex("0203010001"); // INTEGER 65537
const SPKI_BYTES = SPKI_HEAD.length + MODULUS_BYTES + SPKI_TAIL.length;
const TOP_BIT = 0x80;

/**
 * Throws malformed unless these bytes are a session's key: 3072 bits, odd, e = 65537, in the only
 * spelling we write.
 */
export function checkIssuer(spki: Uint8Array, path: string): void {
  const modulus = modulusOf(spki);
  const right =
    spki.length === SPKI_BYTES &&
    sameBytes(spki.subarray(0, SPKI_HEAD.length), SPKI_HEAD) &&
    sameBytes(spki.subarray(-SPKI_TAIL.length), SPKI_TAIL) &&
    ((modulus[0] ?? 0) & TOP_BIT) !== 0 &&
    ((modulus[MODULUS_BYTES - 1] ?? 0) & 1) === 1;
  if (!right) throw malformed(`${path}: the DER of an RSA key of 3072 bits with e = 65537 is expected`);
}

/** The modulus in a key that `checkIssuer` accepts, big-endian. */
export function modulusOf(spki: Uint8Array): Uint8Array {
  return spki.subarray(SPKI_HEAD.length, SPKI_HEAD.length + MODULUS_BYTES);
}

/** The issuer's key of a definition, for use. Throws malformed for anything `checkIssuer` refuses. */
export async function importIssuer(spki: Uint8Array): Promise<CryptoKey> {
  checkIssuer(spki, "issuer key");
  try {
    return await crypto.subtle.importKey("spki", new Uint8Array(spki), ALGORITHM, true, ["verify"]);
  } catch {
    throw malformed("issuer key: not a DER public key");
  }
}
