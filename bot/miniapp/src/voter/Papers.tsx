/** The papers about an official, one tap away. */

import { useState } from "preact/hooks";
import { hasWords, words } from "../shared/words.ts";
import type { Delegate } from "./delegate.ts";
import type { Paper } from "./flow.ts";
import { download } from "./Sealed.tsx";

export function Papers({ delegate, place }: { readonly delegate: Delegate; readonly place: number }) {
  const [failed, setFailed] = useState(false);
  const mine = delegate.dossier.papers.filter((paper) => paper.official === place + 1);
  if (mine.length === 0) return null;
  const open = async (paper: Paper): Promise<void> => {
    const blob = await delegate.dossier.read(paper);
    setFailed(blob === null);
    if (blob !== null) download(new File([blob], paper.name, { type: blob.type }));
  };
  return (
    <>
      <ul class="papers">
        {mine.map((paper) => (
          <li key={paper.name}>
            <button type="button" class="link" onClick={() => void open(paper)}>
              {words("voter.paper", { name: named(paper, mine) })}
            </button>
          </li>
        ))}
      </ul>
      <p class={failed ? "wrong" : "sr-only"} role="status">
        {failed && words("voter.paper_failed")}
      </p>
    </>
  );
}

/** What a paper is; its file's name too where that does not tell it from another. */
function named(paper: Paper, all: readonly Paper[]): string {
  const key = `voter.papers.${paper.kind}`;
  if (!hasWords(key)) return paper.name;
  const alone = all.filter((one) => one.kind === paper.kind).length === 1;
  return alone ? words(key) : `${words(key)} (${paper.name})`;
}
