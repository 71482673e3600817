/**
 * The ballot as everyone reads it, and one that is opened for check on another device (docs/protocol.md
 * §5.3 and §5.4; with prepare.ts the twin of crypto/ballot.py).
 *
 * One ciphertext for each level of each official, a proof that each holds 0 or 1, a proof that each
 * line holds at most one mark, and the credential's signature over all of it.
 */

import {
  array,
  type Bytes,
  b64Sha256,
  canonical,
  concat,
  fields,
  fingerprint,
  type Json,
  parseJson,
  string,
  utf8,
} from "../encoding/encoding.ts";
import { malformed, ProtocolError } from "../encoding/errors.ts";
import { type Ciphertext, ciphertextFromJson, ciphertextToJson, encrypt, multiply } from "../group/elgamal.ts";
import { type Element, element, scalar } from "../group/group.ts";
import {
  checkIntervals,
  checkLog,
  type Interval,
  type Proof,
  proofFromJson,
  proofsFromJson,
  proofToJson,
} from "../group/sigma.ts";
import type { Form, Question } from "../session/session.ts";
import { FRAME, sizeLimit } from "./size.ts";

const OPENING_LIMIT = 1 << 20;

/** For one official the number of the level, from 0, or null for a blank line. */
export type Choice = number | null;

/** One line: a ciphertext and a 0-or-1 proof for each level, and a proof of their sum. */
export interface Answer {
  readonly choices: readonly Ciphertext[];
  readonly individualProofs: readonly (readonly Proof[])[];
  readonly overallProof: readonly Proof[];
}

export interface Unsigned {
  readonly uuid: string;
  readonly phi: string;
  readonly credential: Element;
  readonly answers: readonly Answer[];
}

/** A decoded ballot: its exact bytes and their hash, its parts. Its proofs hold only after `check`. */
export interface Ballot extends Unsigned {
  readonly raw: Uint8Array;
  readonly tracker: string;
  readonly signedHash: string;
  readonly signature: Proof;
}

/**
 * The randomness of a ballot, revealed to check the device that made it (Benaloh).
 *
 * Once revealed, the ballot proves how it was filled in: it must not be cast.
 */
export class Opening {
  constructor(
    readonly tracker: string,
    readonly choices: readonly Choice[],
    readonly randomness: readonly (readonly bigint[])[],
  ) {}

  encode(): Bytes {
    return canonical({
      schema: "phieukin.opening/1",
      tracker: this.tracker,
      choices: this.choices,
      randomness: this.randomness.map((line) => line.map(String)),
    });
  }

  /** Throws malformed for anything that `encode` would not write. */
  static decode(raw: Uint8Array): Opening {
    const value = parseJson(raw, "opening", OPENING_LIMIT);
    const json = fields(value, "opening", ["schema", "tracker", "choices", "randomness"]);
    string(json.schema, "opening.schema", /^phieukin[.]opening\/1$/);
    const choices = array(json.choices, "opening.choices").map((choice, i): Choice => {
      if (choice === null || (typeof choice === "number" && choice >= 0)) return choice;
      throw malformed(`opening.choices[${i}]: a level's number or null is expected`);
    });
    const lines = array(json.randomness, "opening.randomness", choices.length, choices.length);
    return new Opening(
      fingerprint(json.tracker, "opening.tracker"),
      choices,
      lines.map((line, i) => {
        const path = `opening.randomness[${i}]`;
        return array(line, path).map((r, j) => scalar(r, `${path}[${j}]`));
      }),
    );
  }
}

/** The only spelling of a ballot. */
export function encode(ballot: Omit<Ballot, "raw" | "tracker">): Bytes {
  const signature = { hash: ballot.signedHash, proof: proofToJson(ballot.signature) };
  return canonical({ ...unsignedJson(ballot), signature });
}

// --- Everyone's side ----------------------------------------------------------------------

/**
 * Decodes a ballot and sees that it is for this session. Checks no proof.
 *
 * Throws malformed: not the canonical bytes of a ballot of this shape; bad_ballot: another session's.
 */
export function decode(raw: Uint8Array, election: Form): Ballot {
  return finish(decoding(raw, election));
}

