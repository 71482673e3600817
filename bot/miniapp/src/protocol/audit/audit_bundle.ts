/** What an audit asks of a bundle: checks 0, 10 to 17, a and 21 (docs/protocol.md §9.1). */

import { bytesOf } from "../encoding/bytes.ts";
import { sha256 } from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import { checkAuditors } from "../record/auditors.ts";
import { checkCommittee, SIGNED_STATES, signers } from "../record/checkpoint.ts";
import { type Archived, type Counts, checkCheckpoints, checkCounts, checkTokens } from "../record/evidence.ts";
import { decodeIssuance, LIMIT as ISSUANCE_LIMIT, type Issuance } from "../record/issuance.ts";
import { checkManifest, MANIFEST } from "../record/manifest.ts";
import { LIMIT as NOTE_LIMIT } from "../record/note.ts";
import { openZip } from "../record/zip.ts";
import { checkResults, regimeOf } from "../results/results.ts";
import type { Election } from "../session/session.ts";
import { decodeSessionFile, LIMIT } from "../session/sessionfile.ts";
import { LIMIT as CEREMONY_LIMIT, checkCeremony } from "../trustee/ceremony.ts";
import { LIMIT as SHARES_LIMIT } from "../trustee/share.ts";
import type { AuditRequest, Draft } from "./audit.ts";
import { type Audited, archiveChecks, fingerprintCheck, type Judges } from "./audit_archive.ts";
import { type Check, step, unmade } from "./steps.ts";

const RESULTS_LIMIT = 1 << 22; // bytes; 200 officials need 0.2 MiB
const TOKENS_LIMIT = 1 << 28; // bytes; 200,000 voters need half of it
/** Bytes of each file (§2.6). */
const LIMITS: Readonly<Record<string, number>> = {
  [MANIFEST]: NOTE_LIMIT,
  "ceremony.json": CEREMONY_LIMIT,
  "checkpoints.txt": SIGNED_STATES.length * (NOTE_LIMIT + 1),
  "issuance.json": ISSUANCE_LIMIT,
  "results.json": RESULTS_LIMIT,
  "session.json": LIMIT,
  "shares.json": SHARES_LIMIT,
  "tokens.jsonl": TOKENS_LIMIT,
};
const ARCHIVE = /^[1-9A-HJ-NP-Za-km-z]{14,32}\.bel$/;
const SIDE = [
  "ceremony.json",
  "checkpoints.txt",
  "issuance.json",
  "results.json",
  "session.json",
  "shares.json",
  "tokens.jsonl",
] as const;

type SideFile = (typeof SIDE)[number];

/** The files of a bundle: its archive, and those beside it that are there. */
class Bundle {
  readonly all: ReadonlyMap<string, Blob>;
  readonly archiveName: string;
  readonly archive: Blob;

  /** Throws bad_record: a file that no record has, one that is too large, no archive or no manifest. */
  constructor(files: ReadonlyMap<string, Blob>) {
    this.all = files;
    const others = [...files].filter(([name]) => name !== MANIFEST && !(SIDE as readonly string[]).includes(name));
    const [archive, stray] = others.sort(([name]) => (ARCHIVE.test(name) ? -1 : 1));
    if (archive === undefined) throw new ProtocolError("bad_record", "there is no archive in the bundle");
    if (!files.has(MANIFEST)) throw new ProtocolError("bad_record", `there is no ${MANIFEST}`);
    if (!ARCHIVE.test(archive[0])) throw new ProtocolError("bad_record", `${archive[0]}: no record has such a file`);
    if (stray !== undefined) throw new ProtocolError("bad_record", `${stray[0]}: no record has such a file`);
    const large = [...files].find(([name, { size }]) => size > (LIMITS[name] ?? Infinity))?.[0];
    if (large !== undefined) throw new ProtocolError("bad_record", `${large}: more than ${LIMITS[large]} bytes`);
    [this.archiveName, this.archive] = archive;
  }

  /** The bytes of a file that is small. Throws incomplete: it is missing; malformed: it is large. */
  async read(name: SideFile, limit: number): Promise<Uint8Array> {
    return bytesOf(this.blob(name), name, limit);
  }

