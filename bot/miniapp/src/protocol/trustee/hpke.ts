/**
 * HPKE (RFC 9180), base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20Poly1305, as one
 * trustee sends another its share (docs/protocol.md §5.1); and the X25519 form of its key.
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { numberToBytesLE } from "@noble/curves/utils.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, utf8 } from "../encoding/encoding.ts";
import { malformed } from "../encoding/errors.ts";
import { type Element, Q, randomBytes } from "../group/group.ts";

const P = 2n ** 255n - 19n;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const VERSION = utf8("HPKE-v1");
const NOTHING = new Uint8Array();
/** "KEM" ‖ 0x0020, and "HPKE" ‖ KEM 0x0020 ‖ KDF 0x0001 ‖ AEAD 0x0003. */
const KEM_SUITE = concat(utf8("KEM"), Uint8Array.of(0, 0x20));
const SUITE = concat(utf8("HPKE"), Uint8Array.of(0, 0x20, 0, 1, 0, 3));
const BASE_MODE = Uint8Array.of(0);

// --- Keys -------------------------------------------------------------------------------------

/** The Montgomery u of an element, 32 bytes little-endian (RFC 7748 §4.1): (1 + y)/(1 − y). */
export function montgomery(member: Element): Bytes {
  const y = member.point.Y; // affine: elements have Z = 1
  return new Uint8Array(numberToBytesLE(((1n + y) * inverseOf((1n - y + P) % P, P)) % P, KEY_BYTES));
}

/**
 * The X25519 private key of a scalar: the multiple of 8 below 8q that is ± the scalar mod q and
 * clamped as it stands.
 *
 * Throws malformed where there is none (probability 2^−123): another seed is needed.
 */
export function montgomerySecret(scalar: bigint): Bytes {
  const n = 8n * ((scalar * inverseOf(8n, Q)) % Q);
  const clamped = n < 2n ** 254n ? 8n * Q - n : n;
  if (clamped < 2n ** 254n || clamped >= 2n ** 255n) throw malformed("seed: no X25519 key; draw another");
  return new Uint8Array(numberToBytesLE(clamped, KEY_BYTES));
}

/** 1/n modulo a prime. */
function inverseOf(n: bigint, prime: bigint): bigint {
  let [a, b, x, y] = [n, prime, 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  if (a !== 1n) throw new RangeError("not invertible");
  return ((x % prime) + prime) % prime;
}

/** Key and nonce of a context's first message, which is the only one. */
export interface MessageKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

// --- RFC 9180 ---------------------------------------------------------------------------------

/** enc ‖ ciphertext. */
export function seal(
  receiver: Uint8Array,
  info: Uint8Array,
  plaintext: Uint8Array,
  ephemeral: Uint8Array = randomBytes(KEY_BYTES),
): Bytes {
  const enc = x25519.getPublicKey(ephemeral);
  const secret = kemSecret(x25519.getSharedSecret(ephemeral, receiver), enc, receiver);
  const { key, nonce } = schedule(secret, info);
  return concat(enc, chacha20poly1305(key, nonce).encrypt(plaintext));
}

/** What was sealed; null if it does not open. */
export function open(privateKey: Uint8Array, info: Uint8Array, sealed: Uint8Array): Bytes | null {
  try {
    const { key, nonce } = setupReceiver(privateKey, info, sealed.slice(0, KEY_BYTES));
    return new Uint8Array(chacha20poly1305(key, nonce).decrypt(sealed.slice(KEY_BYTES)));
  } catch {
    return null;
  }
}

/** SetupBaseR of §5.1.1, for the first message. Throws for an ephemeral key of small order. */
export function setupReceiver(privateKey: Uint8Array, info: Uint8Array, enc: Uint8Array): MessageKey {
  const shared = x25519.getSharedSecret(privateKey, enc);
  return schedule(kemSecret(shared, enc, x25519.getPublicKey(privateKey)), info);
}

/** ExtractAndExpand of §4.1. */
function kemSecret(shared: Uint8Array, enc: Uint8Array, receiver: Uint8Array): Uint8Array {
  const prk = labeledExtract(KEM_SUITE, NOTHING, "eae_prk", shared);
  return labeledExpand(KEM_SUITE, prk, "shared_secret", concat(enc, receiver), KEY_BYTES);
}

/** KeySchedule of §5.1 for base mode; of the context only the first message is ever needed. */
function schedule(shared: Uint8Array, info: Uint8Array): MessageKey {
  const idHash = labeledExtract(SUITE, NOTHING, "psk_id_hash", NOTHING);
  const context = concat(BASE_MODE, idHash, labeledExtract(SUITE, NOTHING, "info_hash", info));
  const secret = labeledExtract(SUITE, shared, "secret", NOTHING);
  return {
    key: labeledExpand(SUITE, secret, "key", context, KEY_BYTES),
    nonce: labeledExpand(SUITE, secret, "base_nonce", context, NONCE_BYTES),
  };
}

function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array {
  return extract(sha256, concat(VERSION, suite, utf8(label), ikm), salt);
}

function labeledExpand(suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, size: number): Uint8Array {
  const labeled = concat(Uint8Array.of(size >> 8, size & 0xff), VERSION, suite, utf8(label), info);
  return expand(sha256, prk, labeled, size);
}
