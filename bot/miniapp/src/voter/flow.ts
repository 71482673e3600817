/**
 * The whole voter, step by step (docs/protocol.md §5; twin of admin/client/voter.py).
 *
 *   look          the definition, signed by every trustee; the session code as in the letter
 *   collect       the registrar's blind signature, unblinded and verified
 *   register      (C, token) to the box
 *   backUp        for whoever wants it: the secrets to the registrar, under the backup code
 *   recovered     on another device, what was left there
 *   checkOpening  C is on the list that the committee seals, and how far it is with its signatures
 *   cast          the ballot to the box, its promise verified
 *   checkCounted  after the close: the tracker is on the list that the committee signs
 *
 * Each step may be repeated after a crash. A ProtocolError from here is an alarm: the server
 * showed this voter something that is not so. Fewer signatures of trustees than must be there are
 * none: the committee is being waited for.
 */

import { recoveryKey, seal, unseal } from "../protocol/ballot/codes.ts";
import { Secrets } from "../protocol/ballot/secrets.ts";
import { sizeLimit } from "../protocol/ballot/size.ts";
import { receiveToken } from "../protocol/ballot/token.ts";
import {
  b64Sha256,
  fromBase64,
  hexDigest,
  parseJson,
  sameCode,
  sha256,
  toBase64,
  utf8,
} from "../protocol/encoding/encoding.ts";
import { ProtocolError } from "../protocol/encoding/errors.ts";
import {
  checkCommittee,
  checkNote,
  checkPromise,
  committeeCode,
  SIGNED_STATES,
  type SignedState,
  splitNotes,
  textDigest,
  trackerOf as trackerOfNote,
} from "../protocol/record/checkpoint.ts";
import { type Note, parseNote } from "../protocol/record/note.ts";
import { checkLevels, isBuiltin } from "../protocol/results/levels.ts";
import { importIssuer } from "../protocol/session/issuer.ts";
import { Election, type Parameters } from "../protocol/session/session.ts";
import { type About, about as readAbout } from "../shared/about.ts";
import { between } from "../shared/chance.ts";
import { ask, bytes, Refusal, texts } from "./server.ts";

export const MASK = 20_000; // milliseconds; DESIGN §4: the box hears of a credential 0 to 20 s later
const RECOVERY = "/api/v1/registrar/recovery";
const SIGNING_TRIES = 20;
const SIGNING_PAUSE = 500; // milliseconds; the archive of a large session takes seconds
const MAX_LIST = 64 << 20; // bytes; 200,000 trackers need 9 MB

/** A session whose definition was checked; `code` is what people compare, from every trustee's signature. */
export interface Session {
  readonly election: Election;
  readonly parameters: Parameters;
  readonly issuer: CryptoKey;
  readonly code: string;
}

/**
 * The box as the committee seals it: whether this voter's credential is in it, the SHA-256 of the
 * opening's text, hex, and the code once a quorum has signed.
 */
export interface Opening {
  readonly listed: boolean;
  readonly digest: string;
  readonly code: string | null;
}

/** A ballot on the list of the close; `codes` once a quorum has signed it. */
export interface Listed {
  readonly tracker: string;
  readonly cast: number;
  readonly codes: { readonly opening: string; readonly closing: string } | null;
}

/**
 * The session of a definition that server, chair and every trustee signed; null while a trustee's
 * signature is missing.
 *
 * `printed` is the session code of the letter. Throws bad_definition for another session or code,
 * bad_checkpoint for a wrong signature or salt.
 */
