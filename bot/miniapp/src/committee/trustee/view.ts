/** What the server shows a trustee (DESIGN §7); nothing in it is checked beyond its form. */

import { type Bytes, fromBase64, integer, type Json, utf8 } from "../../protocol/encoding/encoding.ts";
import { malformed, ProtocolError } from "../../protocol/encoding/errors.ts";
import { MAX_TRUSTEES, type Moment } from "../../protocol/session/committee.ts";
import { STATES } from "../../protocol/session/lifecycle.ts";
import { Election } from "../../protocol/session/session.ts";

export const KINDS = ["step1", "step2", "step3", "seal", "opening", "closing", "share"] as const;
export type Kind = (typeof KINDS)[number];
/** How the server names what a trustee signs at each moment. */
export const SIGNATURES: Readonly<Record<Moment, Kind>> = {
  definition: "seal",
  opening: "opening",
  closing: "closing",
};
/** Of the registrar; the public has no "opening". */
export const PRIVATE_STATES = [...STATES, "opening"] as const;
export type PrivateState = (typeof PRIVATE_STATES)[number];

/** A trustee's view of its session: `messages` by kind and then by trustee, from 1. */
export interface View {
  readonly uuid: string;
  readonly index: number;
  readonly size: number;
  readonly threshold: number;
  readonly state: PrivateState;
  readonly messages: Readonly<Record<Kind, ReadonlyMap<number, Bytes>>>;
  /** The exact text of the definition, proposed or signed, and of session.json. */
  readonly election: string | null;
  readonly session: string | null;
}

/** Throws malformed. Fields of a later version may stand beside these. */
export function decodeView(uuid: string, answer: unknown): View {
  const path = "committee";
  if (typeof answer !== "object" || answer === null) throw malformed(`${path}: an object is expected`);
  const json = answer as Record<string, Json>;
  const size = integer(json.size ?? null, `${path}.size`, 1, MAX_TRUSTEES);
  const state = PRIVATE_STATES.find((name) => name === json.state);
  if (state === undefined) throw malformed(`${path}.state: there is no such state`);
  const all = (json.messages ?? {}) as Record<string, Json>;
  const entries = KINDS.map((kind) => [kind, messagesOf(all[kind] ?? {}, `${path}.messages.${kind}`, size)]);
  return {
    uuid,
    index: integer(json.index ?? null, `${path}.index`, 1, size),
    size,
    threshold: integer(json.threshold ?? null, `${path}.threshold`, 1, size),
    state,
    messages: Object.fromEntries(entries) as View["messages"],
    election: textOrNull(json.election ?? null, `${path}.election`),
    session: textOrNull(json.session ?? null, `${path}.session`),
  };
}

function messagesOf(value: Json, path: string, size: number): Map<number, Bytes> {
  if (typeof value !== "object" || value === null) throw malformed(`${path}: an object is expected`);
  return new Map(
    Object.entries(value).map(([owner, raw]) => {
      if (!/^[1-9][0-9]?$/.test(owner) || Number(owner) > size)
        throw malformed(`${path}: there is no trustee ${owner}`);
      return [Number(owner), fromBase64(raw as Json, `${path}.${owner}`)];
    }),
  );
}

function textOrNull(value: Json, path: string): string | null {
  if (value !== null && typeof value !== "string") throw malformed(`${path}: text or null is expected`);
  return value;
}

/** The messages of a kind in the order of trustees, as far as they are there. */
export function inOrder({ size, messages }: View, kind: Kind): Bytes[] {
  const owners = Array.from({ length: size }, (_, i) => i + 1);
  return owners.flatMap((owner) => messages[kind].get(owner) ?? []);
}

/** The trustees whose message of a kind is not there yet. */
export function missing({ size, messages }: View, kind: Kind): number[] {
  return Array.from({ length: size }, (_, i) => i + 1).filter((owner) => !messages[kind].has(owner));
}

export function own({ index, messages }: View, kind: Kind): Bytes | undefined {
  return messages[kind].get(index);
}

/** How many seal the box and sign the close: q = ⌈(n + t)/2⌉. */
export function quorumOf({ size, threshold }: View): number {
  return Math.ceil((size + threshold) / 2);
}

/** How many have signed at a moment, as the server says. */
export function signedAt({ messages }: View, moment: Moment): number {
  return messages[SIGNATURES[moment]].size;
}

/** The definition that the server shows; whether it is the signed one, the key's φ says. Throws bad_definition. */
export function definitionOf({ election: text, uuid }: View): Election {
  if (text === null) throw new ProtocolError("bad_definition", "the server shows no definition of this session");
  const election = Election.decode(utf8(text));
  if (election.uuid !== uuid) throw new ProtocolError("bad_definition", "the definition is of another session");
  return election;
}
