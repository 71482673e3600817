/**
 * What a trustee looks at before each of its signatures, and before it opens the totals
 * (docs/protocol.md §6.4, §7.2).
 *
 *     definition   the committee in it is the one of the own ceremony, own salts included
 *     opening      the list of credentials, and no more of them than people in the hall
 *     closing      the archive, audited; no more ballots than people
 *
 * What is signed is the text that this program makes itself; the server's is compared with it.
 */

import { canonical, sameBytes, sha256 } from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import { G, power } from "../group/group.ts";
import * as checkpoint from "../record/checkpoint.ts";
import { type Checkpoint, textDigest } from "../record/checkpoint.ts";
import { type Note, parseNote } from "../record/note.ts";
import { regimeOf } from "../results/results.ts";
import type { Regime } from "../results/rules.ts";
import type { Moment } from "../session/committee.ts";
import { credentialsOf } from "../session/electorate.ts";
import type { Election } from "../session/session.ts";
import { checkAgrees, decodeSessionFile, type SessionFile } from "../session/sessionfile.ts";
import type { TrusteeState } from "./keyfile.ts";
import { decodeTrustees, type Trustees } from "./keys.ts";
import type { EncryptedTally } from "./share.ts";
import { ownCommittee, secretOf } from "./trustee.ts";
import { checkDefinition, checkTrustees } from "./trustees.ts";

/** The notes of a session by what the committee signs, as far as there are any; not checked. */
export type Notes = Readonly<Partial<Record<Moment, Note>>>;

const MOMENT_OF: Readonly<Partial<Record<checkpoint.SignedState, Moment>>> = {
  sealed: "definition",
  open: "opening",
  closed: "closing",
};

/** The notes in a checkpoints.txt, as far as it goes. Throws bad_checkpoint: no checkpoints, or two of one state. */
export function readNotes(raw: Uint8Array): Notes {
  const notes: Partial<Record<Moment, Note>> = {};
  if (raw.length === 0) return notes;
  checkpoint.splitNotes(raw).forEach((block, i) => {
    const note = noteFrom(block, i + 1);
    const moment = MOMENT_OF[checkpoint.parseBody(note.text).state];
    if (moment === undefined) return;
    if (notes[moment]) throw new ProtocolError("bad_checkpoint", `checkpoint ${i + 1}: a second ${moment}`);
    notes[moment] = note;
  });
  return notes;
}

function noteFrom(block: Uint8Array, number: number): Note {
  try {
    return parseNote(block);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ProtocolError("bad_checkpoint", `checkpoint ${number}: ${error.message}`);
  }
}

/** What a trustee is asked to sign, found right. Made by the functions below only. */
export interface Signable {
  readonly moment: Moment;
  readonly election: Election;
  readonly owner: number;
  /** The text, as this program makes it. */
  readonly text: string;
  /** What the key remembers: φ, or SHA-256 of the text. */
  readonly digest: string;
}

// --- The definition -----------------------------------------------------------------------------

/** What is signed of a definition, and what people read of it. */
export interface Definition {
  readonly signable: Signable;
  readonly session: SessionFile;
  readonly regime: Regime;
}

/**
 * The seal of a definition. That its words are what the trustee was told is for the trustee to say.
 *
 * Throws bad_definition: not with this committee's key, or session.json, or the regime's levels;
 * bad_trustees: other members, salts or share keys than those of the own ceremony; incomplete: the
 * ceremony is not over; malformed.
 */
export function definitionToSign(
  state: TrusteeState,
  election: Election,
  trusteesJson: Uint8Array,
  sessionJson: Uint8Array,
): Definition {
  const trustees = decodeTrustees(trusteesJson);
  checkTrustees(trustees);
  checkDefinition(election, trustees);
  checkCommittee(state, election, trustees);
  if (sha256(sessionJson) !== election.ours.session) {
    throw new ProtocolError("bad_definition", "session.json: its hash is not the one in election.json");
  }
  const session = decodeSessionFile(sessionJson);
  checkAgrees(session, election);
  const regime = regimeOf(election, session);
  const text = checkpoint.body(checkpoint.sealed(election));
  const owner = ownerOf(state, trustees);
  return { signable: { moment: "definition", election, owner, text, digest: election.phi }, session, regime };
}

