/** What a file is that somebody has chosen or dropped, by its first bytes: names are not relied on. */

/** A file that the audit takes. */
export const KINDS = ["record", "archive", "promise", "auditors"] as const;
export type Kind = (typeof KINDS)[number];

/** A file that it does not take, each with a sentence of its own. */
export type Stray =
  | "empty"
  | "folder"
  | "cut"
  | "zip"
  | "office"
  | "result"
  | "papers"
  | "pdf"
  | "page"
  | "image"
  | "unknown"
  | "unreadable"
  | "large";

const LARGEST = 2 ** 32; // bytes of a record (docs/protocol.md §8.2)
const MOST_ENTRIES = 64;
const BEGINNING = 512; // bytes
const LOCAL_BYTES = 30; // of a zip's header before a file
const LOCAL_HEADER = "PK\x03\x04";
const END_BYTES = 22; // of a zip's last record, where it has no comment
const END_RECORD = "PK\x05\x06";
const AT = { size: 18, nameLength: 26, extraLength: 28 } as const;

/** By how they begin. */
const SIGNS: readonly (readonly [RegExp, Stray])[] = [
  [/^%PDF/, "pdf"],
  [/^\s*(<!doctype|<html)/i, "page"],
  [/^(\x89PNG|\xff\xd8\xff|GIF8|RIFF)/, "image"],
  [/^\xd0\xcf/, "office"],
];
/** By a file in it. */
const CONTENTS: readonly (readonly [string, Kind | Stray])[] = [
  ["ceremony.json", "record"],
  ["attendance.json", "auditors"],
  ["count.json", "result"],
  ["PAPERS", "papers"],
  ["[Content_Types].xml", "office"],
];

/** What the file is; it is looked at, and not read whole. */
export async function recognise(file: File): Promise<Kind | Stray> {
  try {
    if (file.size > LARGEST) return "large";
    const beginning = latin1(await read(file, 0, BEGINNING));
    if (file.size === 0) return "empty";
    if (beginning.startsWith("BELENIOS\0")) return "archive";
    if (beginning.startsWith("phieukin/")) return "promise";
    if (beginning.startsWith(LOCAL_HEADER)) return await zipOf(file);
    return SIGNS.find(([sign]) => sign.test(beginning))?.[1] ?? "unknown";
  } catch {
    return "unreadable";
  }
}

/** A zip, by the names in it, if its end is there. */
async function zipOf(file: File): Promise<Kind | Stray> {
  const names = await namesOf(file);
  const kind = CONTENTS.find(([name]) => names.includes(name))?.[1];
  const last = latin1(await read(file, Math.max(0, file.size - END_BYTES), END_BYTES));
  if (!last.startsWith(END_RECORD) && kind !== "office") return "cut";
  return kind ?? "zip";
}

/** The names in a zip, as far as its headers can be followed from its start. */
async function namesOf(file: File): Promise<string[]> {
  const names: string[] = [];
  for (let place = 0; names.length < MOST_ENTRIES; ) {
    const header = await read(file, place, BEGINNING);
    if (!latin1(header).startsWith(LOCAL_HEADER) || header.length < LOCAL_BYTES) break;
    const view = new DataView(header.buffer);
    const nameLength = view.getUint16(AT.nameLength, true);
    names.push(new TextDecoder().decode(header.subarray(LOCAL_BYTES, LOCAL_BYTES + nameLength)));
    place += LOCAL_BYTES + nameLength + view.getUint16(AT.extraLength, true) + view.getUint32(AT.size, true);
  }
  return names;
}

async function read(file: File, from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.slice(from, from + length).arrayBuffer());
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
