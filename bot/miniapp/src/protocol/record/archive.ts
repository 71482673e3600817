/**
 * The archive of a session, `<uuid>.bel`: a chain of events in an old tar (docs/protocol.md §8.1).
 *
 * It is read once, forward, with one file of it in memory. Not one byte of the container is free: each
 * header is written anew from its name and size, and compared.
 */

import { bytesOf, Forward } from "../encoding/bytes.ts";
import { type Bytes, fields, integer, parseJson, sameBytes, sha256, string } from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";

const BLOCK = 512;
const MAX_FILE = 1 << 24; // bytes of an entry
const HEAD = "BELENIOS";
const OCTAL_DIGITS = 11;
const CHECKSUM_AT = 148;

/** How many files precede an event of a kind. */
const FILES = { Setup: 4, Ballot: 1, EndBallots: 0, EncryptedTally: 2, PartialDecryption: 2, Result: 1 } as const;
type Kind = keyof typeof FILES;

/** What may stand after an event. */
const AFTER: Readonly<Record<Kind | "nothing", readonly Kind[]>> = {
  nothing: ["Setup"],
  Setup: ["Ballot", "EndBallots"],
  Ballot: ["Ballot", "EndBallots"],
  EndBallots: ["EncryptedTally"],
  EncryptedTally: ["PartialDecryption"],
  PartialDecryption: ["PartialDecryption", "Result"],
  Result: [],
};

/** Where a ballot stands in the archive. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** A share as it stands there: factors and proofs, and beside them their owner (§7.2). */
export interface ArchivedShare {
  readonly factors: Uint8Array;
  readonly owner: Uint8Array;
}

/** The files of an archive, none of them decoded; the ballots stay where they are. */
export interface Archive {
  readonly election: Uint8Array;
  readonly trustees: Uint8Array;
  readonly credentials: Uint8Array;
  /** How many ballots there are. */
  readonly cast: number;
  /** The bytes of a ballot, numbered from 0. */
  ballot(i: number): Promise<Bytes>;
  /** The products, and their number (§7.1). */
  readonly tally: Uint8Array;
  readonly sized: Uint8Array;
  readonly shares: readonly ArchivedShare[];
  /** Null in the archive of a session that has no result yet. */
  readonly result: Uint8Array | null;
}

/** A file of the container. */
interface Entry extends Place {
  readonly name: string;
  readonly body: Bytes;
}

/** One whose name is the hash of its body. */
interface Hashed extends Entry {
  readonly digest: string;
}

interface Event {
  readonly kind: Kind;
  readonly files: readonly Hashed[];
}

/**
 * Reads an archive through.
 *
 * `done` hears how many bytes have been read. Throws bad_archive: any byte, name, link or order is
 * another; incomplete: it ends before the tally.
 */
export async function readArchive(file: Blob, done: (bytes: number) => void = () => {}): Promise<Archive> {
  const [ballots, shares]: [Place[], ArchivedShare[]] = [[], []];
  const single = new Map<Kind, readonly Bytes[]>();
  for await (const { kind, files } of events(file)) {
    const bodies = files.map(({ body }) => body);
    const [first, second] = bodies;
    if (kind === "Ballot") ballots.push(...files.map(({ start, end }) => ({ start, end })));
    else if (kind === "PartialDecryption" && first && second) shares.push({ factors: first, owner: second });
    else single.set(kind, bodies);
    done(files.at(-1)?.end ?? 0);
  }
  const [election, trustees, credentials] = single.get("Setup") ?? [];
  const [tally, sized] = single.get("EncryptedTally") ?? [];
  const [result = null] = single.get("Result") ?? [];
  if (!(election && trustees && credentials && tally && sized)) {
    throw new ProtocolError("incomplete", "the archive ends before the tally: the session is not closed");
  }
  const ballot = async (i: number): Promise<Bytes> => bytesOf(file.slice(ballots[i]?.start ?? 0, ballots[i]?.end ?? 0));
  return { election, trustees, credentials, cast: ballots.length, ballot, tally, sized, shares, result };
}

// --- The chain ------------------------------------------------------------------------------

async function* events(file: Blob): AsyncGenerator<Event> {
  let [files, height, parent]: [Hashed[], number, string | null] = [[], 0, null];
  let before: Kind | "nothing" = "nothing";
  for await (const entry of entries(file)) {
    const digest = sha256(entry.body);
    if (entry.name === `${digest}.data.json`) {
      files.push({ ...entry, digest });
      if (files.length > FILES.Setup) throw refused(entry, "a file that belongs to no event");
      continue;
    }
    if (entry.name !== `${digest}.event.json`) throw refused(entry, "the name is not the hash of the file");
    const kind = checkEvent(entry, height, parent, files);
    if (!AFTER[before].includes(kind)) throw refused(entry, `${kind} cannot stand after ${before}`);
    if (kind === "Setup") checkSetup(entry, files);
    yield { kind, files };
    [files, height, parent, before] = [[], height + 1, digest, kind];
  }
  const [stray] = files;
  if (stray) throw refused(stray, "a file that belongs to no event");
}

