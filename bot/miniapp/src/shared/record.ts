/** What the public may know of a session: its notes at any time, its results once published. */

import { SIGNED_STATES, type SignedState, shortCode, splitNotes } from "../protocol/checkpoint.ts";
import { digest, spoken, toText, utf8 } from "../protocol/encoding.ts";
import type { State } from "../protocol/lifecycle.ts";
import { parseNote } from "../protocol/note.ts";
import { about } from "./about.ts";
import { fetchSession } from "./live.ts";

/** A signed checkpoint and the code that people compare. */
export interface SignedNote {
  readonly state: SignedState;
  readonly text: string;
  readonly code: string;
}

export interface Finding {
  readonly code: string;
  readonly text: string;
  readonly rule: string;
}

/** The totals of one official; percentages with a decimal comma. */
export interface OfficialResult {
  readonly name: string;
  readonly position: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly percent: Readonly<Record<string, string>>;
  readonly finding: Finding | null;
}

/** results.json (docs/protocol.md §7.4). */
export interface Results {
  readonly regime: string;
  readonly denominator: { readonly kind: "delegates" | "collected"; readonly value: number };
  readonly officials: readonly OfficialResult[];
}

/** What is shown of a definition; the audit, not this page, checks it. */
export interface PublicDefinition {
  readonly name: string;
  readonly phi: string;
  readonly levels: readonly { readonly key: string; readonly label: string }[];
  readonly publication: string;
  /** Whether there are paper ballots beside these, which only the minutes count. */
  readonly paper: boolean;
  readonly rehearsal: boolean;
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
}

export const NO_RECORD: PublicRecord = { definition: null, notes: [], results: undefined, headings: new Map() };

/** What is public in a state, or now. Null if the server does not know the session. */
export async function fetchRecord(uuid: string, state: State | null): Promise<PublicRecord | null> {
  const session = await fetchSession(uuid);
  if (session === null) return null;
  const { election } = session;
  if (election === null) return NO_RECORD;
  const notes = await fetchNotes(uuid);
  const results = (state ?? session.state) === "published" ? await fetchResults(uuid) : undefined;
  const headings = results ? await fetchHeadings(uuid, election) : NO_RECORD.headings;
  return { definition: publicDefinition(election), notes, results, headings };
}

/** What a definition says, with φ in the form that people compare. */
export function publicDefinition(election: string): PublicDefinition {
  type Policy = Omit<PublicDefinition, "name" | "phi" | "paper"> & { readonly channels: readonly string[] };
  const { name, phieukin } = JSON.parse(election) as { name: string; phieukin: { policy: Policy } };
  const { levels, publication, rehearsal, channels } = phieukin.policy;
  const paper = channels.includes("paper");
  return { name, phi: spoken(digest(utf8(election)), 5), levels, publication, paper, rehearsal };
}

/** The headings of the khối, by the official that begins each; none where they cannot be had. */
async function fetchHeadings(uuid: string, election: string): Promise<ReadonlyMap<number, string>> {
  const { phieukin } = JSON.parse(election) as { phieukin: { session: string; officials: readonly unknown[] } };
  try {
    const raw = new Uint8Array(await (await get(`/api/v1/registrar/about/${uuid}`)).arrayBuffer());
    return about(raw, phieukin.session, phieukin.officials.length).headings;
  } catch {
    return new Map();
  }
}

/** The notes signed so far, in order. */
async function fetchNotes(uuid: string): Promise<SignedNote[]> {
  const raw = new Uint8Array(await (await get(`/api/v1/box/${uuid}/checkpoints`)).arrayBuffer());
  if (raw.length === 0) return [];
  return splitNotes(raw).flatMap((note, i) => {
    const state = SIGNED_STATES[i];
    return state === undefined ? [] : [{ state, text: toText(note), code: shortCode(parseNote(note).text) }];
  });
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
