/**
 * A trustee's key file (docs/protocol.md §5.1): its seed, the messages it holds to, its share, and what
 * it has signed, under a passphrase. The same file as that of `phieukin trustee`: either opens the other's.
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { argon2idAsync } from "@noble/hashes/argon2.js";
import {
  array,
  type Bytes,
  canonical,
  fields,
  fingerprint,
  fromBase64,
  hexDigest,
  integer,
  type Json,
  parseJson,
  string,
  toBase64,
  toHex,
  utf8,
} from "../encoding/encoding.ts";
import { malformed, ProtocolError } from "../encoding/errors.ts";
import { randomBytes, scalar } from "../group/group.ts";
import { MAX_TRUSTEES } from "../session/committee.ts";
import { checkSeed, newSeed, type Seat } from "./seed.ts";

export const LIMIT = 1 << 20; // bytes
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const KEY_BYTES = 32;
const MARK_BYTES = 16;
const MOST_MEMORY = 1 << 20; // KiB
const MOST_TIMES = 16;
const LEAST_PER_LANE = 8; // KiB
const UNIX_MOST = 10 ** 10 - 1; // seconds: ten digits

/** What a key file holds. `step1s` are the files of step 1 as strings: one's own, and later all. */
export interface TrusteeState extends Seat {
  readonly step1s: readonly string[];
  /** The sum of all shares; null before step 3, and of a Single. */
  readonly share: bigint | null;
  /** φ of the definition that it has signed, and SHA-256 of the texts. */
  readonly definition: string | null;
  readonly opening: string | null;
  readonly closing: string | null;
  /** When it stored a quorum's signatures on the closing, Unix seconds. */
  readonly quorumSeen: number | null;
  /** SHA-256 of the encrypted tally that it has opened. */
  readonly tally: string | null;
  /** 16 bytes in hex, drawn anew at each writing. */
  readonly mark: string;
}

/** How dear a guess is. */
export interface Cost {
  readonly memoryKib: number;
  readonly iterations: number;
  readonly lanes: number;
}

/** That of new files. */
export const COST: Cost = { memoryKib: 1 << 16, iterations: 3, lanes: 4 };

/** A trustee who has done nothing yet. */
export function freshState(index: number, size: number, threshold: number, seed = newSeed()): TrusteeState {
  return {
    seed: checkSeed(seed),
    index,
    size,
    threshold,
    step1s: [],
    share: null,
    definition: null,
    opening: null,
    closing: null,
    quorumSeen: null,
    tally: null,
    mark: newMark(),
  };
}

/** A mark that no file has had. */
export function newMark(): string {
  return toHex(randomBytes(MARK_BYTES));
}

// --- The file -----------------------------------------------------------------------------------

/**
 * A passphrase as it opens one key file: made once, since that takes seconds, and used for every writing
 * until the page is closed. Each writing has a nonce of its own.
 */
export interface Lock {
  readonly salt: Uint8Array;
  readonly cost: Cost;
  readonly key: Uint8Array;
}

/** How far the derivation is, from 0 to 1. */
export type Progress = (part: number) => void;

/** The lock of a new file. */
export async function newLock(passphrase: string, progress?: Progress, cost: Cost = COST): Promise<Lock> {
  const salt = randomBytes(SALT_BYTES);
  return { salt, cost, key: await derived(passphrase, salt, cost, progress) };
}

/** The file of a state. */
export function sealKey(state: TrusteeState, { salt, cost, key }: Lock): Bytes {
  const nonce = randomBytes(NONCE_BYTES);
  const kdf = { name: "argon2id", salt: toBase64(salt), memory_kib: cost.memoryKib };
  const header = {
    schema: "phieukin.key/1",
    kdf: { ...kdf, iterations: cost.iterations, lanes: cost.lanes },
    nonce: toBase64(nonce),
  };
  const sealed = chacha20poly1305(key, nonce, canonical(header)).encrypt(encodeState(state));
  return canonical({ ...header, sealed: toBase64(sealed) });
}

