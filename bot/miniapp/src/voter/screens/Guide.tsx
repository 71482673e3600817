/** What the vote is for, how to mark, what is forbidden: shown once first, then at any time. */

import { words, wordsIfAny } from "../../shared/words.ts";
import type { ScreenProps } from "../delegate.ts";

const RATING = 3; // levels: lấy phiếu; two: bỏ phiếu

export function Guide({ view, delegate }: ScreenProps) {
  const policy = view.session?.parameters.policy;
  if (!policy) return null;
  const kind = policy.levels.length === RATING ? "rating" : "confidence";
  const blank = policy.fewest > 0 ? "blank_must" : "blank_may";
  const levels = policy.levels.map((level) => `“${level.label}”`).join(", ");
  const parts = [
    ["purpose", `purpose_${kind}`],
    ["marking", "choose", blank, "alone"],
    ["forbidden", "forbidden_acts"],
  ] as const;
  // A body's own rules are named in session.json, which may not be here yet: then nothing is cited.
  const instrument = wordsIfAny(`voter.guide.instruments.${policy.regime}`) ?? view.about?.instrument;
  return (
    <main class="guide">
      <h1 tabIndex={-1}>{words("voter.guide.title")}</h1>
      {view.about?.guidance.map((paragraph, i) => (
        <p key={i}>{paragraph}</p>
      ))}
      {parts.map(([title, ...keys]) => (
        <section key={title}>
          <h2>{words(`voter.guide.${title}`)}</h2>
          <p>
            {keys
              .map((key) => (key === "choose" ? words("voter.guide.choose", { levels }) : words(`voter.guide.${key}`)))
              .join(" ")}
          </p>
        </section>
      ))}
      <button type="button" class="button primary" onClick={() => delegate.guide(false)}>
        {words("voter.guide.go")}
      </button>
      {instrument && <p class="quiet rule">{words("voter.guide.rule", { instrument })}</p>}
    </main>
  );
}
