/** What an audit asks of an archive: checks 1 to 9, 18 and c (docs/protocol.md §9.1). */

import { bytesOf } from "../encoding/bytes.ts";
import { fields, hexDigest, integer, isCode, parseJson, sameCode, sha256 } from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import { type Archive, type ArchivedShare, readArchive } from "../record/archive.ts";
import { trackerOf } from "../record/checkpoint.ts";
import { parseNote } from "../record/note.ts";
import { checkOwners, checkResult, type Totals } from "../results/result.ts";
import { regimeOf, resultsOf, stockResults } from "../results/results.ts";
import { checkTally } from "../results/tally.ts";
import { MAX_TRUSTEES } from "../session/committee.ts";
import { credentialsOf, Electorate } from "../session/electorate.ts";
import { Election, MIN_BALLOTS_FLOOR } from "../session/session.ts";
import { decodeTrustees, type Trustees } from "../trustee/keys.ts";
import { checkShares, checkStatements, decodeShare, LIMIT as SHARES_LIMIT } from "../trustee/share.ts";
import { checkDefinition, checkTrustees } from "../trustee/trustees.ts";
import type { AuditRequest, Draft } from "./audit.ts";
import type { Judge, Judged } from "./judge.ts";
import { type Check, step, type Tell, unmade } from "./steps.ts";

const OWNER_LIMIT = 1000; // bytes

/** Who judges the ballots of a definition: `Alone` on this thread, `workers` of pool.ts on all cores. */
export type Judges = (election: Election) => Judge;

/** An archive all of whose checks hold. */
export interface Audited {
  readonly archive: Archive;
  readonly election: Election;
  readonly trustees: Trustees;
  readonly registered: readonly string[];
  readonly trackers: readonly string[];
  readonly totals: Totals;
  readonly result: Uint8Array;
}

/**
 * Checks 1 to 9, with 18 of a bundle, and c. Returns null where only those at the close are asked for.
 *
 * @param statements shares.json of a bundle, of which 18 is; undefined where it has none.
 */
export async function* archiveChecks(
  file: Blob,
  request: AuditRequest,
  judges: Judges,
  report: Draft,
  statements?: Blob,
): AsyncGenerator<Check, Audited | null> {
  const archive = yield* step("archive", (tell) => readArchive(file, (done) => tell(done, file.size)));
  const { election, trustees } = yield* step("definition", () => definitionOf(archive));
  report.election = election;
  yield* step("trustees", () => checkTrustees(trustees));
  const ordered = election.parameters !== null;
  const registered = yield* step("credentials", () => credentialsOf(archive.credentials, ordered));
  report.counts = { registered: registered.length, cast: archive.cast };
  const electorate = new Electorate(registered, ordered);
  const judge = judges(election);
  try {
    yield* step("ballots", (tell) => judgeAll(archive, judge, electorate, tell));
    report.tally = yield* step("tally", async () => {
      const products = await judge.products();
      return checkTally(archive.tally, archive.sized, products, archive.cast, election);
    });
  } finally {
    judge.close();
  }
  const tally = report.tally;
  report.counts = { ...report.counts, tallied: tally.size };
  yield* step("enough", () => checkEnough(election, tally.size));
  const { credentials } = archive;
  report.closed = { election, trustees, credentials, trackers: electorate.trackers, tally };
  if (request.closed === true) return null;
  const { shares, published } = yield* step("shares", () => {
    const decoded = archive.shares.map((share) => decodeShare(share.factors, ownerOf(share), election));
    if (decoded.length === 0) throw new ProtocolError("incomplete", "the archive has no shares yet");
    checkShares(election, trustees, tally, decoded);
    if (archive.result === null) {
      throw new ProtocolError("incomplete", `the archive has ${decoded.length} shares and no result yet`);
    }
    checkOwners(trustees, decoded);
    return { shares: decoded, published: archive.result };
  });
  if (statements) {
    yield* step("statements", async () => {
      const raw = await bytesOf(statements, "shares.json", SHARES_LIMIT);
      checkStatements(raw, election, trustees, tally, shares);
    });
  } else yield unmade("statements", "missing");
  const totals = yield* step("result", () => {
    return checkResult(published, election, trustees, tally, shares, tally.size);
  });
  report.totals = totalsOf(election, totals, tally.size);
  report.openers = shares.map(({ owner }) => owner).sort((a, b) => a - b);
  yield* promisesOf(request.promises, election, electorate.trackers);
  yield unmade("belenios", "not asked");
  return { archive, election, trustees, registered, trackers: electorate.trackers, totals, result: published };
}

