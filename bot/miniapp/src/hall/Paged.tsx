/** Results that do not fit on one screen turn over by themselves; the arrow keys turn, too. */

import { useEffect, useState } from "preact/hooks";
import { ResultsTable } from "../shared/Results.tsx";
import type { PublicDefinition, Results } from "../shared/record.ts";
import { words } from "../shared/words.ts";

const ROWS = 4; // on a screen, so that the last row of chairs can read them
const TURN = 12_000; // milliseconds

interface Props {
  readonly results: Results;
  readonly definition: PublicDefinition;
  readonly headings: ReadonlyMap<number, string>;
}

export function Paged({ results, definition, headings }: Props) {
  const pages = Math.ceil(results.officials.length / ROWS);
  const [page, setPage] = useState(0);
  const [paused, setPaused] = useState(false);
  useEffect(() => {
    if (paused || pages < 2) return;
    const timer = setInterval(() => setPage((at) => (at + 1) % pages), TURN);
    return () => clearInterval(timer);
  }, [paused, pages]);
  useEffect(() => {
    const turn = (event: KeyboardEvent): void => {
      const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: pages - 1, PageUp: pages - 1 }[event.key];
      if (step === undefined) return;
      setPaused(true);
      setPage((at) => (at + step) % pages);
    };
    addEventListener("keydown", turn);
    return () => removeEventListener("keydown", turn);
  }, [pages]);
  return (
    <section class="published">
      <div class="turning">
        <h2>{words("results.title")}</h2>
        {pages > 1 && (
          <button type="button" class="button" onClick={() => setPaused(!paused)}>
            {words(paused ? "hall.go_on" : "hall.pause", { page: page + 1, pages })}
          </button>
        )}
      </div>
      <ResultsTable
        results={results}
        definition={definition}
        from={page * ROWS}
        to={(page + 1) * ROWS}
        headings={headings}
      />
    </section>
  );
}