/** §6.4: salts that somebody else chose would let him choose the codes that people compare. */
function checkCommittee(state: TrusteeState, election: Election, trustees: Trustees): void {
  const [stated, own] = [election.ours.committee, ownCommittee(state)];
  const bad = (detail: string): ProtocolError => new ProtocolError("bad_trustees", `the definition has ${detail}`);
  if (stated.members.length !== own.members.length || stated.threshold !== own.threshold) {
    throw bad("another committee than the ceremony of this key");
  }
  own.members.forEach((member, i) => {
    const other = stated.members[i];
    if (!other || !sameBytes(other.key, member.key)) throw bad(`another key of trustee ${i + 1} than its step 1`);
    if (other.salts.join() !== member.salts.join()) throw bad(`other salts of trustee ${i + 1} than its step 1`);
  });
  if (!trustees.owners[state.index - 1]?.share.equals(power(G, secretOf(state)))) {
    throw bad("another key under this trustee's number");
  }
}

/** The number of this key among all owners: members of the own ceremony are the whole committee. */
function ownerOf(state: TrusteeState, trustees: Trustees): number {
  const own = power(G, secretOf(state));
  const place = trustees.owners.findIndex((owner) => owner.share.equals(own));
  if (place >= 0) return place + 1;
  throw new ProtocolError("refused", "none of the keys of this session is this one: it was made for another");
}

/** The session code, once server and whole committee have signed. Throws bad_checkpoint, incomplete. */
export function sessionCode(election: Election, notes: Notes): string {
  const note = noteOf(notes, "definition");
  checkpoint.checkNote(note, election, "sealed", election.ours.trustees);
  return checkpoint.checkCommittee(note, election);
}

// --- The opening ----------------------------------------------------------------------------------

/**
 * The opening of the box, before anybody votes.
 *
 * Throws already_signed, wrong_state: another definition, or none; bad_checkpoint: not the opening of
 * this list, or not signed by the server; bad_credentials; bad_counts: more than people; incomplete.
 *
 * @param credentials the list, as an archive holds it.
 * @param headCount how many people the committee has counted itself.
 */
export function openingToSign(
  state: TrusteeState,
  election: Election,
  trustees: Trustees,
  notes: Notes,
  credentials: Uint8Array,
  headCount: number,
): Signable {
  checkSigned(state, election);
  sessionCode(election, notes);
  const opening = openingOf(election, notes, credentials);
  const text = checkpoint.body(opening);
  checkMemory(state, "opening", text);
  const { present = 0, registered = 0, paper = 0 } = named(opening);
  checkPeople(headCount, registered, paper);
  if (present > headCount) throw counts(`the opening says ${present} present, the committee ${headCount}`);
  return { moment: "opening", election, owner: ownerOf(state, trustees), text, digest: textDigest(text) };
}

/** The opening of a list: signed by the server, its counts consistent. */
function openingOf(election: Election, notes: Notes, credentials: Uint8Array): Checkpoint {
  const registered = credentialsOf(credentials, true).length;
  const listed = sha256(credentials);
  const opening = checkpoint.checkNote(noteOf(notes, "opening"), election, "open", listed, { registered });
  const { roster = 0, present = 0, issued = 0, paper = 0 } = named(opening);
  if (present > roster || issued + paper > present || registered > issued) {
    throw counts(`roster ${roster} ≥ present ${present} ≥ issued ${issued} + paper ${paper}, issued ≥ ${registered}`);
  }
  return opening;
}

function checkPeople(headCount: number, registered: number, paper: number): void {
  if (registered + paper > headCount) {
    throw counts(`registered ${registered} + paper ${paper} > ${headCount}, the committee's head count`);
  }
}

// --- The closing ----------------------------------------------------------------------------------

/** An archive on which checks 1 to 7 hold. */
export interface ClosedArchive {
  readonly election: Election;
  readonly trustees: Trustees;
  readonly credentials: Uint8Array;
  /** Ascending. */
  readonly trackers: readonly string[];
  readonly tally: EncryptedTally;
}