/** The kind of an event that says of itself what is so. */
function checkEvent(entry: Entry, height: number, parent: string | null, files: readonly Hashed[]): Kind {
  const payload = files.at(-1);
  const names = ["parent", "height", "type", "payload"] as const;
  const json = decoded(entry, () =>
    fields(parseJson(entry.body, "event", BLOCK), "event", names, ["parent", "payload"]),
  );
  const kind = (Object.keys(FILES) as Kind[]).find((name) => name === json.type);
  if (kind === undefined) throw refused(entry, "an event of a kind that does not exist");
  if ((json.parent ?? null) !== parent) throw refused(entry, "it does not name the event before it");
  if (json.height !== height) throw refused(entry, "its height is not the number of events before it");
  if (files.length !== FILES[kind]) throw refused(entry, `${files.length} files before a ${kind}`);
  if ((json.payload ?? null) !== (payload?.digest ?? null)) throw refused(entry, "it has another payload");
  return kind;
}

/** The last file of a Setup names the three before it. */
function checkSetup(event: Entry, files: readonly Hashed[]): void {
  const names = ["election", "trustees", "credentials"] as const;
  const [last, named] = [files.at(-1) ?? event, files.slice(0, -1)];
  const json = decoded(event, () => fields(parseJson(last.body, "setup", BLOCK), "setup", names));
  names.forEach((name, i) => {
    if (json[name] !== named[i]?.digest) throw refused(event, `${name} is another file`);
  });
}

// --- The container --------------------------------------------------------------------------

async function* entries(file: Blob): AsyncGenerator<Entry> {
  const reader = new Forward(file);
  let time: number | null = null;
  while (reader.left > 0) {
    const offset = reader.position;
    const header = await reader.next(BLOCK);
    const name = latin1(header.subarray(0, 100)).replace(/\0.*$/s, "");
    const size = Number.parseInt(latin1(header.subarray(124, 135)), 8);
    if (!(size >= 0 && size <= MAX_FILE))
      throw refusedAt(offset, `no size, or one over the limit of ${MAX_FILE} bytes`);
    const start = reader.position;
    const body = await reader.next(size);
    const padding = await reader.next((BLOCK - (size % BLOCK)) % BLOCK);
    const entry = { name, body, start, end: start + size };
    if (time === null) time = timestampOf(entry, offset);
    const padded = start + size + padding.length === reader.position && padding.every((byte) => byte === 0);
    const whole = body.length === size && (size + padding.length) % BLOCK === 0;
    if (!padded || !whole || !sameBytes(header, headerOf(name, size, time))) {
      throw refusedAt(offset, "a header or padding that no such file has");
    }
    if (offset > 0) yield entry;
  }
  if (time === null) throw refusedAt(0, "an empty file");
}

/** The time in the first file. */
function timestampOf(entry: Entry, offset: number): number {
  if (entry.name !== HEAD) throw refusedAt(offset, `the first file is not ${HEAD}`);
  return decoded(entry, () => {
    const json = fields(parseJson(entry.body, HEAD, BLOCK), HEAD, ["version", "timestamp"]);
    integer(json.version, `${HEAD}.version`, 1, 1);
    const time = Number(string(json.timestamp, `${HEAD}.timestamp`, /^(?:0|[1-9][0-9]{0,9})$/));
    if (time >= 8 ** OCTAL_DIGITS) throw refusedAt(offset, "a time that has no place in a header");
    return time;
  });
}

function headerOf(name: string, size: number, time: number): Bytes {
  const header = new Uint8Array(BLOCK);
  const put = (place: number, text: string): void =>
    header.set(
      Uint8Array.from(text, (c) => c.charCodeAt(0)),
      place,
    );
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, octal(size, OCTAL_DIGITS));
  put(136, octal(time, OCTAL_DIGITS));
  put(156, "0");
  put(CHECKSUM_AT, " ".repeat(8));
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(CHECKSUM_AT, `${octal(sum, 6)}\0 `);
  return header;
}

function octal(number: number, digits: number): string {
  return number.toString(8).padStart(digits, "0");
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

/** What a small file of the chain says; a wrong spelling accuses the archive. */
function decoded<T>(entry: Entry, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtocolError) throw refused(entry, error.message);
    throw error;
  }
}

function refused(entry: Entry, detail: string): ProtocolError {
  return refusedAt(entry.start - BLOCK, detail);
}

function refusedAt(offset: number, detail: string): ProtocolError {
  return new ProtocolError("bad_archive", `archive at offset ${offset}: ${detail}`);
}
