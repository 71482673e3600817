/** The SHA-256 of the file that was checked, for the minutes; of a large file it takes a while. */

import { sha256 } from "@noble/hashes/sha2.js";
import { useEffect, useState } from "preact/hooks";
import { toHex } from "../protocol/encoding/encoding.ts";
import { words } from "../shared/words.ts";

const SLICE = 1 << 22; // bytes

export function FileHash({ file }: { readonly file: File }) {
  const [digest, setDigest] = useState("…");
  useEffect(() => {
    let gone = false;
    const read = async (): Promise<string> => {
      const hash = sha256.create();
      for (let place = 0; place < file.size && !gone; place += SLICE) {
        hash.update(new Uint8Array(await file.slice(place, place + SLICE).arrayBuffer()));
      }
      return toHex(hash.digest());
    };
    read().then(
      (hex) => gone || setDigest(hex),
      () => setDigest("–"),
    );
    return () => {
      gone = true;
    };
  }, [file]);
  return (
    <>
      <dt>{words("committee.verdict.file_hash")}</dt>
      <dd class="hash">{digest}</dd>
    </>
  );
}
