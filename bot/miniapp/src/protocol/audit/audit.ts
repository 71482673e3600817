/**
 * The audit of a record: every numbered check of docs/protocol.md §9.1, in its order, up to the first
 * that fails. Written from that document alone, so that two programs which share no line judge a record.
 *
 * A file is read forward and never whole; its ballots are judged by as many workers as there are cores.
 */

import type { Counts } from "../record/evidence.ts";
import type { Results } from "../results/results.ts";
import type { Tally } from "../results/tally.ts";
import type { Moment } from "../session/committee.ts";
import type { Election } from "../session/session.ts";
import type { SessionFile } from "../session/sessionfile.ts";
import type { ClosedArchive } from "../trustee/signable.ts";
import { archiveChecks, fingerprintCheck, type Judges, resultsComeOut } from "./audit_archive.ts";
import { bundleChecks } from "./audit_bundle.ts";
import { Alone } from "./judge.ts";
import { type Check, Ended } from "./steps.ts";

export type { Counts } from "../record/evidence.ts";
export type { Judges } from "./audit_archive.ts";
export { CHECKS, type Check, type CheckId, type CheckState } from "./steps.ts";

/** What is to be audited, and what the auditor knows of it from elsewhere. */
export interface AuditRequest {
  /** A bundle `<uuid>.phieukin.zip`, or a bare archive `<uuid>.bel`. */
  readonly record: Blob;
  /** Which of the two; by its first bytes, where nobody says. */
  readonly scope?: Scope;
  /** The session code, or φ in full, that the auditor was shown. */
  readonly fingerprint?: string;
  /** What voters have kept (§6.3). */
  readonly promises?: readonly Uint8Array[];
  /** The auditors' bundle. */
  readonly auditors?: Blob;
  /** Of an archive at the close: checks 1 to 7, before there are shares (§6.4). */
  readonly closed?: boolean;
}

export type Scope = "archive" | "bundle";

/** The totals of an official: ballots at each level, in the order of the policy, and blank lines. */
export interface OfficialTotals {
  readonly name: string;
  readonly position: string;
  readonly counts: readonly number[];
  readonly blank: number;
}

/** What an audit came to. What is null or absent was not reached. */
export interface Report {
  readonly scope: Scope;
  /** `incomplete`: nothing is wrong, but a part of the record is not there. */
  readonly verdict: "holds" | "fails" | "incomplete";
  /** Every check as it ended, in order. */
  readonly checks: readonly Check[];
  /** The definition, from check 2 on. */
  readonly election: Election | null;
  /** session.json, from check 19 of a bundle on. */
  readonly session: SessionFile | null;
  /** The three codes that people compare; the session code is `definition`. */
  readonly codes: Readonly<Partial<Record<Moment, string>>>;
  /** The trustees whose signature and salt held at each moment, ascending, as the codes. */
  readonly signers: Readonly<Partial<Record<Moment, readonly number[]>>>;
  /** The trustees whose shares opened the totals, ascending, from check 9 on. */
  readonly openers: readonly number[];
  /** Of an archive only registered, cast and tallied. */
  readonly counts: Readonly<Partial<Counts>>;
  /** In the order of the ballot, from check 9 on. */
  readonly totals: readonly OfficialTotals[] | null;
  /** With percentages and findings, from check 20 on. */
  readonly results: Results | null;
  /** Recomputed, from check 6 on. */
  readonly tally: Tally | null;
  /** What a trustee needs to sign the closing and to open totals, from check 7 on. */
  readonly closed: ClosedArchive | null;
}

/** A report that is being written. */
export type Draft = { -readonly [K in keyof Report]: Report[K] };

const ARCHIVE = "BELENIOS"; // the first bytes of one

/**
 * Makes every check that the record and the request allow.
 *
 * Yields each check when it begins, while it runs, and when it ends. Throws what is no fault of the
 * record: a file that cannot be read.
 *
 * @param judges who judges the ballots; else this thread does.
 */
export async function* audit(
  request: AuditRequest,
  judges: Judges = (election) => new Alone(election),
): AsyncGenerator<Check, Report> {
  const scope = request.scope ?? (await scopeOf(request.record));
  const report: Draft = { ...NOTHING, scope };
  const ended: Check[] = [];
  try {
    for await (const check of checksOf(request, judges, report)) {
      if (check.state !== "running") ended.push(check);
      yield check;
    }
    report.verdict = "holds";
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    report.verdict = error.check.state === "fails" ? "fails" : "incomplete";
  }
  return { ...report, checks: ended };
}

const NOTHING: Omit<Report, "scope"> = {
  verdict: "incomplete",
  checks: [],
  election: null,
  session: null,
  codes: {},
  signers: {},
  openers: [],
  counts: {},
  totals: null,
  results: null,
  tally: null,
  closed: null,
};

async function scopeOf(record: Blob): Promise<Scope> {
  return (await record.slice(0, ARCHIVE.length).text()) === ARCHIVE ? "archive" : "bundle";
}

async function* checksOf(request: AuditRequest, judges: Judges, report: Draft): AsyncGenerator<Check> {
  if (report.scope === "bundle") {
    yield* bundleChecks(request, judges, report);
  } else {
    const audited = yield* archiveChecks(request.record, request, judges, report);
    if (audited === null) return;
    yield* fingerprintCheck(request.fingerprint, audited.election, null);
    yield* resultsComeOut(audited, report);
  }
}
