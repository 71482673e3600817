/** Every vector of tests/vectors/own that concerns the voter gives what it says. */

import { describe, expect, test } from "vitest";
import * as ballot from "../src/protocol/ballot.ts";
import * as checkpoint from "../src/protocol/checkpoint.ts";
import { fromBase64, fromHex, sameBytes, toHex, toText, utf8 } from "../src/protocol/encoding.ts";
import { element, hashToScalar, scalar } from "../src/protocol/group.ts";
import { importIssuer, MODULUS_BYTES } from "../src/protocol/issuer.ts";
import { NoteKey, parseNote } from "../src/protocol/note.ts";
import { Election } from "../src/protocol/session.ts";
import * as token from "../src/protocol/token.ts";
import { election, outcome, own } from "./vectors.ts";

type Fields = Readonly<Record<string, string>>;

interface CheckpointInput {
  readonly state: checkpoint.SignedState;
  readonly counts: readonly number[];
  readonly keys: readonly string[];
  readonly note: string;
  readonly listed: string;
}

function runBallot(input: Fields): string {
  const session = election(input.election ?? "");
  const decoded = ballot.decode(utf8(input.ballot ?? ""), session);
  ballot.check(decoded, session);
  expect(sameBytes(ballot.encode(decoded), decoded.raw)).toBe(true);
  return decoded.tracker;
}

function runCheckpoint({ state, counts, keys, note: signed, listed }: CheckpointInput): Fields {
  const expected = checkpoint.make(election("line"), state, counts, utf8(listed));
  const note = parseNote(utf8(signed));
  checkpoint.check(
    note,
    expected,
    keys.map((key) => NoteKey.fromVkey(key)),
  );
  expect(checkpoint.parseBody(note.text)).toEqual(expected);
  if (state !== "sealed") checkpoint.checkNote(note, election("line"), state, expected.digest);
  return { body: checkpoint.body(expected) };
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

/** By the name of a vector file: what is done with an input of it. */
const RUN: Record<string, (input: never) => unknown> = {
  ballot: runBallot,
  checkpoint: runCheckpoint,
  definition: runDefinition,
  element: runElement,
  hash: runHash,
  opening: runOpening,
  promise: runPromise,
  scalar: runScalar,
  token: runToken,
};

describe.each(Object.entries(RUN))("%s", (file, run) => {
  test.each(own<never>(file).map((vector) => [vector.name, vector] as const))("%s", async (_, vector) => {
    let output: unknown;
    const verdict = await outcome(async () => {
      output = await run(vector.input);
    });
    expect(verdict).toBe(vector.expect);
    if (verdict === "ok" && output !== undefined) expect(output).toEqual(vector.output);
  });
});
