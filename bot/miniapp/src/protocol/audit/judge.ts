/**
 * The ballots of a session, each by itself (docs/protocol.md §5.3): the slow part of an audit, which
 * several workers may share. What they say of each is compared with all others by electorate.ts.
 */

import { type Ballot, check, decode } from "../ballot/ballot.ts";
import { digest, utf8 } from "../encoding/encoding.ts";
import type { Element } from "../group/group.ts";
import { Products } from "../results/tally.ts";
import type { Form } from "../session/session.ts";

/** What a ballot that holds by itself says to all others. */
export interface Judged {
  readonly tracker: string;
  /** In hex. */
  readonly credential: string;
  /** SHA-256 of each ciphertext in it. */
  readonly pairs: readonly Uint8Array[];
}

/** Who judges ballots. */
export interface Judge {
  /** How many ballots it is worth giving it at a time. */
  readonly width: number;
  /** Throws malformed, bad_ballot or a kind of it. */
  judge(raw: Uint8Array): Promise<Judged>;
  /** For each choice of each line α and β: the products over all ballots that were judged (§7.1). */
  products(): Promise<readonly Element[]>;
  close(): void;
}

/** The thread that calls it. */
export class Alone implements Judge {
  readonly width = 1;
  readonly #form: Form;
  readonly #products: Products;

  constructor(form: Form) {
    this.#form = form;
    this.#products = new Products(form);
  }

  async judge(raw: Uint8Array): Promise<Judged> {
    await new Promise((resolve) => setTimeout(resolve)); // so that a page can show how far it is
    const ballot = decode(raw, this.#form);
    check(ballot, this.#form);
    this.#products.take(elementsOf(ballot));
    return judged(ballot);
  }

  async products(): Promise<readonly Element[]> {
    return this.#products.all();
  }

  close(): void {}
}

/** What it says to all others. */
export function judged({ tracker, credential, answers }: Ballot): Judged {
  const ciphertexts = answers.flatMap(({ choices }) => choices);
  const pairs = ciphertexts.map(({ alpha, beta }) => digest(utf8(alpha.hex + beta.hex)));
  return { tracker, credential: credential.hex, pairs };
}

/** α and β of each choice of each line. */
export function elementsOf({ answers }: Ballot): Element[] {
  return answers.flatMap(({ choices }) => choices.flatMap(({ alpha, beta }) => [alpha, beta]));
}
