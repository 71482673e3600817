/** How many at each step, and how many of the ballots have come. Never for whom. */

import type { Counts as Numbers } from "../shared/live.ts";
import { number, words } from "../shared/words.ts";

const STEPS = ["present", "issued", "registered", "cast"] as const;

interface Props {
  readonly counts: Numbers;
  /** Whether ballots come in. */
  readonly open: boolean;
  readonly old: boolean;
}

export function Counts({ counts, open, old }: Props) {
  const { registered, cast } = counts;
  return (
    <div class={old ? "counts old" : "counts"}>
      <dl>
        {STEPS.map((step) => (
          <div key={step}>
            <dt>{words(`counts.${step}`)}</dt>
            <dd>{counts[step] === null ? "–" : number(counts[step])}</dd>
          </div>
        ))}
      </dl>
      {open && registered !== null && registered > 0 && cast !== null && (
        <progress max={registered} value={cast} aria-label={words("counts.progress")} />
      )}
    </div>
  );
}
