/**
 * The whole voter, step by step (docs/protocol.md §5; twin of admin/client/voter.py).
 *
 *   look          the definition, φ compared with the letter, the seal signed by the parties
 *   collect       the registrar's blind signature, unblinded and verified
 *   register      (C, token) to the box
 *   backUp        for whoever wants it: the secrets to the registrar, under the backup code
 *   recovered     on another device, what was left there
 *   checkOpened   C is on the credential list, and that is the one of the opening checkpoint
 *   cast          the ballot to the box, its promise verified
 *   checkCounted  after the close: the tracker is on the list of the closing checkpoint
 *
 * Each step may be repeated after a crash. A ProtocolError from here is an alarm: the server
 * showed this voter something that is not so.
 */

import { sizeLimit } from "../protocol/ballot.ts";
import {
  checkNote,
  checkPromise,
  SIGNED_STATES,
  type SignedState,
  splitNotes,
  trackerOf as trackerOfNote,
} from "../protocol/checkpoint.ts";
import { recoveryKey, seal, unseal } from "../protocol/codes.ts";
import { b64Sha256, fromBase64, hexDigest, parseJson, sha256, toBase64, utf8 } from "../protocol/encoding.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { checkLevels, isBuiltin } from "../protocol/levels.ts";
import { parseNote } from "../protocol/note.ts";
import { Secrets } from "../protocol/secrets.ts";
import { Election, type Parameters, sameFingerprint } from "../protocol/session.ts";
import { importIssuer, receiveToken } from "../protocol/token.ts";
import { type About, about as readAbout } from "../shared/about.ts";
import { between } from "../shared/chance.ts";
import { ask, bytes, Refusal, texts } from "./server.ts";

export const MASK = 20_000; // milliseconds; DESIGN §4: the box hears of a credential 0 to 20 s later
const RECOVERY = "/api/v1/registrar/recovery";
const SIGNING_TRIES = 20;
const SIGNING_PAUSE = 500; // milliseconds; the archive of a large session takes seconds
const MAX_LIST = 64 << 20; // bytes; 200,000 trackers need 9 MB

/** A session whose definition was checked. */
export interface Session {
  readonly election: Election;
  readonly parameters: Parameters;
  readonly issuer: CryptoKey;
}

/** Raises bad_definition unless the text is this session's definition, and the seal is signed. */
export async function look(uuid: string, text: string, printed: string | null): Promise<Session> {
  const election = Election.decode(utf8(text));
  const parameters = election.parameters;
  if (election.uuid !== uuid || parameters === null) {
    throw new ProtocolError("bad_definition", "the server shows another session than the one asked for");
  }
  if (printed !== null && !sameFingerprint(election.phi, printed)) {
    throw new ProtocolError("bad_definition", "φ is not the one of the letter");
  }
  if (isBuiltin(parameters.policy.regime)) checkLevels(parameters.policy, null);
  const session = { election, parameters, issuer: await importIssuer(parameters.issuer) };
  await checkState(session, "sealed", parameters.trustees, {});
  return session;
}

/**
 * Leaves the voter's secrets with the registrar, sealed under a backup code, which is not sent.
 *
 * Raises recovery_taken where something else was left there before.
 */
export async function backUp(session: Session, bearer: string, secrets: Secrets, code: string): Promise<void> {
  const { uuid, phi } = session.election;
  const key = recoveryKey(code, uuid);
  const before = await recovery(bearer);
  if (before === null) {
    const body = Uint8Array.from(seal(key, uuid, utf8(secrets.encode(phi))));
    await ask(RECOVERY, { method: "PUT", body, type: "application/octet-stream", bearer });
  } else if (!opens(key, uuid, before)) {
    throw new Refusal("recovery_taken", 409);
  }
}

/** Whether a device of this voter has left anything with the registrar. */
export async function backedUp(bearer: string): Promise<boolean> {
  return (await recovery(bearer)) !== null;
}

