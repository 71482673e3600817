/** What the checks have proved, and what no check can prove, in words for who is no engineer. */

import type { CheckId, Report } from "../protocol/audit/audit.ts";
import { words } from "../shared/words.ts";

/** What is proved once all of these checks hold. */
const PROVED = [
  ["ballots", ["archive", "credentials", "ballots"]],
  ["tally", ["tally"]],
  ["opened", ["shares", "result"]],
  ["issued", ["tokens", "counts"]],
  ["signed", ["definition_signed", "opening_signed", "closing_signed"]],
  ["results", ["levels", "results"]],
  ["promises", ["promises"]],
  ["auditors", ["auditor"]],
] as const satisfies readonly (readonly [string, readonly CheckId[]])[];

const UNPROVED = ["present", "roster", "free", "phone", "collusion", "paper", "law", "program"] as const;

export function Proved({ report, promises }: { readonly report: Report; readonly promises: number }) {
  const held = new Set(report.checks.filter(({ state }) => state === "holds").map(({ id }) => id));
  const proved = PROVED.filter(([, checks]) => checks.every((id) => held.has(id)));
  if (report.verdict !== "holds" || proved.length === 0) return null;
  return (
    <section>
      <h2>{words(report.scope === "archive" ? "committee.proved.archive_title" : "committee.proved.title")}</h2>
      <ul class="claims">
        {proved.map(([claim]) => (
          <li key={claim}>
            {claim === "promises"
              ? words("committee.proved.promises", { number: promises })
              : words(`committee.proved.${claim}`)}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Unproved() {
  return (
    <section>
      <h2>{words("committee.unproved.title")}</h2>
      <ul class="claims">
        {UNPROVED.map((claim) => (
          <li key={claim}>{words(`committee.unproved.${claim}`)}</li>
        ))}
      </ul>
    </section>
  );
}
