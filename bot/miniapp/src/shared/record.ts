/** What the public may know of a session: its notes at any time, its results once published. */

import { shortCode, splitNotes, STATES_WITH_NOTES } from "../protocol/checkpoint.ts";
import { digest, spoken, toText, utf8 } from "../protocol/encoding.ts";
import { parseNote } from "../protocol/note.ts";
import { about } from "./about.ts";

/** A signed checkpoint and the code that people compare. */
export interface Signed {
  readonly state: (typeof STATES_WITH_NOTES)[number];
  readonly text: string;
  readonly code: string;
}

export interface Finding {
  readonly code: string;
  readonly text: string;
  readonly rule: string;
}

export interface Rated {
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
  readonly officials: readonly Rated[];
}

/** What is shown of a definition; the audit, not this page, checks it. */
export interface Shown {
  readonly name: string;
  readonly phi: string;
  readonly levels: readonly { readonly key: string; readonly label: string }[];
  readonly publication: string;
  /** Whether there are paper ballots beside these, which only the minutes count. */
  readonly paper: boolean;
  readonly rehearsal: boolean;
}

/** What a definition says, with φ in the form that people compare. */
export function shown(election: string): Shown {
  const { name, phieukin } = JSON.parse(election) as { name: string; phieukin: { policy: Omit<Shown, "name" | "phi" | "paper"> & { channels: readonly string[] } } };
  const { levels, publication, rehearsal, channels } = phieukin.policy;
  const paper = channels.includes("paper");
  return { name, phi: spoken(digest(utf8(election)), 5), levels, publication, paper, rehearsal };
}

/** The headings of the khối, by the official that begins each; none where they cannot be had. */
export async function headings(uuid: string, election: string): Promise<ReadonlyMap<number, string>> {
  const { phieukin } = JSON.parse(election) as { phieukin: { session: string; officials: readonly unknown[] } };
  try {
    const raw = new Uint8Array(await (await get(`/api/v1/registrar/about/${uuid}`)).arrayBuffer());
    return about(raw, phieukin.session, phieukin.officials.length).headings;
  } catch {
    return new Map();
  }
}

/** The notes signed so far, in order. */
export async function notes(uuid: string): Promise<Signed[]> {
  const raw = new Uint8Array(await (await get(`/api/v1/box/${uuid}/checkpoints`)).arrayBuffer());
  if (raw.length === 0) return [];
  return splitNotes(raw).flatMap((note, i) => {
    const state = STATES_WITH_NOTES[i];
    return state === undefined ? [] : [{ state, text: toText(note), code: shortCode(parseNote(note).text) }];
  });
}

/** The results; null where only members get them. */
export async function results(uuid: string): Promise<Results | null> {
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