/** What another device of this voter left with the registrar. Raises bad_code for a wrong backup code. */
export async function recovered(session: Session, bearer: string, code: string): Promise<Secrets | null> {
  const { uuid, phi } = session.election;
  const sealed = await recovery(bearer);
  return sealed === null ? null : Secrets.decode(unseal(recoveryKey(code, uuid), uuid, sealed), phi);
}

function opens(key: Uint8Array, uuid: string, sealed: Uint8Array): boolean {
  try {
    unseal(key, uuid, sealed);
    return true;
  } catch {
    return false;
  }
}

async function recovery(bearer: string): Promise<Uint8Array | null> {
  try {
    const sealed = await bytes(await ask(RECOVERY, { bearer }));
    return sealed.length > 0 ? sealed : null;
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return null;
    throw error;
  }
}

/** A bearer for a letter's code, or for what Telegram signed. */
export async function login(uuid: string, who: { code: string } | { init_data: string }): Promise<string> {
  const body = JSON.stringify({ uuid, ...who });
  const [bearer = ""] = await texts(await ask("/api/v1/registrar/login", { method: "POST", body }), "bearer");
  return bearer;
}

/** The token for the credential; again gives the same. Raises bad_token. */
export async function collect(
  session: Session,
  bearer: string,
  secrets: Secrets,
  channel: string,
): Promise<Uint8Array> {
  const body = JSON.stringify({ blinded: toBase64(secrets.blinded), channel });
  const response = await ask("/api/v1/registrar/token", { method: "POST", body, bearer });
  const [signed = ""] = await texts(response, "blind_signature");
  const answer = fromBase64(signed, "token.blind_signature");
  return receiveToken(session.issuer, session.election.phi, secrets.credential, answer, secrets.inverse);
}

/** A file of the dossier of an official, whose number counts from 1. */
export interface DossierFile {
  readonly official: number;
  /** What it is, as far as its name says. */
  readonly kind: string;
  readonly name: string;
}

/**
 * What the organiser says beside the definition. Throws bad_definition for another file.
 *
 * @param bearer without it only what is public.
 */
export async function about({ election, parameters }: Session, bearer: string | null): Promise<About> {
  const call = bearer === null ? { attempts: 2 } : { attempts: 2, bearer };
  const raw = await bytes(await ask(`/api/v1/registrar/about/${election.uuid}`, call));
  return readAbout(raw, parameters.session, parameters.officials.length);
}

/** The files about the officials that the roster may read. */
export async function files(bearer: string): Promise<DossierFile[]> {
  return (await (await ask("/api/v1/registrar/papers", { bearer, attempts: 2 })).json()) as DossierFile[];
}

/** The contents of a file. */
export async function contents(bearer: string, name: string): Promise<Blob> {
  return (await ask(`/api/v1/registrar/papers/${encodeURIComponent(name)}`, { bearer, attempts: 2 })).blob();
}

/** Whether questions to the officials are taken, until the end of which day, how many more. */
export interface Asking {
  readonly taken: boolean;
  readonly until: string | null;
  readonly left: number;
  readonly most_letters: number;
}

export async function asking(bearer: string): Promise<Asking> {
  return (await (await ask("/api/v1/registrar/questions", { bearer, attempts: 2 })).json()) as Asking;
}

/** Sends a question to the official with this number, from 1. The same again is kept once. */
export async function question(session: Session, bearer: string, official: number, text: string): Promise<Asking> {
  const body = JSON.stringify({ uuid: session.election.uuid, official, text });
  const call = { method: "POST", body, bearer, attempts: 3 } as const;
  return (await (await ask("/api/v1/registrar/questions", call)).json()) as Asking;
}

/** Waits at random, so that a call to the box does not follow one to the registrar at once. */
export async function mask(longest: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, between(0, longest)));
}

/** Whether the credential is on the list; the whole list is asked for, never the one. */
export async function registered(session: Session, credential: string): Promise<boolean> {
  return (await credentials(session)).list.includes(credential);
}

