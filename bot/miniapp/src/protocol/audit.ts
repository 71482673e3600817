/**
 * The audit of a record: every numbered check of docs/protocol.md §9.1, in its order, up to the first
 * that fails. Written from that document alone, so that two programs which share no line judge a record.
 *
 *     for (;;) { const { done, value } = await checks.next(); … }   // Check … Check, at the end the Report
 *
 * A file is read forward and never whole; its ballots are judged by as many workers as there are cores.
 */

import { type Archive, readArchive } from "./archive.ts";
import type { Moment } from "./committee.ts";
import { credentialsOf, Electorate } from "./electorate.ts";
import { ProtocolError } from "./errors.ts";
import type { Counts } from "./evidence.ts";
import { Alone, type Judge, type Judged } from "./judge.ts";
import { Election, MIN_BALLOTS_FLOOR } from "./session.ts";
import { type Check, Ended, step, type Tell } from "./steps.ts";
import { checkTally, type Tally } from "./tally.ts";
import { openZip } from "./zip.ts";

export type { Counts } from "./evidence.ts";
export { CHECKS, type Check, type CheckId, type CheckState } from "./steps.ts";

/** What is to be audited, and what the auditor knows of it from elsewhere. */
export interface AuditRequest {
  /** A bundle `<uuid>.phieukin.zip`, or a bare archive `<uuid>.bel`. */
  readonly record: Blob;
  /** The session code, or φ in full, that the auditor was shown. */
  readonly fingerprint?: string;
  /** What voters have kept (§6.3). */
  readonly promises?: readonly Uint8Array[];
  /** The auditors' bundle. */
  readonly auditors?: Blob;
  /** Of an archive at the close: checks 1 to 7, before there are shares (§6.4). */
  readonly closed?: boolean;
}

/** The totals of an official: ballots at each level, in the order of the policy, and blank lines. */
export interface OfficialTotals {
  readonly name: string;
  readonly position: string;
  readonly counts: readonly number[];
  readonly blank: number;
}

/** What an audit came to. What is null or absent was not reached. */
export interface Report {
  readonly scope: "archive" | "bundle";
  readonly verdict: "holds" | "fails" | "incomplete";
  /** Every check as it ended, in order. */
  readonly checks: readonly Check[];
  /** The definition, from check 2 on. */
  readonly election: Election | null;
  /** The three codes that people compare; the session code is `definition`. */
  readonly codes: Readonly<Partial<Record<Moment, string>>>;
  /** Of an archive only registered, cast and tallied. */
  readonly counts: Partial<Counts>;
  /** In the order of the ballot, from check 9 on. */
  readonly totals: readonly OfficialTotals[] | null;
  /** Of an archive at the close. */
  readonly tally: Tally | null;
}

/** Who judges the ballots of a definition: `Alone` on this thread, `workers` of pool.ts on all cores. */
export type Judges = (election: Election) => Judge;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** A report that is being written. */
type Draft = Mutable<Report>;

const ZIP = [0x50, 0x4b, 0x03, 0x04];

/**
 * Makes every check that the record and the request allow.
 *
 * Yields each check when it begins, while it runs, and when it ends. Throws what is no fault of the
 * record: a file that cannot be read.
 */
export async function* audit(
  request: AuditRequest,
  judges: Judges = (election) => new Alone(election),
): AsyncGenerator<Check, Report> {
  const scope = (await isZip(request.record)) ? "bundle" : "archive";
  const report: Draft = {
    scope,
    verdict: "incomplete",
    checks: [],
    election: null,
    codes: {},
    counts: {},
    totals: null,
    tally: null,
  };
  const ended: Check[] = [];
  const checks = scope === "bundle" ? ofBundle(request, judges, report) : ofArchive(request.record, judges, report);
  try {
    for await (const check of checks) {
      if (check.state !== "running") ended.push(check);
      yield check;
    }
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    report.verdict = error.check.state === "fails" ? "fails" : "incomplete";
  }
  return { ...report, checks: ended };
}

async function isZip(file: Blob): Promise<boolean> {
  const first = new Uint8Array(await file.slice(0, ZIP.length).arrayBuffer());
  return ZIP.every((byte, i) => first[i] === byte);
}

async function* ofBundle(request: AuditRequest, judges: Judges, report: Draft): AsyncGenerator<Check> {
  const { record } = request;
  const files = yield* step("container", (tell) => openZip(record, (done) => tell(done, record.size)));
  const archive = [...files].find(([name]) => name.endsWith(".bel"))?.[1];
  yield* ofArchive(archive ?? new Blob([]), judges, report);
}

/** Checks 1 to 7. */
async function* ofArchive(file: Blob, judges: Judges, report: Draft): AsyncGenerator<Check> {
  const archive = yield* step("archive", (tell) => readArchive(file, (done) => tell(done, file.size)));
  const election = yield* step("definition", () => Election.decode(archive.election));
  report.election = election;
  const ordered = election.parameters !== null;
  const registered = yield* step("credentials", () => credentialsOf(archive.credentials, ordered));
  const electorate = new Electorate(registered, ordered);
  const judge = judges(election);
  try {
    yield* step("ballots", (tell) => judgeAll(archive, judge, electorate, tell));
    report.tally = yield* step("tally", async () =>
      checkTally(archive.tally, archive.sized, await judge.products(), archive.cast, election),
    );
  } finally {
    judge.close();
  }
  report.counts = { registered: registered.length, cast: archive.cast, tallied: archive.cast };
  yield* step("enough", () => {
    const least = election.parameters?.policy.minBallots ?? MIN_BALLOTS_FLOOR;
    if (archive.cast >= least) return;
    throw new ProtocolError("too_few_ballots", `${archive.cast} ballots; fewer than ${least} are never opened`);
  });
}

/** Each ballot alone, several at a time, then against all others, one after the other. */
async function judgeAll(archive: Archive, judge: Judge, electorate: Electorate, tell: Tell): Promise<void> {
  const given: Promise<Judged | ProtocolError>[] = [];
  const give = (i: number): void => {
    const judged = archive.ballot(i).then((raw) => judge.judge(raw));
    // A refusal waits for its turn: the first ballot that fails is the one that is named.
    given.push(judged.catch((error: unknown) => refusal(error, i)));
  };
  for (let i = 0; i < archive.cast; i++) {
    while (given.length < judge.width && i + given.length < archive.cast) give(i + given.length);
    const judged = await given.shift();
    if (judged instanceof ProtocolError) throw judged;
    if (judged) electorate.take(judged);
    tell(i + 1, archive.cast);
  }
}

function refusal(error: unknown, i: number): ProtocolError {
  if (error instanceof ProtocolError) return new ProtocolError(error.code, `ballot ${i + 1}: ${error.message}`);
  throw error;
}
