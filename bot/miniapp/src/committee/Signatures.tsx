/** Who has signed what, as far as the audit has checked it. The record has numbers of trustees, no names. */

import type { Report } from "../protocol/audit/audit.ts";
import { type Committee, type Moment, needed } from "../protocol/session/committee.ts";

import { number, words } from "../shared/words.ts";

const MOMENTS = ["definition", "opening", "closing"] as const satisfies readonly Moment[];

export function Signatures({ report }: { readonly report: Report }) {
  const { signers, openers, election, checks } = report;
  const committee = election?.parameters?.committee;
  if (committee === undefined || signers.definition === undefined) return null;
  const manifest = checks.some(({ id, state }) => id === "manifest" && state === "holds");
  return (
    <section>
      <h2>{words("committee.signatures.title")}</h2>
      <p>{words("committee.signatures.how")}</p>
      <dl class="signed">
        {MOMENTS.map((moment) => (
          <div key={moment}>
            <dt>{words(`committee.signatures.${moment}`)}</dt>
            <dd>{lineOf(committee, moment, signers[moment])}</dd>
          </div>
        ))}
        <div>
          <dt>{words("committee.signatures.opened")}</dt>
          <dd>{words("committee.signatures.trustees", { owners: openers.join(", ") })}</dd>
        </div>
        <div>
          <dt>{words("committee.signatures.server")}</dt>
          <dd>{words("committee.signatures.server_signed")}</dd>
        </div>
        {manifest && (
          <div>
            <dt>{words("committee.signatures.manifest")}</dt>
            <dd>{words("committee.signatures.chair")}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

/** The trustees that signed at a moment, how many had to, and who did not. */
function lineOf(committee: Committee, moment: Moment, owners: readonly number[] | undefined) {
  if (owners === undefined) return words("committee.signatures.unchecked");
  const absent = committee.members.map((_, i) => i + 1).filter((owner) => !owners.includes(owner));
  const values = { owners: owners.join(", "), needed: number(needed(committee, moment)) };
  const signed = words("committee.signatures.of_needed", values);
  if (absent.length === 0) return signed;
  return `${signed} ${words("committee.signatures.absent", { owners: absent.join(", ") })}`;
}