/** What a file holds, and its lock. Throws malformed; wrong_passphrase, also for a file that was altered. */
export async function openKey(
  file: Uint8Array,
  passphrase: string,
  progress?: Progress,
): Promise<{ state: TrusteeState; lock: Lock }> {
  const path = "key file";
  const json = fields(parseJson(file, path, LIMIT), path, ["schema", "kdf", "nonce", "sealed"]);
  const schema = string(json.schema, `${path}.schema`, /^phieukin\.key\/1$/);
  const kdf = fields(json.kdf, `${path}.kdf`, ["name", "salt", "memory_kib", "iterations", "lanes"]);
  string(kdf.name, `${path}.kdf.name`, /^argon2id$/);
  const lanes = integer(kdf.lanes, `${path}.kdf.lanes`, 1, MOST_TIMES);
  const cost: Cost = {
    memoryKib: integer(kdf.memory_kib, `${path}.kdf.memory_kib`, LEAST_PER_LANE * lanes, MOST_MEMORY),
    iterations: integer(kdf.iterations, `${path}.kdf.iterations`, 1, MOST_TIMES),
    lanes,
  };
  const salt = fromBase64(kdf.salt, `${path}.kdf.salt`, SALT_BYTES);
  const nonce = fromBase64(json.nonce, `${path}.nonce`, NONCE_BYTES);
  const sealed = fromBase64(json.sealed, `${path}.sealed`);
  const key = await derived(passphrase, salt, cost, progress);
  const header = canonical({ schema, kdf: json.kdf, nonce: json.nonce });
  let state: Uint8Array;
  try {
    state = chacha20poly1305(key, nonce, header).decrypt(sealed);
  } catch {
    throw new ProtocolError("wrong_passphrase", "the key file does not open: another passphrase, or it was altered");
  }
  return { state: decodeState(state), lock: { salt, cost, key } };
}

async function derived(
  passphrase: string,
  salt: Uint8Array,
  { memoryKib, iterations, lanes }: Cost,
  progress?: Progress,
): Promise<Uint8Array> {
  const work = { m: memoryKib, t: iterations, p: lanes, dkLen: KEY_BYTES, maxmem: 2 ** 31 };
  const options = progress ? { ...work, onProgress: progress } : work;
  return argon2idAsync(utf8(passphrase.normalize("NFC")), salt, options);
}

// --- What is sealed -------------------------------------------------------------------------------

/** The only spelling of a state. */
export function encodeState(state: TrusteeState): Bytes {
  const { seed, index, size, threshold, step1s, share, definition, opening, closing, quorumSeen, tally, mark } = state;
  return canonical({
    ...{ schema: "phieukin.trustee/2", seed, index, size, threshold, step1s },
    ...{ share: share === null ? null : String(share), definition, opening, closing },
    ...{ quorum_seen: quorumSeen, tally, mark },
  });
}

/** Throws malformed. */
export function decodeState(raw: Uint8Array): TrusteeState {
  const path = "key";
  const json = fields(parseJson(raw, path, LIMIT), path, [
    ...(["schema", "seed", "index", "size", "threshold", "step1s", "share", "definition"] as const),
    ...(["opening", "closing", "quorum_seen", "tally", "mark"] as const),
  ]);
  string(json.schema, `${path}.schema`, /^phieukin\.trustee\/2$/);
  const size = integer(json.size, `${path}.size`, 1, MAX_TRUSTEES);
  return {
    seed: checkSeed(typeof json.seed === "string" ? json.seed : ""),
    index: integer(json.index, `${path}.index`, 1, size),
    size,
    threshold: integer(json.threshold, `${path}.threshold`, 1, size),
    step1s: array(json.step1s, `${path}.step1s`, 0, size).map((file, i) => textOf(file, `${path}.step1s[${i}]`)),
    share: orNull(json.share, `${path}.share`, scalar),
    definition: orNull(json.definition, `${path}.definition`, fingerprint),
    opening: orNull(json.opening, `${path}.opening`, hexDigest),
    closing: orNull(json.closing, `${path}.closing`, hexDigest),
    quorumSeen: orNull(json.quorum_seen, `${path}.quorum_seen`, (value, at) => integer(value, at, 0, UNIX_MOST)),
    tally: orNull(json.tally, `${path}.tally`, hexDigest),
    mark: string(json.mark, `${path}.mark`, /^[0-9a-f]{32}$/),
  };
}

function textOf(value: Json, path: string): string {
  if (typeof value !== "string") throw malformed(`${path}: a string is expected`);
  return value;
}

function orNull<T>(value: Json, path: string, read: (value: Json, path: string) => T): T | null {
  return value === null ? null : read(value, path);
}
