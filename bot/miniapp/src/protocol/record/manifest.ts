/** The list of files in a zip of ours, which the chair signs (docs/protocol.md §8.2). */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesOf, slices } from "../encoding/bytes.ts";
import { toHex } from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import type { Election } from "../session/session.ts";
import { origin, partyKey } from "./checkpoint.ts";
import { LIMIT, type Note, parseNote } from "./note.ts";

export const MANIFEST = "MANIFEST";

/**
 * Every file is as the chair's note lists it.
 *
 * @param kind the second line of the note.
 * Throws bad_record: no such note, or a file is another, missing or not listed; bad_checkpoint: not signed
 * by the chair alone; incomplete: there is no manifest.
 */
export async function checkManifest(
  election: Election,
  files: ReadonlyMap<string, Blob>,
  kind: string,
  done: (bytes: number) => void = () => {},
): Promise<void> {
  const manifest = files.get(MANIFEST);
  if (manifest === undefined) throw new ProtocolError("incomplete", `${MANIFEST} is missing`);
  const note = await read(manifest);
  const lines: string[] = [];
  let total = 0;
  for (const [name, file] of files) {
    if (name === MANIFEST) continue;
    const hash = sha256.create();
    for await (const slice of slices(file)) {
      hash.update(slice);
      total += slice.length;
      done(total);
    }
    lines.push(`${toHex(hash.digest())}  ${name}\n`);
  }
  const expected = `${origin(election.uuid)}\n${kind}\n${lines.join("")}`;
  if (note.text !== expected) throw bad(`it lists other files: ${differing(note.text, expected)}`);
  note.check([partyKey(election, "chair")]);
  if (note.signatures.length > 1) {
    throw new ProtocolError("bad_checkpoint", `${MANIFEST}: has signatures of others than the chair`);
  }
}

async function read(manifest: Blob): Promise<Note> {
  try {
    return parseNote(await bytesOf(manifest, MANIFEST, LIMIT));
  } catch (error) {
    throw error instanceof ProtocolError ? bad(error.message) : error;
  }
}

function differing(text: string, expected: string): string {
  const lines = expected.split("\n");
  return text.split("\n").find((line) => !lines.includes(line)) ?? "one is missing";
}

function bad(detail: string): ProtocolError {
  return new ProtocolError("bad_record", `${MANIFEST}: ${detail}`);
}