/** `decode`, line by line. */
function* decoding(raw: Uint8Array, election: Form): Generator<void, Ballot> {
  const frame = readFrame(raw, election);
  checkSignature(raw, frame);
  const value = parseJson(raw, "ballot", raw.length);
  const names = ["election_uuid", "election_hash", "credential", "answers", "signature"] as const;
  const json = fields(value, "ballot", names);
  const n = election.questions.length;
  const lines = array(json.answers, "ballot.answers", n, n);
  const answers: Answer[] = [];
  for (const [i, question] of election.questions.entries()) {
    answers.push(answerFromJson(lines[i] ?? null, `ballot.answers[${i}]`, question));
    yield;
  }
  return {
    raw,
    tracker: b64Sha256(raw),
    uuid: election.uuid,
    phi: election.phi,
    credential: frame.credential,
    answers,
    signedHash: frame.signedHash,
    signature: frame.signature,
  };
}

/** Whose ballot it is, and its signature over the first `signed` bytes. */
interface Frame {
  readonly credential: Element;
  readonly signed: number;
  readonly signedHash: string;
  readonly signature: Proof;
}

/** Throws malformed: too large, or no ballot; bad_ballot: another session's. Decodes no answer. */
function readFrame(raw: Uint8Array, election: Form): Frame {
  if (raw.length > sizeLimit(election)) throw malformed(`ballot: ${raw.length} bytes, more than are allowed`);
  const text = latin1(raw);
  const head = text.slice(0, FRAME).indexOf(',"answers":');
  const tail = text.lastIndexOf(',"signature":');
  if (head <= 0 || head >= tail) throw malformed("ballot: no answers, or no signature after them");
  const first = parseJson(concat(raw.slice(0, head), utf8("}")), "ballot", FRAME);
  const json = fields(first, "ballot", ["election_uuid", "election_hash", "credential"]);
  if (json.election_uuid !== election.uuid) {
    throw new ProtocolError("bad_ballot", "ballot.election_uuid: the ballot is for another session");
  }
  if (json.election_hash !== election.phi) {
    throw new ProtocolError("bad_ballot", "ballot.election_hash: the ballot is for another definition (φ differs)");
  }
  const last = fields(parseJson(concat(utf8("{"), raw.slice(tail + 1)), "ballot", FRAME), "ballot", ["signature"]);
  const signature = fields(last.signature, "ballot.signature", ["hash", "proof"]);
  return {
    credential: element(json.credential, "ballot.credential"),
    signed: tail,
    signedHash: fingerprint(signature.hash, "ballot.signature.hash"),
    signature: proofFromJson(signature.proof, "ballot.signature.proof"),
  };
}

/** Throws bad_signature unless the credential signed these very bytes (docs/protocol.md §5.3, item 4). */
function checkSignature(raw: Uint8Array, frame: Frame): void {
  const signedHash = b64Sha256(concat(raw.slice(0, frame.signed), utf8("}")));
  if (signedHash !== frame.signedHash) {
    throw new ProtocolError("bad_signature", "ballot.signature.hash: not the hash of the ballot");
  }
  const failure = new ProtocolError("bad_signature", "ballot.signature.proof: not made by the credential");
  checkLog(signaturePrefix(signedHash), frame.credential, frame.signature, failure);
}

/** One character for each byte, so that a place in the text is one in the bytes. */
function latin1(raw: Uint8Array): string {
  return new TextDecoder("latin1").decode(raw);
}

/**
 * Everything about a ballot that depends on no other ballot.
 *
 * Throws repeated_ciphertext: the same pair stands twice in it; bad_proof: a ciphertext may hide
 * something other than 0 or 1, or a line too many.
 */
export function check(ballot: Ballot, election: Form): void {
  finish(checking(ballot, election));
}

/** `check`, line by line. */
function* checking(ballot: Ballot, election: Form): Generator<void, void> {
  const seen = ballot.answers.flatMap((answer) => answer.choices.map((c) => `${c.alpha.hex},${c.beta.hex}`));
  if (new Set(seen).size !== seen.length) {
    throw new ProtocolError("repeated_ciphertext", "ballot: the same ciphertext stands twice");
  }
  const context = `${ballot.phi}|${ballot.credential.hex}`;
  const key = election.publicKey.tabulate();
  for (const [i, answer] of ballot.answers.entries()) {
    checkIntervals(key, claimsOf(context, answer, election.questions[i], i));
    yield;
  }
}

type Claim = readonly [Interval, readonly Proof[], ProtocolError];

function claimsOf(context: string, answer: Answer, question: Question | undefined, i: number): Claim[] {
  if (question === undefined) throw malformed("ballot.answers: more than there are questions");
  const path = `ballot.answers[${i}]`;
  const claims = individual(context, answer.choices).map((claim, j): Claim => {
    const detail = `${path}.individual_proofs[${j}]: the choice is not 0 or 1`;
    return [claim, answer.individualProofs[j] ?? [], new ProtocolError("bad_proof", detail)];
  });
  const detail = `${path}.overall_proof: the line does not have ${question.low} to ${question.high} marks`;
  const overall = overallClaim(context, answer.choices, question);
  return [...claims, [overall, answer.overallProof, new ProtocolError("bad_proof", detail)]];
}