/** Registers the credential; again changes nothing. Whether it is listed, the opening shows. */
export async function register(session: Session, credential: string, token: Uint8Array): Promise<void> {
  const body = JSON.stringify({ credential, token: toBase64(token) });
  await ask(box(session, "credentials"), { method: "POST", body });
}

/** The list that is frozen now has the credential, and the opening checkpoint is of this list. */
export async function checkOpened(session: Session, credential: string): Promise<void> {
  const { raw, list } = await credentials(session);
  if (!list.includes(credential)) {
    throw new ProtocolError("bad_credentials", "the credential is not on the list");
  }
  await checkState(session, "open", sha256(raw), { registered: list.length });
}

/** Casts a ballot; returns the box's promise, verified. The same ballot may be cast again. */
export async function cast(
  session: Session,
  ballot: Uint8Array<ArrayBuffer>,
  failing: (failures: number) => void,
): Promise<string> {
  // Every ballot of a session is equally long on its way: spaces fill it up.
  const body = new Uint8Array(sizeLimit(session.election)).fill(0x20);
  body.set(ballot);
  const response = await ask(box(session, "ballots"), { method: "POST", body, failing });
  const [tracker, promise = ""] = await texts(response, "tracker", "promise");
  const own = b64Sha256(ballot);
  if (tracker !== own) throw new ProtocolError("bad_checkpoint", "the box names another tracker");
  checkPromise(parseNote(utf8(promise)), session.election, own);
  return promise;
}

/** The tracker of a promise that was kept. Raises bad_checkpoint if it is not this box's. */
export function trackerOf(promise: string, session: Session): string {
  return trackerOfNote(parseNote(utf8(promise)), session.election);
}

/** After the close: the promised ballot is on the tracker list, and the list is the signed one. */
export async function checkCounted(session: Session, promise: string): Promise<{ tracker: string; cast: number }> {
  const tracker = trackerOf(promise, session);
  const raw = await bytes(await ask(box(session, "trackers")));
  const list = strings(raw, "trackers");
  if (!list.includes(tracker)) {
    throw new ProtocolError("bad_checkpoint", "the promised ballot is not on the list of the closed session");
  }
  await checkState(session, "closed", sha256(raw), { cast: list.length });
  return { tracker, cast: list.length };
}

async function credentials(session: Session): Promise<{ raw: Uint8Array; list: string[] }> {
  const raw = await bytes(await ask(box(session, "credentials")));
  const list = strings(raw, "credentials");
  // Only its own credential means anything to a phone: whether the others are elements, audits say.
  for (const [i, credential] of list.entries()) hexDigest(credential, `credentials[${i}]`);
  const ascending = list.every((credential, i) => i === 0 || (list[i - 1] ?? "") < credential);
  if (!ascending) throw new ProtocolError("bad_credentials", "the list is not in order");
  return { raw, list };
}

function strings(raw: Uint8Array, path: string): string[] {
  const value = parseJson(raw, path, MAX_LIST);
  if (!Array.isArray(value) || !value.every((member) => typeof member === "string")) {
    throw new ProtocolError("malformed", `${path}: a list of texts is expected`);
  }
  return value;
}

/** The checkpoint of a state is there, fixes this list, and is signed by the parties. */
async function checkState(
  session: Session,
  state: SignedState,
  digest: string,
  known: Readonly<Record<string, number>>,
): Promise<void> {
  const place = SIGNED_STATES.indexOf(state);
  for (let tries = 0; tries < SIGNING_TRIES; tries++) {
    const raw = await bytes(await ask(box(session, "checkpoints")));
    const note = raw.length > 0 ? splitNotes(raw)[place] : undefined;
    if (note !== undefined) {
      checkNote(parseNote(note), session.election, state, digest, known);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, SIGNING_PAUSE));
  }
  throw new ProtocolError("bad_checkpoint", `the server shows no checkpoint of the state ${state}`);
}

function box(session: Session, name: string): string {
  return `/api/v1/box/${session.election.uuid}/${name}`;
}
