/** What the audit came to; printed, it is the auditor's report. */

import type { Check, Report } from "../protocol/audit/audit.ts";
import { ResultsTable } from "../shared/Results.tsx";
import { publicDefinition } from "../shared/record.ts";
import { language, number, words } from "../shared/words.ts";
import { Checks } from "./Checks.tsx";
import type { Request } from "./Choose.tsx";
import { FileHash } from "./FileHash.tsx";
import { FAMILY } from "./families.ts";
import { Proved, Unproved } from "./Proved.tsx";
import type { Failure } from "./run.ts";
import { Signatures } from "./Signatures.tsx";

interface Props {
  readonly request: Request;
  readonly again: () => void;
  readonly report?: Report;
  readonly failure?: Failure;
  readonly ended?: Date;
}

export function Outcome({ request, again, report, failure, ended }: Props) {
  return (
    <>
      {report ? <Verdict report={report} /> : failure && <Failed failure={failure} name={request.record.name} />}
      <p class="screen actions">
        {report && (
          <button type="button" class="button primary" onClick={() => print()}>
            {words("committee.verdict.print")}
          </button>
        )}
        <button type="button" class="button" onClick={again}>
          {words("committee.verdict.again")}
        </button>
      </p>
      {report && (
        <>
          <Session report={report} />
          <Signatures report={report} />
          <Counts report={report} />
          <Results report={report} />
          <Proved report={report} promises={request.promises.length} />
          <Unproved />
          <section>
            <h2>{words("committee.checks.title")}</h2>
            <p class="quiet how">{words("committee.checks.how")}</p>
            <Checks checks={report.checks} />
          </section>
          <About file={request.record} ended={ended ?? new Date()} />
        </>
      )}
    </>
  );
}

/** The one word, what it means, and what is to be done. */
function Verdict({ report }: { readonly report: Report }) {
  const last = report.checks.findLast(({ state }) => state === "fails" || state === "missing");
  const kind = kindOf(report, last);
  const rehearsal = report.election?.parameters?.policy.rehearsal === true;
  return (
    <>
      <p class="paper title">{words("committee.verdict.report")}</p>
      {rehearsal && <p class="rehearsal">{words("committee.verdict.rehearsal")}</p>}
      {report.election && <p class="session">{report.election.name}</p>}
      <div class={`verdict ${kind}`}>
        <h1 tabIndex={-1}>{words(`committee.verdict.${kind}`)}</h1>
        {kind === "held" ? <Held report={report} /> : last && <NotHeld kind={kind} check={last} />}
      </div>
    </>
  );
}

type Kind = "held" | "failed" | "incomplete" | "broken";

function kindOf({ verdict }: Report, last: Check | undefined): Kind {
  if (verdict === "holds") return "held";
  if (verdict === "incomplete") return "incomplete";
  return last?.code === "malformed" ? "broken" : "failed";
}

function Held({ report }: { readonly report: Report }) {
  if (report.scope === "archive") return <p>{words("committee.verdict.held_archive")}</p>;
  return (
    <>
      <p>{words("committee.verdict.held_what")}</p>
      {!isCompared(report) && (
        <p>
          <strong>{words("committee.verdict.held_compare")}</strong>
        </p>
      )}
    </>
  );
}

/** Whether the code that the auditor typed is the record's. */
function isCompared({ checks }: Report): boolean {
  return checks.some(({ id, state }) => id === "fingerprint" && state === "holds");
}

function NotHeld({ kind, check }: { readonly kind: Exclude<Kind, "held">; readonly check: Check }) {
  const title = words(`committee.check.${check.id}.title`);
  return (
    <>
      <p>
        <strong>{words(`committee.verdict.${kind}_what`, { number: check.no, title })}</strong>
      </p>
      {kind === "failed" ? (
        <>
          <p>{words(`committee.check.${check.id}.wrong`)}</p>
          <p>{words(`committee.fault.${FAMILY[check.id]}.safe`)}</p>
          <p>{words(`committee.fault.${FAMILY[check.id]}.do`)}</p>
        </>
      ) : (
        <p>{words(`committee.verdict.${kind}_do`)}</p>
      )}
      <Detail text={`${check.no} ${check.id} ${check.code ?? ""}: ${check.detail ?? ""}`} />
    </>
  );
}

