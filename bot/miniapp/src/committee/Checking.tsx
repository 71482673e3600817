/** While the audit runs: what is being checked, how far it is, and what was found so far. */

import type { Check } from "../protocol/audit/audit.ts";
import { number, words } from "../shared/words.ts";
import { Checks } from "./Checks.tsx";

export function Checking({ checks, stop }: { readonly checks: readonly Check[]; readonly stop: () => void }) {
  const now = checks.at(-1);
  return (
    <>
      <h1 tabIndex={-1}>{words("committee.checking.title")}</h1>
      <p>{words("committee.checking.what")}</p>
      <p role="status" class="state">
        {now && words("committee.checking.now", { number: now.no, title: words(`committee.check.${now.id}.title`) })}
      </p>
      <Progress check={now} />
      <p>
        <button type="button" class="button" onClick={stop}>
          {words("committee.checking.stop")}
        </button>
      </p>
      <Checks checks={checks} />
    </>
  );
}

function Progress({ check }: { readonly check: Check | undefined }) {
  const { done, total } = check ?? {};
  const label = words("committee.checking.title");
  if (done === undefined || total === undefined) return <progress aria-label={label} />;
  return (
    <>
      <progress aria-label={label} max={total} value={done} />
      <p class="quiet">
        {check?.id === "ballots" && words("committee.checking.ballots", { done: number(done), all: number(total) })}
      </p>
    </>
  );
}
