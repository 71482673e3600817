/** What the vote is for, how to mark, what is forbidden: shown once first, then at any time. */

import { hasWords, words } from "../shared/words.ts";
import type { Delegate } from "./delegate.ts";

const RATING = 3; // levels: lấy phiếu; two: bỏ phiếu

export function Guide({ delegate }: { readonly delegate: Delegate }) {
  const policy = delegate.session?.parameters.policy;
  if (!policy) return null;
  const kind = policy.levels.length === RATING ? "rating" : "confidence";
  const blank = policy.fewest > 0 ? "blank_must" : "blank_may";
  const parts = {
    purpose: [`purpose_${kind}`],
    marking: [`marking_${kind}`, blank, "alone"],
    forbidden: ["forbidden_acts"],
  };
  const instrument = `voter.guide.instruments.${policy.regime}`;
  return (
    <main class="guide">
      <h1 tabIndex={-1}>{words("voter.guide.title")}</h1>
      {delegate.about?.guidance.map((paragraph, i) => <p key={i}>{paragraph}</p>)}
      {Object.entries(parts).map(([part, keys]) => (
        <section key={part}>
          <h2>{words(`voter.guide.${part}`)}</h2>
          <p>{keys.map((key) => words(`voter.guide.${key}`)).join(" ")}</p>
        </section>
      ))}
      <button type="button" class="button primary" onClick={() => delegate.guide(false)}>
        {words("voter.guide.go")}
      </button>
      <p class="quiet rule">
        {words("voter.guide.rule", { instrument: hasWords(instrument) ? words(instrument) : policy.regime })}
      </p>
    </main>
  );
}
