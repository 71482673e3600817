/**
 * The auditors' bundle `<uuid>.auditor.zip`, which is never public: the rosters, and who of the last one
 * got a ballot by which channel (docs/protocol.md §15, check 21).
 */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesOf } from "../encoding/bytes.ts";
import { array, fields, fromBase64, integer, parseJson, string, toHex, toText, uuid } from "../encoding/encoding.ts";
import { malformed, ProtocolError } from "../encoding/errors.ts";
import { CHANNELS, type Election } from "../session/session.ts";
import type { Issuance } from "./issuance.ts";
import { checkManifest, MANIFEST } from "./manifest.ts";
import { openZip } from "./zip.ts";

const [ATTENDANCE, EVIDENCE, SALT] = ["attendance.json", "evidence.jsonl", "roster.salt"];
const SALT_BYTES = 32;
const MOST_EVIDENCE = 4096; // bytes of one piece
const LARGEST = 1 << 26; // bytes of a file
const CHANNEL = new RegExp(`^(?:${CHANNELS.join("|")})$`);

/**
 * Every roster has the HMAC that was signed for it, and its size; tokens by channel are the record's.
 *
 * Throws bad_record: the zip, a file or a roster is another; bad_checkpoint: not signed by the chair;
 * bad_counts: other numbers; malformed.
 */
export async function checkAuditors(zip: Blob, election: Election, issuance: Issuance): Promise<void> {
  const files = await openZip(zip);
  const large = [...files].find(([, file]) => file.size > LARGEST)?.[0];
  if (large !== undefined) throw bad(`${large}: more than ${LARGEST} bytes`);
  if (!files.has(MANIFEST)) throw bad(`there is no ${MANIFEST}`);
  await checkManifest(election, files, "auditor manifest");
  const size = await checkRosters(files, election, issuance);
  await checkAttendance(await read(files, ATTENDANCE), size, election, issuance);
  checkEvidence(await read(files, EVIDENCE));
}

/** Returns how many are on the last one. */
async function checkRosters(
  files: ReadonlyMap<string, Blob>,
  { ours }: Election,
  { amendments }: Issuance,
): Promise<number> {
  const macs = [ours.rosterMac, ...amendments.map(({ mac }) => mac)];
  const names = macs.map((_, i) => `roster-${i}.json`);
  const expected = new Set<string | undefined>([MANIFEST, ATTENDANCE, EVIDENCE, SALT, ...names]);
  const stray = [...files.keys()].find((name) => !expected.has(name));
  if (stray !== undefined) throw bad(`${stray}: no auditors' bundle of this session has such a file`);
  const salt = await read(files, SALT);
  if (salt.length !== SALT_BYTES) throw bad(`${SALT}: ${salt.length} bytes, ${SALT_BYTES} are expected`);
  let size = ours.rosterSize;
  for (const [i, name] of names.entries()) {
    const raw = await read(files, name);
    if (toHex(hmac(sha256, salt, raw)) !== macs[i]) throw bad(`${name}: its HMAC is not the one that was signed`);
    const change = amendments[i - 1];
    if (change) size += change.added - change.removed;
    const { voters } = fields(parseJson(raw, name, LARGEST), name, ["schema", "uuid", "voters"]);
    const listed = array(voters, `${name}.voters`).length;
    if (listed !== size) throw badCounts(`${name}: ${listed} voters, ${size} were signed`);
  }
  return size;
}

async function checkAttendance(raw: Uint8Array, size: number, election: Election, issuance: Issuance): Promise<void> {
  const path = "attendance.json";
  const json = fields(parseJson(raw, path, LARGEST), path, ["schema", "uuid", "issued"]);
  string(json.schema, `${path}.schema`, /^phieukin[.]attendance\/1$/);
  if (uuid(json.uuid, `${path}.uuid`) !== election.uuid) throw bad(`${path}: the session in it is another`);
  const counts = new Map<string, number>();
  let last = 0;
  for (const [i, entry] of array(json.issued, `${path}.issued`).entries()) {
    const issued = fields(entry, `${path}.issued[${i}]`, ["line", "channel"]);
    last = integer(issued.line, `${path}.issued[${i}].line`, last + 1, size);
    const channel = string(issued.channel, `${path}.issued[${i}].channel`, CHANNEL);
    counts.set(channel, (counts.get(channel) ?? 0) + 1);
  }
  const differing = CHANNELS.filter((channel) => channel !== "paper").find((channel) => {
    return (counts.get(channel) ?? 0) !== (issuance.channels.find(([name]) => name === channel)?.[1] ?? 0);
  });
  if (differing !== undefined) throw badCounts(`${path}: other numbers of tokens than the record's, by ${differing}`);
}

/** Lines that ascend, of what only the auditors' key opens. */
function checkEvidence(raw: Uint8Array): void {
  const lines = toText(raw, EVIDENCE).split("\n");
  if (lines.pop() !== "") throw malformed(`${EVIDENCE}: the last line has no end`);
  lines.forEach((line, i) => {
    const path = `${EVIDENCE}, line ${i + 1}`;
    if (i > 0 && line <= (lines[i - 1] ?? "")) throw malformed(`${path}: the lines must ascend`);
    if (fromBase64(line, path).length > MOST_EVIDENCE) throw malformed(`${path}: more than ${MOST_EVIDENCE} bytes`);
  });
}

async function read(files: ReadonlyMap<string, Blob>, name: string | undefined): Promise<Uint8Array> {
  const file = files.get(name ?? "");
  if (file === undefined) throw bad(`there is no ${name}`);
  return bytesOf(file);
}

function bad(detail: string): ProtocolError {
  return new ProtocolError("bad_record", `auditors' bundle: ${detail}`);
}

function badCounts(detail: string): ProtocolError {
  return new ProtocolError("bad_counts", `auditors' bundle: ${detail}`);
}
