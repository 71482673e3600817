/** The list of files in a bundle, which the chair signs (docs/protocol.md §8.2). */

import { sha256 } from "@noble/hashes/sha2.js";
import { slices } from "./bytes.ts";
import { origin, partyKey } from "./checkpoint.ts";
import { toHex } from "./encoding.ts";
import { ProtocolError } from "./errors.ts";
import { parseNote } from "./note.ts";
import type { Election } from "./session.ts";

export const MANIFEST = "MANIFEST";

/**
 * Every file is as the chair's note lists it.
 *
 * Throws bad_record: a file is another, missing or not listed; bad_checkpoint: not signed by the chair.
 */
export async function checkManifest(
  raw: Uint8Array,
  election: Election,
  files: ReadonlyMap<string, Blob>,
  done: (bytes: number) => void,
): Promise<void> {
  const note = parseNote(raw);
  const lines: string[] = [];
  let read = 0;
  for (const [name, file] of files) {
    if (name === MANIFEST) continue;
    const hash = sha256.create();
    for await (const slice of slices(file)) {
      hash.update(slice);
      read += slice.length;
      done(read);
    }
    lines.push(`${toHex(hash.digest())}  ${name}\n`);
  }
  if (note.text !== `${origin(election.uuid)}\nmanifest\n${lines.join("")}`) {
    throw new ProtocolError("bad_record", "MANIFEST: it lists other files");
  }
  note.check([partyKey(election, "chair")]);
}