  /** Throws incomplete: it is missing. */
  blob(name: SideFile): Blob {
    const file = this.all.get(name);
    if (file === undefined) throw new ProtocolError("incomplete", `${name} is missing`);
    return file;
  }
}

/** All checks of a bundle, in their order. */
export async function* bundleChecks(request: AuditRequest, judges: Judges, report: Draft): AsyncGenerator<Check> {
  const { record } = request;
  const bundle = yield* step("container", async (tell) => {
    return new Bundle(await openZip(record, (done) => tell(done, record.size)));
  });
  const audited = yield* archiveChecks(bundle.archive, request, judges, report, bundle.all.get("shares.json"));
  if (audited === null) return;
  yield* step("manifest", async (tell) => {
    await checkManifest(audited.election, bundle.all, "manifest", (done) => tell(done, record.size));
    checkNames(bundle, audited.election);
  });
  const raw = yield* step("session", async () => sessionOf(bundle, audited.election));
  const issuance = yield* evidenceChecks(bundle, audited, report);
  yield* fingerprintCheck(request.fingerprint, audited.election, report.codes.definition ?? null);
  const session = yield* step("levels", () => {
    const decoded = decodeSessionFile(raw);
    regimeOf(audited.election, decoded);
    return decoded;
  });
  report.session = session;
  report.results = yield* step("results", async () => {
    const published = await bundle.read("results.json", RESULTS_LIMIT);
    const { election, totals, trackers } = audited;
    return checkResults(published, election, totals, trackers.length, session, report.counts.roster ?? 0);
  });
  if (request.auditors === undefined) return yield unmade("auditor", "not asked");
  const { auditors } = request;
  yield* step("auditor", async () => checkAuditors(auditors, audited.election, issuance));
}

/** Throws bad_record: the archive has another session's name; incomplete: a file is neither there nor listed. */
function checkNames(bundle: Bundle, { uuid }: Election): void {
  if (bundle.archiveName !== `${uuid}.bel`) {
    throw new ProtocolError("bad_record", `${bundle.archiveName}: the session in it is ${uuid}`);
  }
  for (const name of SIDE) bundle.blob(name);
}

async function sessionOf(bundle: Bundle, { ours }: Election): Promise<Uint8Array> {
  const raw = await bundle.read("session.json", LIMIT);
  if (sha256(raw) === ours.session) return raw;
  throw new ProtocolError("bad_definition", "session.json is not the one of the definition");
}

/** Checks 11 to 17. */
async function* evidenceChecks(bundle: Bundle, audited: Audited, report: Draft): AsyncGenerator<Check, Issuance> {
  const { election, trustees, registered, trackers, archive, result } = audited;
  const archived: Archived = { registered, trackers, credentials: archive.credentials, result };
  yield* step("tokens", async (tell) => {
    await checkTokens(bundle.blob("tokens.jsonl"), election, registered, (done) => tell(done, registered.length));
  });
  yield* step("ceremony", async () => {
    checkCeremony(await bundle.read("ceremony.json", CEREMONY_LIMIT), election, trustees);
  });
  const { issuance, counts } = yield* step("counts", async (): Promise<{ issuance: Issuance; counts: Counts }> => {
    const read = decodeIssuance(await bundle.read("issuance.json", ISSUANCE_LIMIT), election);
    return { issuance: read, counts: checkCounts(election, read, archived) };
  });
  report.counts = counts;
  const notes = yield* step("checkpoints", async () => {
    const raw = await bundle.read("checkpoints.txt", SIGNED_STATES.length * (NOTE_LIMIT + 1));
    return checkCheckpoints(raw, election, counts, issuance, archived);
  });
  for (const [moment, note] of [
    ["definition", notes.sealed],
    ["opening", notes.open],
    ["closing", notes.closed],
  ] as const) {
    const code = yield* step(`${moment}_signed`, () => checkCommittee(note, election));
    report.codes = { ...report.codes, [moment]: code };
    report.signers = { ...report.signers, [moment]: signers(note, election) };
  }
  return issuance;
}
