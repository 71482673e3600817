/**
 * The page's side of tests/interop/test_miniapp.py: one JSON request on each line of stdin, one
 * answer on each line of stdout, `{"ok": …}` or `{"error": <code>}`.
 */

import { createInterface } from "node:readline";
import * as ballot from "../src/protocol/ballot/ballot.ts";
import * as codes from "../src/protocol/ballot/codes.ts";
import { prepare } from "../src/protocol/ballot/prepare.ts";
import { Secrets } from "../src/protocol/ballot/secrets.ts";
import * as token from "../src/protocol/ballot/token.ts";
import {
  canonical,
  fromBase64,
  isCode,
  parseJson,
  sameCode,
  sha256,
  text,
  toBase64,
  toText,
  utf8,
} from "../src/protocol/encoding/encoding.ts";
import { ProtocolError } from "../src/protocol/encoding/errors.ts";
import { element, power, scalar } from "../src/protocol/group/group.ts";
import * as checkpoint from "../src/protocol/record/checkpoint.ts";
import { type Note, NoteKey, parseNote } from "../src/protocol/record/note.ts";
import { importIssuer } from "../src/protocol/session/issuer.ts";
import { Election } from "../src/protocol/session/session.ts";
import { audited } from "./audited.ts";
import { RESULTS } from "./exchange_results.ts";
import { TRUSTEE } from "./exchange_trustee.ts";

type Request = Record<string, string>;
type Answer = Record<string, unknown>;

function bytes(request: Request, name: string): Uint8Array {
  return fromBase64(request[name] ?? "", name);
}

function part(request: Request, name: string): string {
  return request[name] ?? "";
}

function election(request: Request): Election {
  return Election.decode(utf8(part(request, "election")));
}

async function issuer(request: Request): Promise<CryptoKey> {
  return importIssuer(election(request).ours.issuer);
}

/** The note of a state in the file of notes; an empty one, which is refused, where there is none. */
function noteOf(request: Request): Note {
  const notes = checkpoint.splitNotes(bytes(request, "checkpoints"));
  const place = checkpoint.SIGNED_STATES.indexOf(part(request, "state") as checkpoint.SignedState);
  return parseNote(notes[place] ?? new Uint8Array());
}

const DO: Record<string, (request: Request) => Answer | Promise<Answer>> = {
  audit: async (request) => audited(request),
  session(request) {
    const { uuid, name, phi, publicKey, questions, parameters } = election(request);
    const committee = parameters?.committee;
    const members = committee?.members.map(({ key, salts }) => ({ key: toBase64(key), salts }));
    const policy = parameters?.policy ?? null;
    return { uuid, name, phi, publicKey: publicKey.hex, questions, policy, committee: { ...committee, members } };
  },
  same_code(request) {
    const typed = part(request, "typed");
    return { same: sameCode(part(request, "code"), typed), shaped: isCode(typed) };
  },
  make_ballot(request) {
    const choices = JSON.parse(part(request, "choices")) as ballot.Choice[];
    const prepared = prepare(election(request), scalar(part(request, "secret"), "secret"), choices);
    return { ballot: toText(prepared.raw), tracker: prepared.tracker, opening: toText(prepared.opening.encode()) };
  },
  check_ballot(request) {
    const decoded = ballot.decode(utf8(part(request, "ballot")), election(request));
    ballot.check(decoded, election(request));
    return { tracker: decoded.tracker, credential: decoded.credential.hex };
  },
  check_opening(request) {
    const opening = ballot.Opening.decode(utf8(part(request, "opening")));
    ballot.checkOpening(utf8(part(request, "ballot")), election(request), opening);
    return { choices: opening.choices };
  },
  async request_token(request) {
    const { blinded, inverse } = await token.requestToken(
      await issuer(request),
      election(request).phi,
      part(request, "credential"),
    );
    return { blinded: toBase64(blinded), inverse: toBase64(inverse) };
  },
  async receive_token(request) {
    const [answer, inverse] = [bytes(request, "answer"), bytes(request, "inverse")];
    const { phi } = election(request);
    const received = await token.receiveToken(await issuer(request), phi, part(request, "credential"), answer, inverse);
    return { token: toBase64(received) };
  },
  async check_token(request) {
    await token.checkToken(
      await issuer(request),
      election(request).phi,
      part(request, "credential"),
      bytes(request, "token"),
    );
    return {};
  },
  async make_secrets(request) {
    const { phi } = election(request);
    const secrets = await Secrets.make(await issuer(request), phi);
    return { secrets: secrets.encode(phi), credential: secrets.credential };
  },
  read_secrets(request) {
    const secrets = Secrets.decode(utf8(part(request, "secrets")), election(request).phi);
    return {
      credential: secrets.credential,
      secret: String(secrets.secret),
      blinded: toBase64(secrets.blinded),
      inverse: toBase64(secrets.inverse),
    };
  },
  seal(request) {
    const key = codes.recoveryKey(part(request, "backup"), part(request, "uuid"));
    return { sealed: toBase64(codes.seal(key, part(request, "uuid"), utf8(part(request, "secret")))) };
  },
  unseal(request) {
    const key = codes.recoveryKey(part(request, "backup"), part(request, "uuid"));
    return { secret: toText(codes.unseal(key, part(request, "uuid"), bytes(request, "sealed"))) };
  },
  code(request) {
    const code = codes.parse(part(request, "text"), request.uuid);
    return { code, hash: codes.codeHash(request.uuid ?? "", code) };
  },
  backup_code: (request) => ({ code: codes.parseBackup(part(request, "text")) }),
  new_backup_code: () => ({ code: codes.newBackupCode() }),
  check_promise(request) {
    const promise = parseNote(utf8(part(request, "promise")));
    checkpoint.checkPromise(promise, election(request), part(request, "tracker"));
    return { tracker: checkpoint.trackerOf(promise, election(request)) };
  },
  check_state(request) {
    const state = part(request, "state") as checkpoint.SignedState; // or one that the Python side made up
    const note = noteOf(request);
    const known = JSON.parse(part(request, "known")) as Record<string, number>;
    const checked = checkpoint.checkNote(note, election(request), state, sha256(utf8(part(request, "listed"))), known);
    return { counts: checked.counts, opening: checked.opening, body: checkpoint.body(checked) };
  },
  committee_code(request) {
    const note = noteOf(request);
    const code = checkpoint.committeeCode(note, election(request));
    return { code, signers: checkpoint.signers(note, election(request)) };
  },
  checkpoint: (request) => ({ body: checkpoint.body(checkpoint.parseBody(part(request, "text"))) }),
  note(request) {
    parseNote(bytes(request, "note")).check([NoteKey.fromVkey(part(request, "vkey"))]);
    return {};
  },
  element: (request) => ({ hex: element(request.hex ?? null, "element", request.identity === "yes").hex }),
  power(request) {
    return { hex: power(element(part(request, "base"), "base"), BigInt(part(request, "exponent"))).hex };
  },
  json: (request) => ({ again: toText(canonical(parseJson(bytes(request, "data"), "value", 1 << 20))) }),
  text: (request) => ({ text: text(part(request, "text"), "text") }),
  ...RESULTS,
  ...TRUSTEE,
};

async function answerTo(line: string): Promise<Answer> {
  const request = JSON.parse(line) as Request;
  const action = DO[part(request, "do")];
  if (action === undefined) return { error: "unknown request" };
  try {
    return { ok: await action(request) };
  } catch (error) {
    if (error instanceof ProtocolError) return { error: error.code };
    return { error: `crash: ${error instanceof Error ? error.stack : String(error)}` };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answerTo(line))}\n`);
}
