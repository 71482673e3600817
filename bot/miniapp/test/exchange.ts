/**
 * The page's side of tests/interop/test_miniapp.py: one JSON request on each line of stdin, one
 * answer on each line of stdout, `{"ok": …}` or `{"error": <code>}`.
 */

import { createInterface } from "node:readline";
import * as ballot from "../src/protocol/ballot.ts";
import * as checkpoint from "../src/protocol/checkpoint.ts";
import * as codes from "../src/protocol/codes.ts";
import { canonical, fromBase64, parseJson, sha256, text, toBase64, toText, utf8 } from "../src/protocol/encoding.ts";
import { ProtocolError } from "../src/protocol/errors.ts";
import { element, power, scalar } from "../src/protocol/group.ts";
import { NoteKey, parseNote } from "../src/protocol/note.ts";
import { Secrets } from "../src/protocol/secrets.ts";
import { Election, sameFingerprint } from "../src/protocol/session.ts";
import type { State } from "../src/protocol/lifecycle.ts";
import * as token from "../src/protocol/token.ts";

type Given = Record<string, string>;
type Answer = Record<string, unknown>;

function bytes(given: Given, name: string): Uint8Array {
  return fromBase64(given[name] ?? "", name);
}

function said(given: Given, name: string): string {
  return given[name] ?? "";
}

function election(given: Given): Election {
  return Election.decode(utf8(said(given, "election")));
}

async function issuer(given: Given): Promise<CryptoKey> {
  return token.importIssuer(election(given).ours.issuer);
}

const DO: Record<string, (given: Given) => Answer | Promise<Answer>> = {
  session(given) {
    const { uuid, name, phi, spokenPhi, publicKey, questions, parameters } = election(given);
    const policy = parameters?.policy ?? null;
    return { uuid, name, phi, spokenPhi, publicKey: publicKey.hex, questions, policy };
  },
  same_fingerprint: (given) => ({ same: sameFingerprint(said(given, "phi"), said(given, "said")) }),
  make_ballot(given) {
    const choices = JSON.parse(said(given, "choices")) as ballot.Choice[];
    const made = ballot.prepare(election(given), scalar(said(given, "secret"), "secret"), choices);
    return { ballot: toText(made.raw), tracker: made.tracker, opening: toText(made.opening.encode()) };
  },
  check_ballot(given) {
    const decoded = ballot.decode(utf8(said(given, "ballot")), election(given));
    ballot.check(decoded, election(given));
    return { tracker: decoded.tracker, credential: decoded.credential.hex };
  },
  check_opening(given) {
    const opening = ballot.Opening.decode(utf8(said(given, "opening")));
    ballot.checkOpening(utf8(said(given, "ballot")), election(given), opening);
    return { choices: opening.choices };
  },
  async request_token(given) {
    const made = await token.requestToken(await issuer(given), election(given).phi, said(given, "credential"));
    return { blinded: toBase64(made.blinded), inverse: toBase64(made.inverse) };
  },
  async receive_token(given) {
    const [answer, inverse] = [bytes(given, "answer"), bytes(given, "inverse")];
    const { phi } = election(given);
    const made = await token.receiveToken(await issuer(given), phi, said(given, "credential"), answer, inverse);
    return { token: toBase64(made) };
  },
  async check_token(given) {
    await token.checkToken(await issuer(given), election(given).phi, said(given, "credential"), bytes(given, "token"));
    return {};
  },
  async make_secrets(given) {
    const { phi } = election(given);
    const made = await Secrets.make(await issuer(given), phi);
    return { secrets: made.encode(phi), credential: made.credential };
  },
  read_secrets(given) {
    const found = Secrets.decode(utf8(said(given, "secrets")), election(given).phi);
    return {
      credential: found.credential,
      secret: String(found.secret),
      blinded: toBase64(found.blinded),
      inverse: toBase64(found.inverse),
    };
  },
  seal(given) {
    const key = codes.recoveryKey(said(given, "half"), said(given, "uuid"));
    return { sealed: toBase64(codes.seal(key, said(given, "uuid"), utf8(said(given, "secret")))) };
  },
  unseal(given) {
    const key = codes.recoveryKey(said(given, "half"), said(given, "uuid"));
    return { secret: toText(codes.unseal(key, said(given, "uuid"), bytes(given, "sealed"))) };
  },
  code(given) {
    const halves = codes.parse(said(given, "text"), given["uuid"]);
    return { ...halves, hash: codes.codeHash(given["uuid"] ?? "", halves.login) };
  },
  check_promise(given) {
    const promise = parseNote(utf8(said(given, "promise")));
    checkpoint.checkPromise(promise, election(given), said(given, "tracker"));
    return { tracker: checkpoint.trackerOf(promise, election(given)) };
  },
  check_state(given) {
    const state = said(given, "state") as State;
    const notes = checkpoint.splitNotes(bytes(given, "checkpoints"));
    const note = parseNote(notes[checkpoint.STATES_WITH_NOTES.indexOf(state)] ?? new Uint8Array());
    const known = JSON.parse(said(given, "known")) as Record<string, number>;
    const found = checkpoint.checkNote(note, election(given), state, sha256(utf8(said(given, "listed"))), known);
    return { counts: found.counts, code: checkpoint.shortCode(note.text), body: checkpoint.body(found) };
  },
  note(given) {
    parseNote(bytes(given, "note")).check([NoteKey.fromVkey(said(given, "vkey"))]);
    return {};
  },
  element: (given) => ({ hex: element(given["hex"] ?? null, "element", given["identity"] === "yes").hex }),
  power(given) {
    return { hex: power(element(said(given, "base"), "base"), BigInt(said(given, "exponent"))).hex };
  },
  json: (given) => ({ again: toText(canonical(parseJson(bytes(given, "data"), "value", 1 << 20))) }),
  text: (given) => ({ text: text(said(given, "text"), "text") }),
};

async function answer(line: string): Promise<Answer> {
  const given = JSON.parse(line) as Given;
  const action = DO[said(given, "do")];
  if (action === undefined) return { error: "unknown request" };
  try {
    return { ok: await action(given) };
  } catch (error) {
    if (error instanceof ProtocolError) return { error: error.code };
    return { error: `crash: ${error instanceof Error ? error.stack : String(error)}` };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