function Failed({ failure, name }: { readonly failure: Failure; readonly name: string }) {
  const unreadable = failure.why === "unreadable";
  return (
    <div class="verdict incomplete" role="alert">
      <h1 tabIndex={-1}>{words("committee.verdict.stopped")}</h1>
      <p>{unreadable ? words("committee.wrong_file.title", { name }) : words("committee.verdict.stopped_what")}</p>
      <p>{words(unreadable ? "committee.wrong_file.unreadable" : "committee.verdict.stopped_do")}</p>
      <Detail text={failure.detail} />
    </div>
  );
}

function Detail({ text }: { readonly text: string }) {
  return (
    <details>
      <summary>{words("committee.verdict.detail")}</summary>
      <p class="detail" lang="en">
        {text}
      </p>
    </details>
  );
}

const MOMENTS = [
  ["definition", "code.session"],
  ["opening", "code.opening"],
  ["closing", "code.closing"],
] as const;

/** The codes, to be compared by a person with what was written down in the hall. */
function Session({ report }: { readonly report: Report }) {
  const compared = isCompared(report);
  const { codes, election } = report;
  if (codes.definition === undefined) {
    if (report.scope !== "archive" || election === null) return null;
    return (
      <section>
        <h2>{words("committee.phi")}</h2>
        <p>{words(compared ? "committee.verdict.code_phi_same" : "committee.verdict.code_phi")}</p>
        <p class="code">{election.phi}</p>
      </section>
    );
  }
  return (
    <section>
      <h2>{words("code.session")}</h2>
      <p>{words(compared ? "committee.verdict.code_same" : "committee.verdict.code_compare")}</p>
      <dl class="codes">
        {MOMENTS.map(([moment, title]) => (
          <div key={moment}>
            <dt>{words(title)}</dt>
            <dd class="code">{codes[moment] ?? "–"}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const CHAIN = ["roster", "present", "issued", "registered", "cast"] as const;

/** Each number at most the one before it. */
function Counts({ report: { counts } }: { readonly report: Report }) {
  if (counts.cast === undefined) return null;
  const steps = CHAIN.filter((step) => counts[step] !== undefined);
  const { issued, registered, cast, paper, late } = counts;
  return (
    <section>
      <h2>{words("committee.counts.title")}</h2>
      <p>{words("committee.counts.how")}</p>
      <dl class="chain">
        {steps.map((step) => (
          <div key={step}>
            <dt>{words(`counts.${step}`)}</dt>
            <dd>{number(counts[step] ?? 0)}</dd>
          </div>
        ))}
        {counts.tallied !== undefined && (
          <div class="same">
            <dt>{words("committee.counts.tallied")}</dt>
            <dd>{number(counts.tallied)}</dd>
          </div>
        )}
      </dl>
      {issued !== undefined && registered !== undefined && issued > registered && (
        <p>{words("committee.counts.not_collected", { number: number(issued - registered) })}</p>
      )}
      {registered !== undefined && registered > cast && (
        <p>{words("committee.counts.not_sent", { number: number(registered - cast) })}</p>
      )}
      {paper !== undefined && late !== undefined && paper + late > 0 && (
        <p>{words("committee.counts.paper", { paper: number(paper + late), late: number(late) })}</p>
      )}
    </section>
  );
}

/** What the record holds is shown as results only where the record holds. */
function Results({ report: { verdict, election, results, session } }: { readonly report: Report }) {
  if (verdict !== "holds" || election === null || results === null) return null;
  const headings = new Map<number, string>();
  let place = 0;
  for (const { heading, officials } of session?.blocks ?? []) {
    headings.set(place, heading);
    place += officials;
  }
  return (
    <section class="totals">
      <h2>{words("results.title")}</h2>
      <ResultsTable results={results} definition={publicDefinition(election)} headings={headings} />
    </section>
  );
}

function About({ file, ended }: { readonly file: File; readonly ended: Date }) {
  const at = new Intl.DateTimeFormat(language() === "vi" ? "vi-VN" : "en-GB", {
    dateStyle: "long",
    timeStyle: "short",
  });
  return (
    <section class="end">
      <dl class="about">
        <dt>{words("committee.verdict.file")}</dt>
        <dd>{file.name}</dd>
        <FileHash file={file} />
        <dt>{words("committee.verdict.at")}</dt>
        <dd>{at.format(ended)}</dd>
      </dl>
      <p class="quiet">{words("committee.verdict.page_hash")}</p>
      <p class="paper signature">{words("committee.verdict.signature")}</p>
    </section>
  );
}