export async function look(uuid: string, text: string, printed: string | null): Promise<Session | null> {
  const election = Election.decode(utf8(text));
  const parameters = election.parameters;
  if (election.uuid !== uuid || parameters === null) {
    throw new ProtocolError("bad_definition", "the server shows another session than the one asked for");
  }
  if (isBuiltin(parameters.policy.regime)) checkLevels(parameters.policy, null);
  const note = await noteOf(election, "sealed");
  checkNote(note, election, "sealed", parameters.trustees);
  const code = committeeCode(note, election);
  if (code === null) return null;
  if (printed !== null && !sameCode(code, printed)) {
    throw new ProtocolError("bad_definition", "the session code is not the one of the letter");
  }
  return { election, parameters, issuer: await importIssuer(parameters.issuer), code };
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

/** Registers the credential. Whether it is on the list, the opening shows: before it there is none. */
export async function register(session: Session, credential: string, token: Uint8Array): Promise<void> {
  const body = JSON.stringify({ credential, token: toBase64(token) });
  await ask(box(session.election, "credentials"), { method: "POST", body });
}

/**
 * The opening as it is proposed, or sealed: signed by the server, of the list that it shows.
 *
 * The whole list is asked for, never the one credential. Throws bad_checkpoint, bad_credentials.
 */
export async function checkOpening({ election }: Session, credential: string): Promise<Opening> {
  const note = await noteOf(election, "open");
  const { raw, list } = await credentials(election);
  checkNote(note, election, "open", sha256(raw), { registered: list.length });
  return {
    listed: list.includes(credential),
    digest: textDigest(note.text),
    code: committeeCode(note, election),
  };
}

/** Casts a ballot; returns the box's promise, verified. The same ballot may be cast again. */
export async function cast(
  session: Session,
  ballot: Uint8Array<ArrayBuffer>,
  failing: (failures: number, place: number | null) => void,
): Promise<string> {
  // Every ballot of a session is equally long on its way: spaces fill it up.
  const body = new Uint8Array(sizeLimit(session.election)).fill(0x20);
  body.set(ballot);
  const response = await ask(box(session.election, "ballots"), { method: "POST", body, failing });
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

/**
 * After the close: the promised ballot is on the list of trackers, the list is that of the closing,
 * and the closing follows the opening under which the ballot was cast (SHA-256 of its text, hex).
 */
export async function checkCounted({ election }: Session, promise: string, opening: string): Promise<Listed> {
  const tracker = trackerOfNote(parseNote(utf8(promise)), election);
  const closing = await noteOf(election, "closed");
  const raw = await bytes(await ask(box(election, "trackers")));
  const list = strings(raw, "trackers");
  if (!list.includes(tracker)) {
    throw new ProtocolError("bad_checkpoint", "the promised ballot is not on the list of the closed session");
  }
  const checkpoint = checkNote(closing, election, "closed", sha256(raw), { cast: list.length });
  if (checkpoint.opening !== opening) {
    throw new ProtocolError("bad_checkpoint", "the closing follows another opening than the one voted under");
  }
  const code = committeeCode(closing, election);
  if (code === null) return { tracker, cast: list.length, codes: null };
  const opened = await noteOf(election, "open");
  if (textDigest(opened.text) !== opening) {
    throw new ProtocolError("bad_checkpoint", "the server shows another opening than the one voted under");
  }
  return { tracker, cast: list.length, codes: { opening: checkCommittee(opened, election), closing: code } };
}

async function credentials(election: Election): Promise<{ raw: Uint8Array; list: string[] }> {
  const raw = await bytes(await ask(box(election, "credentials")));
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

/** The note of a state, which the server has signed by the time it names the state. */
async function noteOf(election: Election, state: SignedState): Promise<Note> {
  const place = SIGNED_STATES.indexOf(state);
  for (let tries = 0; tries < SIGNING_TRIES; tries++) {
    const raw = await bytes(await ask(box(election, "checkpoints")));
    const note = raw.length > 0 ? splitNotes(raw)[place] : undefined;
    if (note !== undefined) return parseNote(note);
    await new Promise((resolve) => setTimeout(resolve, SIGNING_PAUSE));
  }
  throw new ProtocolError("bad_checkpoint", `the server shows no checkpoint of the state ${state}`);
}

function box({ uuid }: Election, name: string): string {
  return `/api/v1/box/${uuid}/${name}`;
}
