/** The files about an official, one tap away. */

import { useState } from "preact/hooks";
import { download } from "../../shared/download.ts";
import { words, wordsIfAny } from "../../shared/words.ts";
import type { ScreenProps } from "../delegate.ts";
import type { DossierFile } from "../flow.ts";

export function Files({ view, delegate, place }: ScreenProps & { readonly place: number }) {
  const [failed, setFailed] = useState(false);
  const files = view.files.filter((file) => file.official === place + 1);
  if (files.length === 0) return null;
  const open = async (file: DossierFile): Promise<void> => {
    const blob = await delegate.dossier.read(file);
    setFailed(blob === null);
    if (blob !== null) download(new File([blob], file.name, { type: blob.type }));
  };
  return (
    <>
      <ul class="files">
        {files.map((file) => (
          <li key={file.name}>
            <button type="button" class="link" onClick={() => void open(file)}>
              {words("voter.file", { name: titleOf(file, files) })}
            </button>
          </li>
        ))}
      </ul>
      <p class={failed ? "wrong" : "sr-only"} role="status">
        {failed && words("voter.file_failed")}
      </p>
    </>
  );
}

/** What a file is; its name too where that does not tell it from another. */
function titleOf(file: DossierFile, all: readonly DossierFile[]): string {
  const kind = wordsIfAny(`voter.files.${file.kind}`);
  if (kind === null) return file.name;
  const alone = all.filter(({ kind: other }) => other === file.kind).length === 1;
  return alone ? kind : `${kind} (${file.name})`;
}
