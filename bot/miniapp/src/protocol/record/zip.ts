/**
 * The one spelling of a zip (docs/protocol.md §8.2): entries stored, from offset 0 without gaps.
 *
 * The file may have 4 GiB: its names and places are read from the directory, and all else that stands
 * in it must be the bytes that these say. Nothing is unpacked, so that no entry can be larger than it is.
 */

import { bytesOf, slices } from "../encoding/bytes.ts";
import { type Bytes, concat, sameBytes, utf8 } from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";

const MOST_ENTRIES = 64;
const LARGEST = 2 ** 32; // bytes of the file
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const VERSION = 20;
const DATE = 0x21; // 1980-01-01
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
/** In an entry of the directory. */
const AT = { crc: 16, size: 24, nameLength: 28, offset: 42 } as const;
/** In the end record. */
const AT_END = { entries: 10, size: 12, offset: 16 } as const;

const CRC_POLYNOMIAL = 0xedb88320;

interface Entry {
  readonly name: string;
  readonly crc: number;
  readonly size: number;
  readonly offset: number;
}

/**
 * The files of a zip by name, none of them in memory.
 *
 * `done` hears how many bytes have been read. Throws bad_record: any other spelling, or a wrong checksum.
 */
export async function openZip(zip: Blob, done: (bytes: number) => void = () => {}): Promise<Map<string, Blob>> {
  const entries = await directory(zip);
  const files = new Map<string, Blob>();
  let end = 0;
  for (const entry of entries) {
    const header = local(entry);
    if (entry.offset !== end) throw refused(`${entry.name}: does not follow the file before it`);
    const start = end + header.length;
    if (!sameBytes(await bytesOf(zip.slice(end, start)), header)) throw refused(`${entry.name}: its header is another`);
    end = start + entry.size;
    const file = zip.slice(start, end);
    await checkSum(file, entry, (bytes) => done(start + bytes));
    files.set(entry.name, file);
  }
  return files;
}

/** The entries of the directory, whose every byte is what they say. */
async function directory(zip: Blob): Promise<Entry[]> {
  if (zip.size > LARGEST) throw refused(`${zip.size} bytes, at most ${LARGEST} are allowed`);
  if (zip.size < END_BYTES) throw refused("not a zip");
  const last = view(await bytesOf(zip.slice(zip.size - END_BYTES)));
  const size = last.getUint32(AT_END.size, true);
  const count = last.getUint16(AT_END.entries, true);
  const start = zip.size - END_BYTES - size;
  if (last.getUint32(0, true) !== END || start < 0) throw refused("it does not end as a zip does");
  if (count === 0 || count > MOST_ENTRIES || size > MOST_ENTRIES * 2 * LOCAL_BYTES * CENTRAL_BYTES) {
    throw refused(`${count} files, at most ${MOST_ENTRIES} are allowed`);
  }
  const raw = await bytesOf(zip.slice(start));
  const entries = entriesOf(raw, count);
  const [end] = entries.slice(-1).map((entry) => entry.offset + local(entry).length + entry.size);
  const spelled = concat(...entries.map(central), ended(entries, start));
  if (end !== start || !sameBytes(spelled, raw)) throw refused("its directory has another spelling");
  const names = entries.map(({ name }) => name);
  if (names.some((name, i) => i > 0 && name <= (names[i - 1] ?? ""))) throw refused("its names are not ascending");
  return entries;
}

function entriesOf(raw: Bytes, count: number): Entry[] {
  const from = view(raw);
  const entries: Entry[] = [];
  let place = 0;
  for (let i = 0; i < count; i++) {
    if (place + CENTRAL_BYTES > raw.length) throw refused("its directory is cut");
    const nameLength = from.getUint16(place + AT.nameLength, true);
    const name = latin1(raw.subarray(place + CENTRAL_BYTES, place + CENTRAL_BYTES + nameLength));
    if (!NAME.test(name)) throw refused(`file ${i + 1}: a name that is not allowed`);
    const [crc, size] = [from.getUint32(place + AT.crc, true), from.getUint32(place + AT.size, true)];
    entries.push({ name, crc, size, offset: from.getUint32(place + AT.offset, true) });
    place += CENTRAL_BYTES + nameLength;
  }
  return entries;
}

function local({ name, crc, size }: Entry): Bytes {
  const fields = [LOCAL, [VERSION], [0], [0], [0], [DATE], crc, size, size, [name.length], [0]];
  return concat(numbers(fields), utf8(name));
}

function central({ name, crc, size, offset }: Entry): Bytes {
  const same = [[VERSION], [VERSION], [0], [0], [0], [DATE], crc, size, size, [name.length]];
  return concat(numbers([CENTRAL, ...same, [0], [0], [0], [0], 0, offset]), utf8(name));
}

function ended(entries: readonly Entry[], start: number): Bytes {
  const size = entries.reduce((sum, { name }) => sum + CENTRAL_BYTES + name.length, 0);
  return numbers([END, [0], [0], [entries.length], [entries.length], size, start, [0]]);
}

/** Little-endian numbers, of two bytes where they stand in brackets, else of four. */
function numbers(fields: readonly (number | readonly [number] | number[])[]): Bytes {
  const bytes = fields.map((field) => {
    const [number, length] = typeof field === "number" ? [field, 4] : [field[0] ?? 0, 2];
    return Uint8Array.from({ length }, (_, i) => (number >>> (8 * i)) & 0xff);
  });
  return concat(...bytes);
}

async function checkSum(file: Blob, { name, crc }: Entry, done: (bytes: number) => void): Promise<void> {
  let [sum, read] = [0, 0];
  for await (const slice of slices(file)) {
    sum = crc32(slice, sum);
    read += slice.length;
    done(read);
  }
  if (sum !== crc) throw refused(`${name}: not the file whose checksum stands there`);
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ CRC_POLYNOMIAL : rest >>> 1;
  return rest;
});

/** CRC-32 of zip, of bytes that follow those of `before`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let rest = ~before;
  for (let i = 0; i < bytes.length; i++) rest = (TABLE[(rest ^ (bytes[i] ?? 0)) & 0xff] ?? 0) ^ (rest >>> 8);
  return ~rest >>> 0;
}

function view(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function refused(detail: string): ProtocolError {
  return new ProtocolError("bad_record", `zip: ${detail}`);
}
