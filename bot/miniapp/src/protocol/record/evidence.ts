/** What stands beside the archive in a bundle: tokens, counts, checkpoints (docs/protocol.md §9.1, 11, 13 to 17). */

import { checkToken } from "../ballot/token.ts";
import { lineCount, lines } from "../encoding/bytes.ts";
import { canonical, fields, fromBase64, parseJson, toText } from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import { element } from "../group/group.ts";
import { importIssuer } from "../session/issuer.ts";
import type { Election } from "../session/session.ts";
import {
  type Checkpoint,
  check,
  make,
  partyKeys,
  SIGNED_STATES,
  type SignedState,
  sealed,
  splitNotes,
} from "./checkpoint.ts";
import { type Issuance, rosterSize } from "./issuance.ts";
import { type Note, parseNote } from "./note.ts";

const TOKEN_LIMIT = 1000; // bytes of a line

/** The numbers of a session, each at most the one before it. */
export interface Counts {
  readonly roster: number;
  readonly present: number;
  readonly issued: number;
  readonly registered: number;
  readonly cast: number;
  readonly tallied: number;
  /** Ballots on paper, which others count: to people present, and to those who came after the opening. */
  readonly paper: number;
  readonly late: number;
}

/** What the archive says, and others must say, too. */
export interface Archived {
  readonly registered: readonly string[];
  readonly trackers: readonly string[];
  readonly credentials: Uint8Array;
  readonly result: Uint8Array;
}

/**
 * One valid token for each registered credential, in their order.
 *
 * Throws bad_token: another list, or a signature that does not hold; malformed: not a line of the file.
 */
export async function checkTokens(
  file: Blob,
  election: Election,
  registered: readonly string[],
  done: (tokens: number) => void,
): Promise<void> {
  const path = "tokens.jsonl";
  const count = await lineCount(file, path);
  if (count !== registered.length) throw badToken(`${count} tokens for ${registered.length} credentials`);
  const issuer = await importIssuer(election.ours.issuer);
  let number = 0;
  for await (const line of lines(file, path, TOKEN_LIMIT)) {
    const expected = registered[number++] ?? "";
    await checkToken(issuer, election.phi, expected, tokenOf(line, `${path}, line ${number}`, expected));
    done(number);
  }
}

function tokenOf(line: Uint8Array, path: string, expected: string): Uint8Array {
  const { credential, token } = fields(parseJson(line, path, TOKEN_LIMIT), path, ["credential", "token"]);
  if (element(credential, `${path}.credential`).hex !== expected) throw badToken(`${path}: of another credential`);
  return fromBase64(token, `${path}.token`);
}

function badToken(detail: string): ProtocolError {
  return new ProtocolError("bad_token", `tokens.jsonl: ${detail}`);
}

/** Throws bad_counts, saying which two numbers do not go together. */
export function checkCounts(election: Election, issuance: Issuance, archived: Archived): Counts {
  const { present, issued, channels, paper } = issuance;
  const counts: Counts = {
    roster: rosterSize(election, issuance.amendments),
    present,
    issued,
    registered: archived.registered.length,
    cast: archived.trackers.length,
    tallied: archived.trackers.length, // check 6 compares it with the number in the archive
    paper: paper.present,
    late: paper.late,
  };
  const { roster, registered, cast, tallied } = counts;
  const allowed = election.ours.policy.channels;
  const foreign = channels.find(([channel]) => !allowed.includes(channel))?.[0];
  if (foreign !== undefined) throw bad(`tokens by ${foreign}, which the policy does not have`);
  const byChannel = channels.reduce((sum, [, count]) => sum + count, 0);
  const mostPaper = paper.present + paper.late;
  const rules: readonly (readonly [boolean, string])[] = [
    [byChannel === issued, `${byChannel} tokens by channel, ${issued} in all`],
    [present <= roster, `${present} present, ${roster} on the roster`],
    [issued <= present, `${issued} tokens, ${present} present`],
    [registered <= issued, `${registered} registered, ${issued} tokens`],
    [cast <= registered, `${cast} cast, ${registered} registered`],
    [cast === tallied, `${cast} cast, ${tallied} tallied`],
    [paper.opening <= paper.present, `${paper.opening} on paper at the opening, ${paper.present} at the close`],
    [issued + paper.present <= present, `${issued} tokens and ${paper.present} ballots on paper, ${present} present`],
    [present + paper.late <= roster, `${present} present and ${paper.late} late, ${roster} on the roster`],
    [mostPaper === 0 || allowed.includes("paper"), `${mostPaper} ballots on paper, which the policy does not have`],
  ];
  const broken = rules.find(([right]) => !right)?.[1];
  if (broken !== undefined) throw bad(broken);
  return counts;
}

/**
 * The four notes, each of which says what the record says and is signed by registrar, box and chair.
 *
 * Throws bad_checkpoint; malformed: a note that is not one.
 */
export function checkCheckpoints(
  raw: Uint8Array,
  election: Election,
  counts: Counts,
  issuance: Issuance,
  archived: Archived,
): Record<SignedState, Note> {
  const blocks = splitNotes(raw);
  if (blocks.length !== SIGNED_STATES.length) {
    throw new ProtocolError("bad_checkpoint", `checkpoints.txt: ${blocks.length} notes, not ${SIGNED_STATES.length}`);
  }
  const [first, second, third, fourth] = blocks.map(parseNote) as [Note, Note, Note, Note];
  const notes = { sealed: first, open: second, closed: third, tallied: fourth };
  const { roster, present, issued, registered, cast, tallied, paper, late } = counts;
  const opened = [roster, present, issued, registered, issuance.paper.opening];
  const amendments = issuance.amendments.map(({ note }) => note);
  const fixed = canonical({ channels: Object.fromEntries(issuance.channels), amendments });
  const expected: Record<SignedState, Checkpoint> = {
    sealed: sealed(election),
    open: make(election, "open", opened, archived.credentials, { issuance: toText(fixed) }),
    closed: make(election, "closed", [registered, cast, paper, late], canonical(archived.trackers), {
      opening: second.text,
    }),
    tallied: make(election, "tallied", [cast, tallied], archived.result),
  };
  for (const state of SIGNED_STATES) check(notes[state], expected[state], partyKeys(election, state));
  return notes;
}

function bad(detail: string): ProtocolError {
  return new ProtocolError("bad_counts", `counts: ${detail}`);
}
