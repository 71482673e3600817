/** Every vector of tests/vectors/own that concerns the voter gives what it says. */

import { describe, expect, test } from "vitest";
import * as ballot from "../src/protocol/ballot.ts";
import * as checkpoint from "../src/protocol/checkpoint.ts";
import { fromBase64, fromHex, sameBytes, toHex, toText, utf8 } from "../src/protocol/encoding.ts";
import { ProtocolError } from "../src/protocol/errors.ts";
import { element, hashToScalar, scalar } from "../src/protocol/group.ts";
import { NoteKey, parseNote } from "../src/protocol/note.ts";
import { Election, sameFingerprint } from "../src/protocol/session.ts";
import * as token from "../src/protocol/token.ts";
import { election, outcome, own } from "./vectors.ts";

type Input = any; // eslint-disable-line -- as JSON gives it
type Output = unknown;

function runBallot(given: Input): Output {
  const session = election(given.election);
  const decoded = ballot.decode(utf8(given.ballot), session);
  ballot.check(decoded, session);
  expect(sameBytes(ballot.encode(decoded), decoded.raw)).toBe(true);
  return decoded.tracker;
}

function runCheckpoint(given: Input): Output {
  const made = checkpoint.make(election("line"), given.state, given.counts, utf8(given.listed));
  const keys = given.keys.map((key: string) => NoteKey.fromVkey(key));
  const note = parseNote(utf8(given.note));
  checkpoint.check(note, made, keys);
  expect(checkpoint.parseBody(note.text)).toEqual(made);
  if (given.state !== "sealed") checkpoint.checkNote(note, election("line"), given.state, made.digest);
  return { body: checkpoint.body(made), short_code: checkpoint.shortCode(note.text) };
}

function runDefinition(given: Input): Output {
  return Election.decode(utf8(given)).phi;
}

function runElement(given: Input): Output {
  expect(element(given.element, "element", given.identity).hex).toBe(given.element);
  return undefined;
}

function runFingerprint(given: Input): Output {
  const { phi, spokenPhi } = Election.decode(utf8(given.election));
  if (!sameFingerprint(phi, given.said)) throw new ProtocolError("bad_definition", "another φ");
  return { phi, display: spokenPhi };
}

function runHash(given: Input): Output {
  const members = given.elements.map((one: string) => element(one, "element", true));
  return String(hashToScalar(given.prefix, members));
}

function runOpening(given: Input): Output {
  const opening = ballot.Opening.decode(utf8(given.opening));
  ballot.checkOpening(utf8(given.ballot), election(given.election), opening);
  expect(toText(opening.encode())).toBe(given.opening);
  return undefined;
}

function runPromise(given: Input): Output {
  const promise = parseNote(utf8(given.promise));
  checkpoint.checkPromise(promise, election(given.election), given.tracker);
  expect(checkpoint.trackerOf(promise, election(given.election))).toBe(given.tracker);
  return undefined;
}

function runScalar(given: Input): Output {
  expect(String(scalar(given, "scalar"))).toBe(given);
  return undefined;
}

async function runToken(given: Input): Promise<Output> {
  const issuer = await token.importIssuer(fromBase64(given.issuer, "issuer"));
  const made = fromBase64(given.token, "token");
  await token.checkToken(issuer, given.phi, given.credential, made);
  const [first] = own("token");
  const said = first?.output as Record<string, string>;
  const inverse = inverseOf(said["blinding"] ?? "", given.issuer);
  const answer = fromHex(said["blind_signature"] ?? "");
  const received = await token.receiveToken(issuer, given.phi, given.credential, answer, inverse);
  expect(toHex(received)).toBe(toHex(made));
  return { ...said, message: toText(token.tokenMessage(given.phi, given.credential)) };
}

/** 1/r mod n for the r of the vector: the library on the phone draws its own. */
function inverseOf(blinding: string, issuer: string): Uint8Array {
  const n = BigInt(`0x${toHex(fromBase64(issuer, "issuer").slice(33, 33 + token.MODULUS_BYTES))}`);
  let [a, b, x, y] = [BigInt(`0x${blinding}`) % n, n, 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return fromHex((((x % n) + n) % n).toString(16).padStart(2 * token.MODULUS_BYTES, "0"));
}

const RUN: Record<string, (given: Input) => Output> = {
  ballot: runBallot,
  checkpoint: runCheckpoint,
  definition: runDefinition,
  element: runElement,
  fingerprint: runFingerprint,
  hash: runHash,
  opening: runOpening,
  promise: runPromise,
  scalar: runScalar,
  token: runToken,
};

describe.each(Object.entries(RUN))("%s", (file, run) => {
  test.each(own(file).map((vector) => [vector.name, vector] as const))("%s", async (_, vector) => {
    let output: Output;
    const found = await outcome(async () => {
      output = await run(vector.input);
    });
    expect(found).toBe(vector.expect);
    if (found === "ok" && output !== undefined) expect(output).toEqual(vector.output);
  });
});