function definitionOf({ election: raw, trustees: keys }: Archive): { election: Election; trustees: Trustees } {
  const election = Election.decode(raw);
  const sealed = election.parameters?.trustees ?? sha256(keys);
  if (sealed !== sha256(keys))
    throw new ProtocolError("bad_definition", "trustees.json is not the one of the definition");
  const trustees = decodeTrustees(keys);
  checkDefinition(election, trustees);
  return { election, trustees };
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

function checkEnough({ parameters }: Election, cast: number): void {
  const least = parameters?.policy.minBallots ?? MIN_BALLOTS_FLOOR;
  if (cast >= least) return;
  throw new ProtocolError("too_few_ballots", `${cast} ballots; fewer than ${least} are never opened`);
}

/** Whose a share is (§7.2). Throws malformed; bad_share: the owner's file is of another share. */
function ownerOf({ factors, owner: raw }: ArchivedShare): number {
  const { owner, payload } = fields(parseJson(raw, "share", OWNER_LIMIT), "share", ["owner", "payload"]);
  const number = integer(owner, "share.owner", 1, MAX_TRUSTEES);
  if (hexDigest(payload, "share.payload") !== sha256(factors)) {
    throw new ProtocolError("bad_share", `share of trustee ${number}: its owner is that of another share`);
  }
  return number;
}

function totalsOf(election: Election, totals: Totals, cast: number): Draft["totals"] {
  const officials = election.parameters?.officials ?? election.questions.map(({ question }) => named(question));
  return officials.map((official, i) => {
    const counts = totals[i] ?? [];
    return { ...official, counts, blank: cast - counts.reduce((sum, count) => sum + count, 0) };
  });
}

function named(question: string): { name: string; position: string } {
  return { name: question, position: "" };
}

async function* promisesOf(
  promises: readonly Uint8Array[] | undefined,
  election: Election,
  trackers: readonly string[],
): AsyncGenerator<Check> {
  if (promises === undefined || promises.length === 0) return yield unmade("promises", "not asked");
  yield* step("promises", () => {
    const cast = new Set(trackers);
    for (const promise of promises) {
      const tracker = trackerOf(parseNote(promise), election);
      if (cast.has(tracker)) continue;
      throw new ProtocolError("bad_record", `the box promised the ballot ${tracker}, which the record does not have`);
    }
  });
}

/**
 * Check a: what the auditor was shown.
 *
 * @param code the session code; null of a bare archive, which has none.
 */
export async function* fingerprintCheck(
  shown: string | undefined,
  election: Election,
  code: string | null,
): AsyncGenerator<Check> {
  if (shown === undefined) return yield unmade("fingerprint", "not asked");
  yield* step("fingerprint", () => {
    const typed = shown.trim();
    if (typed === election.phi) return;
    if (code === null && isCode(typed)) {
      throw new ProtocolError(
        "incomplete",
        "an archive alone has no session code: compare φ in full, or audit the bundle",
      );
    }
    if (code !== null && sameCode(code, typed)) return;
    throw new ProtocolError("bad_definition", "what was shown is of another session");
  });
}

/** Checks 19 and 20 of a bare archive: levels of a regime that this program has, and results that come out. */
export async function* resultsComeOut({ election, totals, trackers }: Audited, report: Draft): AsyncGenerator<Check> {
  const cast = trackers.length;
  if (election.parameters === null) {
    yield unmade("levels", "missing");
    report.results = yield* step("results", () => stockResults(election, totals, cast));
    return;
  }
  yield* step("levels", () => regimeOf(election, null));
  report.results = yield* step("results", () => resultsOf(election, totals, cast));
}
