/** Every vector of tests/vectors/own that concerns the voter gives what it says. */

import { expect } from "vitest";
import * as ballot from "../src/protocol/ballot/ballot.ts";
import * as token from "../src/protocol/ballot/token.ts";
import { fromBase64, fromHex, sameBytes, sameCode, toHex, toText, utf8 } from "../src/protocol/encoding/encoding.ts";
import { ProtocolError } from "../src/protocol/encoding/errors.ts";
import { element, hashToScalar, scalar } from "../src/protocol/group/group.ts";
import * as checkpoint from "../src/protocol/record/checkpoint.ts";
import { NoteKey, parseNote } from "../src/protocol/record/note.ts";
import * as committee from "../src/protocol/session/committee.ts";
import { importIssuer, MODULUS_BYTES } from "../src/protocol/session/issuer.ts";
import { Election } from "../src/protocol/session/session.ts";
import { election, judged, own } from "./vectors.ts";

type Fields = Readonly<Record<string, string>>;

interface CheckpointInput {
  readonly election: string;
  readonly state: checkpoint.SignedState;
  readonly counts: readonly number[];
  readonly listed: string;
  readonly opening: string;
  readonly issuance: string;
  readonly note: string;
}

interface CodeInput {
  readonly moment: committee.Moment;
  readonly digest: string;
  readonly salts: readonly string[];
  readonly typed: string;
}

function runBallot(input: Fields): string {
  const session = election(input.election ?? "");
  const decoded = ballot.decode(utf8(input.ballot ?? ""), session);
  ballot.check(decoded, session);
  expect(sameBytes(ballot.encode(decoded), decoded.raw)).toBe(true);
  return decoded.tracker;
}

function runCheckpoint(input: CheckpointInput): Record<string, unknown> {
  const [definition, state] = [election(input.election), input.state];
  const expected = checkpoint.make(definition, state, input.counts, utf8(input.listed), input);
  const note = parseNote(utf8(input.note));
  const parties = checkpoint.partyKeys(definition, state);
  checkpoint.check(note, expected, parties);
  const owners = checkpoint.signers(note, definition);
  const code = state === "tallied" ? null : checkpoint.checkCommittee(note, definition);
  const body = checkpoint.body(expected);
  expect(checkpoint.parseBody(body)).toEqual(expected);
  expect(checkpoint.checkNote(note, definition, state, expected.digest)).toEqual(expected);
  const keys = [...parties, ...owners.map((owner) => checkpoint.trusteeKey(definition, owner))];
  expect(keys.map((key) => NoteKey.fromVkey(key.vkey))).toEqual(keys);
  return { body, keys: keys.map((key) => key.vkey), signers: owners, code };
}

function runCode({ moment, digest, salts, typed }: CodeInput): string {
  const code = committee.codeOf(moment, fromHex(digest), salts.map(fromHex));
  if (!sameCode(code, typed)) throw new ProtocolError("bad_definition", "another code");
  return code;
}

function runSalt(input: Fields): string {
  const { moment, key = "", salt = "" } = input;
  return committee.saltCommitment(moment as committee.Moment, fromHex(key), fromHex(salt));
}

function runDefinition(definition: string): string {
  return Election.decode(utf8(definition)).phi;
}

function runElement(input: { readonly element: string; readonly identity: boolean }): void {
  expect(element(input.element, "element", input.identity).hex).toBe(input.element);
}

function runHash(input: { readonly prefix: string; readonly elements: readonly string[] }): string {
  const members = input.elements.map((hex) => element(hex, "element", true));
  return String(hashToScalar(input.prefix, members));
}

function runOpening(input: Fields): void {
  const opening = ballot.Opening.decode(utf8(input.opening ?? ""));
  ballot.checkOpening(utf8(input.ballot ?? ""), election(input.election ?? ""), opening);
  expect(toText(opening.encode())).toBe(input.opening);
}

function runPromise(input: Fields): void {
  const promise = parseNote(utf8(input.promise ?? ""));
  const session = election(input.election ?? "");
  checkpoint.checkPromise(promise, session, input.tracker ?? "");
  expect(checkpoint.trackerOf(promise, session)).toBe(input.tracker);
}

function runScalar(decimal: string): void {
  expect(String(scalar(decimal, "scalar"))).toBe(decimal);
}

async function runToken({
  issuer: spki = "",
  token: signature = "",
  phi = "",
  credential = "",
}: Fields): Promise<Fields> {
  const issuer = await importIssuer(fromBase64(spki, "issuer"));
  const expected = fromBase64(signature, "token");
  await token.checkToken(issuer, phi, credential, expected);
  const [first] = own("token");
  const { blinding = "", blind_signature = "", ...others } = (first?.output ?? {}) as Fields;
  const inverse = inverseOf(blinding, spki);
  const received = await token.receiveToken(issuer, phi, credential, fromHex(blind_signature), inverse);
  expect(toHex(received)).toBe(toHex(expected));
  return { ...others, blinding, blind_signature, message: toText(token.tokenMessage(phi, credential)) };
}

/** 1/r mod n for the r of the vector: the library on the phone draws its own. */
function inverseOf(blinding: string, issuer: string): Uint8Array {
  const n = BigInt(`0x${toHex(fromBase64(issuer, "issuer").slice(33, 33 + MODULUS_BYTES))}`);
  let [a, b, x, y] = [BigInt(`0x${blinding}`) % n, n, 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return fromHex((((x % n) + n) % n).toString(16).padStart(2 * MODULUS_BYTES, "0"));
}

judged({
  ballot: runBallot,
  checkpoint: runCheckpoint,
  code: runCode,
  definition: runDefinition,
  element: runElement,
  hash: runHash,
  opening: runOpening,
  promise: runPromise,
  salt: runSalt,
  scalar: runScalar,
  token: runToken,
});
