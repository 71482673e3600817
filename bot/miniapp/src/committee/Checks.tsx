/** The checks, one line each: its number, what it is about, what was found. */

import type { Check } from "../protocol/audit/audit.ts";
import { words } from "../shared/words.ts";

const MARK = { holds: "✓", fails: "✗", missing: "?", running: "…", "not asked": "–" } as const;
const STATE = {
  holds: "ok",
  fails: "failed",
  missing: "missing",
  running: "running",
  "not asked": "not_asked",
} as const;

export function Checks({ checks }: { readonly checks: readonly Check[] }) {
  return (
    <ol class="checks">
      {checks.map((check) => (
        <li key={check.id} class={STATE[check.state]}>
          <span class="mark" aria-hidden="true">
            {MARK[check.state]}
          </span>
          <div>
            <p class="check">
              <span class="no">{words("committee.checks.number", { number: check.no })}</span>{" "}
              <strong>{words(`committee.check.${check.id}.title`)}</strong>{" "}
              <span class="found">{words(`committee.checks.${STATE[check.state]}`)}</span>
            </p>
            <p class="quiet">{sentence(check)}</p>
          </div>
        </li>
      ))}
    </ol>
  );
}

/** What it means that a check ended so. */
function sentence({ id, state, code }: Check): string {
  if (state === "holds") return words(`committee.check.${id}.ok`);
  if (state !== "fails") return "";
  return code === "malformed" ? words("committee.verdict.broken_do") : words(`committee.check.${id}.wrong`);
}