/** The closing that follows from an archive, and the codes of what a quorum has signed before it. */
export interface ClosedBox {
  readonly archive: ClosedArchive;
  readonly owner: number;
  readonly closing: Checkpoint;
  readonly note: Note;
  readonly sessionCode: string;
  readonly openingCode: string;
}

/**
 * What archive, notes and the own memory say together.
 *
 * Throws already_signed; bad_checkpoint: the opening lacks a quorum, the closing names another opening
 * or list, or is not signed by the server; bad_counts; incomplete; refused: this is none of its keys.
 */
export function closedBox(state: TrusteeState, archive: ClosedArchive, notes: Notes): ClosedBox {
  const { election, trustees, credentials, trackers } = archive;
  if (state.definition !== null) checkSigned(state, election);
  const owner = ownerOf(state, trustees);
  const code = sessionCode(election, notes);
  const opening = openingOf(election, notes, credentials);
  const openingCode = checkpoint.checkCommittee(noteOf(notes, "opening"), election);
  const openingText = checkpoint.body(opening);
  checkMemory(state, "opening", openingText);
  const note = noteOf(notes, "closing");
  const { registered = 0, paper: before = 0 } = named(opening);
  const listed = sha256(canonical(trackers));
  const closing = checkpoint.checkNote(note, election, "closed", listed, { registered, cast: trackers.length });
  if (closing.opening !== textDigest(openingText)) {
    throw new ProtocolError("bad_checkpoint", "the closing names another opening than the one that a quorum signed");
  }
  const { paper = 0 } = named(closing);
  if (paper < before) throw counts(`paper ${paper} at the close < ${before} at the opening`);
  checkMemory(state, "closing", checkpoint.body(closing));
  return { archive, owner, closing, note, sessionCode: code, openingCode };
}

/**
 * The closing of the box, for a trustee to sign.
 *
 * Throws bad_counts: more credentials and paper ballots than people; wrong_state.
 *
 * @param headCount counted again, latecomers included.
 */
export function closingToSign(
  state: TrusteeState,
  { archive, owner, closing }: ClosedBox,
  headCount: number,
): Signable {
  checkSigned(state, archive.election);
  const { registered = 0, paper = 0, late = 0 } = named(closing);
  checkPeople(headCount, registered, paper + late);
  const text = checkpoint.body(closing);
  return { moment: "closing", election: archive.election, owner, text, digest: textDigest(text) };
}

/** The closing code, which a quorum's signatures give. Throws bad_checkpoint. */
export function closingCode({ note, archive }: ClosedBox): string {
  return checkpoint.checkCommittee(note, archive.election);
}

// --- Memory ---------------------------------------------------------------------------------------

/** The session is the one whose definition this key has signed. Throws already_signed, wrong_state. */
export function checkSigned(state: TrusteeState, { phi }: Election): void {
  if (state.definition === null) {
    throw new ProtocolError("wrong_state", `trustee ${state.index}: this key has not signed the definition`);
  }
  if (state.definition !== phi) throw already(state, "another definition");
}

/** The key has signed this text at the moment, or none. Throws already_signed. */
export function checkMemory(state: TrusteeState, moment: "opening" | "closing", text: string): void {
  if (state[moment] !== null && state[moment] !== textDigest(text)) throw already(state, `another ${moment}`);
}

export function already({ index }: TrusteeState, what: string): ProtocolError {
  return new ProtocolError("already_signed", `trustee ${index}: this key has signed ${what}`);
}

function noteOf(notes: Notes, moment: Moment): Note {
  const note = notes[moment];
  if (note === undefined) throw new ProtocolError("incomplete", `there is no checkpoint of the ${moment} yet`);
  return note;
}

/** The counts of a checkpoint by name. */
function named({ state, counts: numbers }: Checkpoint): Partial<Record<string, number>> {
  return Object.fromEntries(checkpoint.COUNTS[state].map((name, i) => [name, numbers[i] ?? 0]));
}

function counts(detail: string): ProtocolError {
  return new ProtocolError("bad_counts", detail);
}
