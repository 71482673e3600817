/**
 * The ballot on the voter's side (docs/protocol.md §5.3; with ballot.ts the twin of crypto/ballot.py).
 *
 * Nine tenths of the work, all powers of g and of the key, depends on no choice. A `Blank` does it
 * while the voter reads; `prepare` then chooses among what is there, hashes and signs.
 */

import { type Bytes, b64Sha256, canonical } from "../encoding/encoding.ts";
import type { Ciphertext } from "../group/elgamal.ts";
import { type Element, G, modQ, multiplyAll, power, products } from "../group/group.ts";
import { type Groundwork, layGroundwork, oneByOne, type Proof, proveInterval, proveLog } from "../group/sigma.ts";
import type { Form, Question } from "../session/session.ts";
import {
  type Answer,
  type Choice,
  checkChoices,
  encode,
  finish,
  individual,
  Opening,
  overallClaim,
  signaturePrefix,
  type Unsigned,
  unsignedJson,
} from "./ballot.ts";

/** What `prepare` gives. Cast the bytes or reveal the opening, never both. */
export interface Prepared {
  readonly raw: Bytes;
  readonly tracker: string;
  readonly opening: Opening;
}

/** A number that is not chosen yet: its encryption under r for 0 and for 1, and the base of its proof. */
interface Undecided {
  readonly r: bigint;
  readonly ciphertexts: readonly [zero: Ciphertext, one: Ciphertext];
  readonly groundwork: Groundwork;
}

/** A line before it is filled in: its levels and their sum. */
interface BlankLine {
  readonly levels: readonly Undecided[];
  readonly sum: Undecided;
}

/**
 * A ballot before it is filled in: everything that is random. It serves one ballot; each line is
 * given away once, since two ballots of one randomness would show what differs between them.
 */
export class Blank {
  private readonly lines = new Map<number, BlankLine>();

  constructor(readonly election: Form) {}

  /** Makes a line that is still missing; whether there was one. */
  grow(): boolean {
    const missing = this.election.questions.findIndex((_, i) => !this.lines.has(i));
    const question = this.election.questions[missing];
    if (question === undefined) return false;
    this.lines.set(missing, makeLine(this.election.publicKey.tabulate(), question));
    return true;
  }

  /** Gives a line away; makes it now where it was not made before. */
  take(official: number, question: Question): BlankLine {
    const line = this.lines.get(official) ?? makeLine(this.election.publicKey.tabulate(), question);
    this.lines.delete(official);
    return line;
  }
}

/** Makes the tables of powers ahead of everything else, in the thread that will use them. */
export function warm(election: Form): void {
  products([[[G, 2n]], [[election.publicKey.tabulate(), 2n]]]);
}

/**
 * Encrypts and signs a ballot under the secret s of the credential C = g^s.
 *
 * Throws bad_ballot: a choice that does not exist, or a blank where none is allowed.
 */
export function prepare(election: Form, secret: bigint, choices: readonly Choice[]): Prepared {
  return finish(preparing(new Blank(election), secret, choices));
}

/** `prepare`, line by line, on a blank of the election: yields how many lines are ready, 0 first. */
export function* preparing(blank: Blank, secret: bigint, choices: readonly Choice[]): Generator<number, Prepared> {
  const { election } = blank;
  checkChoices(election, choices);
  yield 0;
  const credential = power(G, secret);
  const context = `${election.phi}|${credential.hex}`;
  const answers: Answer[] = [];
  const randomness: bigint[][] = [];
  for (const [i, question] of election.questions.entries()) {
    const line = blank.take(i, question);
    answers.push(fillIn(line, context, question, choices[i] ?? null));
    randomness.push(line.levels.map(({ r }) => r));
    yield i + 1;
  }
  const unsigned: Unsigned = { uuid: election.uuid, phi: election.phi, credential, answers };
  const signedHash = b64Sha256(canonical(unsignedJson(unsigned)));
  const signature = proveLog(signaturePrefix(signedHash), secret);
  const raw = encode({ ...unsigned, signedHash, signature });
  const tracker = b64Sha256(raw);
  return { raw, tracker, opening: new Opening(tracker, [...choices], randomness) };
}

/** A line; all its powers are computed in one batch. */
function makeLine(key: Element, { answers, low, high }: Question): BlankLine {
  const { pairs, proofs } = layGroundwork(key, answers.length, [...answers.map(() => 1), high - low]);
  const nextGroundwork = oneByOne(proofs);
  const nextElement = oneByOne(
    multiplyAll([
      ...pairs.map(({ y }) => [y, G]),
      pairs.map(({ g }) => g),
      pairs.map(({ y }) => y),
      [G, ...pairs.map(({ y }) => y)],
    ]),
  );
  const levels = pairs.map(
    ({ exponent, g, y }): Undecided => ({
      r: exponent,
      ciphertexts: [
        { alpha: g, beta: y },
        { alpha: g, beta: nextElement() },
      ],
      groundwork: nextGroundwork(),
    }),
  );
  const alpha = nextElement();
  const sum: Undecided = {
    r: modQ(pairs.reduce((total, { exponent }) => total + exponent, 0n)),
    ciphertexts: [
      { alpha, beta: nextElement() },
      { alpha, beta: nextElement() },
    ],
    groundwork: nextGroundwork(),
  };
  return { levels, sum };
}

/** A line with its choice: no power and no product is computed, whatever it is. */
function fillIn({ levels, sum }: BlankLine, context: string, question: Question, choice: Choice): Answer {
  const bit = (level: number): 0 | 1 => (choice === level ? 1 : 0);
  const marked = choice === null ? 0 : 1;
  const choices = levels.map(({ ciphertexts }, j) => ciphertexts[bit(j)]);
  const claims = individual(context, choices);
  const individualProofs = levels.map(({ groundwork, r }, j): Proof[] => {
    const claim = claims[j];
    if (claim === undefined) throw new RangeError("no such level");
    return proveInterval(claim, groundwork, r, bit(j));
  });
  const overall = overallClaim(context, choices, question, sum.ciphertexts[marked]);
  return { choices, individualProofs, overallProof: proveInterval(overall, sum.groundwork, sum.r, marked) };
}
