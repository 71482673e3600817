/** The encrypted tally: of each question's choices the products over all ballots (docs/protocol.md §7.1). */

import {
  canonical,
  fields,
  hexDigest,
  integer,
  type Json,
  parseJson,
  sameBytes,
  sha256,
} from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import { type Ciphertext, ciphertextToJson } from "../group/elgamal.ts";
import { type Element, IDENTITY, multiplyAll } from "../group/group.ts";
import type { Form } from "../session/session.ts";

const SIZED_LIMIT = 1000; // bytes

/** A tally that was recomputed: a ciphertext for each level of each question. */
export interface Tally {
  readonly lines: readonly (readonly Ciphertext[])[];
  /** How many ballots. */
  readonly size: number;
  /** SHA-256 of the list, hex. */
  readonly digest: string;
}

/** Products that grow ballot by ballot. */
export class Products {
  #all: readonly Element[];

  constructor({ questions }: Form) {
    const choices = questions.reduce((sum, { answers }) => sum + answers.length, 0);
    this.#all = new Array<Element>(2 * choices).fill(IDENTITY);
  }

  /** Multiplies by the elements of a ballot, or by the products over several. */
  take(elements: readonly Element[]): void {
    this.#all = multiplyAll(this.#all.map((product, i) => [product, elements[i] ?? IDENTITY]));
  }

  /** For each choice α and β. */
  all(): readonly Element[] {
    return this.#all;
  }
}

/**
 * The tally that these products are.
 *
 * Throws bad_tally unless the archive has its very bytes and number; malformed: the number is not one.
 */
export function checkTally(
  tally: Uint8Array,
  sized: Uint8Array,
  products: readonly Element[],
  size: number,
  { questions }: Form,
): Tally {
  let place = 0;
  const next = (): Element => products[place++] ?? IDENTITY;
  const lines = questions.map(({ answers }) => answers.map((): Ciphertext => ({ alpha: next(), beta: next() })));
  const expected = canonical(lines.map((line): Json => line.map(ciphertextToJson)));
  const names = ["num_tallied", "total_weight", "encrypted_tally"] as const;
  const json = fields(parseJson(sized, "tally", SIZED_LIMIT), "tally", names);
  const tallied = integer(json.num_tallied, "tally.num_tallied");
  integer(json.total_weight, "tally.total_weight", tallied, tallied);
  const named = hexDigest(json.encrypted_tally, "tally.encrypted_tally");
  if (!sameBytes(expected, tally)) throw bad("not the products of the ballots");
  if (tallied !== size) throw bad(`${tallied} is not the number of ballots, ${size}`);
  const digest = sha256(tally);
  if (named !== digest) throw bad("the number is that of another tally");
  return { lines, size, digest };
}

function bad(detail: string): ProtocolError {
  return new ProtocolError("bad_tally", `tally: ${detail}`);
}
