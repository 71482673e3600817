/** What the public may know of a session: its notes at any time, its results once published. */

import { parseJson, sha256, toText, utf8 } from "../protocol/encoding/encoding.ts";
import { ProtocolError } from "../protocol/encoding/errors.ts";
import {
  checkNote,
  committeeCode,
  SIGNED_STATES,
  type SignedState,
  splitNotes,
  textDigest,
} from "../protocol/record/checkpoint.ts";
import { parseNote } from "../protocol/record/note.ts";
import type { OfficialResults } from "../protocol/results/results.ts";
import { Election, type Level } from "../protocol/session/session.ts";
import { about } from "./about.ts";
import { fetchSession } from "./live.ts";

/**
 * A checkpoint whose signatures are right; `code` once enough trustees have signed, who sign no result;
 * `listed` the hash of the list that it fixes.
 */
export interface SignedNote {
  readonly state: SignedState;
  readonly text: string;
  readonly listed: string;
  readonly code: string | null;
}

/** results.json (docs/protocol.md §7.4). */
export interface Results {
  readonly regime: string;
  readonly denominator: { readonly kind: "delegates" | "collected"; readonly value: number | null };
  readonly officials: readonly OfficialResults[];
}

/** What is shown of a definition; the audit, not this page, checks it. */
export interface PublicDefinition {
  readonly name: string;
  readonly levels: readonly Level[];
  readonly publication: string;
  /** Whether there are paper ballots beside these, which only the minutes count. */
  readonly paper: boolean;
  readonly rehearsal: boolean;
  /** How long phones check between the closing and the totals. */
  readonly checkSeconds: number;
}

/** All that is public of a session so far. */
export interface PublicRecord {
  /** Null before the seal. */
  readonly definition: PublicDefinition | null;
  /** The checkpoints signed so far, in order. */
  readonly notes: readonly SignedNote[];
  /** Undefined until they are published, null where only members get them. */
  readonly results: Results | null | undefined;
  /** Of the khối, by the official that begins each. */
  readonly headings: ReadonlyMap<number, string>;
  /** Whether the server shows a definition or a note that is not rightly signed. */
  readonly wrong: boolean;
}

export const NO_RECORD: PublicRecord = {
  definition: null,
  notes: [],
  results: undefined,
  headings: new Map(),
  wrong: false,
};

/** What is public now. Null if the server does not know the session. */
export async function fetchRecord(uuid: string): Promise<PublicRecord | null> {
  const session = await fetchSession(uuid);
  if (session === null) return null;
  const { election } = session;
  if (election === null) return NO_RECORD;
  const raw = new Uint8Array(await (await get(`/api/v1/box/${uuid}/checkpoints`)).arrayBuffer());
  const results = session.state === "published" ? await fetchResults(uuid) : undefined;
  try {
    const definition = Election.decode(utf8(election));
    if (definition.uuid !== uuid) throw new ProtocolError("bad_definition", "of another session");
    const notes = checkedNotes(definition, raw);
    const headings = results ? await fetchHeadings(definition) : NO_RECORD.headings;
    return { definition: publicDefinition(definition), notes, results, headings, wrong: false };
  } catch (error) {
    if (error instanceof ProtocolError) return { ...NO_RECORD, wrong: true };
    throw error;
  }
}

/** What a definition says to everybody. */
export function publicDefinition({ name, ours }: Election): PublicDefinition {
  const { levels, publication, rehearsal, channels, checkSeconds } = ours.policy;
  return { name, levels, publication, paper: channels.includes("paper"), rehearsal, checkSeconds };
}

/** The code of a checkpoint; null where it is not signed by enough trustees yet. */
export function codeOf(notes: readonly SignedNote[], state: SignedState): string | null {
  return notes.find((note) => note.state === state)?.code ?? null;
}

/** The headings of the khối, by the official that begins each; none where they cannot be had. */
async function fetchHeadings({ uuid, ours }: Election): Promise<ReadonlyMap<number, string>> {
  try {
    const raw = new Uint8Array(await (await get(`/api/v1/registrar/about/${uuid}`)).arrayBuffer());
    return about(raw, ours.session, ours.officials.length).headings;
  } catch {
    return new Map();
  }
}

/** The notes signed so far, in order. Throws bad_checkpoint, malformed: a phone would raise an alarm. */
export function checkedNotes(election: Election, raw: Uint8Array): SignedNote[] {
  if (raw.length === 0) return [];
  let opening = "";
  return splitNotes(raw).map((data, i) => {
    const state = SIGNED_STATES[i];
    if (state === undefined) throw new ProtocolError("bad_checkpoint", "more notes than there are states");
    const note = parseNote(data);
    const checkpoint = checkNote(note, election, state, null);
    if (state === "open") opening = textDigest(note.text);
    if (state === "closed" && checkpoint.opening !== opening) {
      throw new ProtocolError("bad_checkpoint", "the closing follows another opening");
    }
    const code = state === "tallied" ? null : committeeCode(note, election);
    return { state, text: toText(data), listed: checkpoint.digest, code };
  });
}

/**
 * The trackers of the closed session, all of them: nobody is asked for one. Null where the server's
 * list is not the one that the closing fixes.
 */
export async function fetchTrackers(uuid: string, closing: SignedNote): Promise<readonly string[] | null> {
  const raw = new Uint8Array(await (await get(`/api/v1/box/${uuid}/trackers`)).arrayBuffer());
  if (sha256(raw) !== closing.listed) return null;
  return parseJson(raw, "trackers", raw.length) as readonly string[]; // what is signed has this shape
}

/** The results; null where only members get them. */
async function fetchResults(uuid: string): Promise<Results | null> {
  const response = await fetch(`/api/v1/box/${uuid}/results`, OPTIONS);
  if (response.status === 403) return null;
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return (await response.json()) as Results;
}

const OPTIONS = { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" } as const;

async function get(path: string): Promise<Response> {
  const response = await fetch(path, OPTIONS);
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return response;
}