/**
 * Throws bad_ballot unless the ballot encrypts exactly what the opening says.
 *
 * Run it on a device other than the one that made the ballot.
 */
export function checkOpening(raw: Uint8Array, election: Form, opening: Opening): void {
  finish(checkingOpening(raw, election, opening));
}

/** `checkOpening`, line by line. */
export function* checkingOpening(raw: Uint8Array, election: Form, opening: Opening): Generator<void, void> {
  const ballot = yield* decoding(raw, election);
  yield* checking(ballot, election);
  if (opening.tracker !== ballot.tracker) {
    throw new ProtocolError("bad_ballot", "opening.tracker: the opening is for another ballot");
  }
  checkChoices(election, opening.choices);
  for (const [i, answer] of ballot.answers.entries()) {
    const randomness = opening.randomness[i] ?? [];
    if (randomness.length !== answer.choices.length) {
      throw new ProtocolError("bad_ballot", `opening.randomness[${i}]: not one number for each level`);
    }
    answer.choices.forEach((ciphertext, j) => {
      const again = encrypt(election.publicKey, opening.choices[i] === j ? 1 : 0, randomness[j] ?? 0n);
      if (again.alpha.equals(ciphertext.alpha) && again.beta.equals(ciphertext.beta)) return;
      const official = election.questions[i]?.question ?? "";
      const detail = `the device encrypted something else for “${official}”, level ${j + 1}`;
      throw new ProtocolError("bad_ballot", detail);
    });
    yield;
  }
}

/** The result of work that may be interrupted, without interruptions. */
export function finish<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Throws bad_ballot: not a choice for each official, or one that does not exist. */
export function checkChoices(election: Form, choices: readonly Choice[]): void {
  if (choices.length !== election.questions.length) {
    const detail = `${choices.length} choices for ${election.questions.length} officials`;
    throw new ProtocolError("bad_ballot", detail);
  }
  election.questions.forEach((question, i) => {
    const choice = choices[i] ?? null;
    if (choice === null && question.low > 0) {
      throw new ProtocolError("bad_ballot", `choice ${i + 1}: a blank line is not allowed in this session`);
    }
    if (choice !== null && !(Number.isInteger(choice) && choice >= 0 && choice < question.answers.length)) {
      throw new ProtocolError("bad_ballot", `choice ${i + 1}: there is no level ${choice}`);
    }
  });
}

// --- Statements and JSON ------------------------------------------------------------------

/** The statements that each choice of a line holds 0 or 1. */
export function individual(context: string, choices: readonly Ciphertext[]): Interval[] {
  return choices.map(({ alpha, beta }) => ({ context, alpha, beta, low: 0, high: 1 }));
}

/** The statement about a line's sum, which everyone but its maker computes. */
export function overallClaim(
  context: string,
  choices: readonly Ciphertext[],
  { low, high }: Question,
  sum = multiply(choices),
): Interval {
  const hex = choices.map((choice) => `${choice.alpha.hex},${choice.beta.hex}`).join(",");
  return { context: `${context}|${hex}`, ...sum, low, high };
}

export function signaturePrefix(signedHash: string): string {
  return `sig|${signedHash}|`;
}

export function unsignedJson(ballot: Unsigned): { [name: string]: Json } {
  return {
    election_uuid: ballot.uuid,
    election_hash: ballot.phi,
    credential: ballot.credential.hex,
    answers: ballot.answers.map(answerToJson),
  };
}

function answerToJson(answer: Answer): Json {
  return {
    choices: answer.choices.map(ciphertextToJson),
    individual_proofs: answer.individualProofs.map((pair) => pair.map(proofToJson)),
    overall_proof: answer.overallProof.map(proofToJson),
  };
}

function answerFromJson(value: Json, path: string, question: Question): Answer {
  const json = fields(value, path, ["choices", "individual_proofs", "overall_proof"]);
  const n = question.answers.length;
  const choices = array(json.choices, `${path}.choices`, n, n);
  const proofs = array(json.individual_proofs, `${path}.individual_proofs`, n, n);
  return {
    choices: choices.map((choice, j) => ciphertextFromJson(choice, `${path}.choices[${j}]`)),
    individualProofs: proofs.map((pair, j) => proofsFromJson(pair, `${path}.individual_proofs[${j}]`, 2)),
    overallProof: proofsFromJson(json.overall_proof, `${path}.overall_proof`, question.high - question.low + 1),
  };
}
