/**
 * The second audit of a closed box is short (docs/protocol.md §6.4): before its share a trustee may leave
 * out the proofs of ballots whose closing it has signed itself. Trackers and φ are hashes of the very
 * bytes that it has checked; an exchanged archive or note, or a key that has forgotten, leads to all proofs.
 */

import { elementsOf, type Judge, type Judged, judged } from "../audit/judge.ts";
import { decode } from "../ballot/ballot.ts";
import { b64Sha256, canonical, sha256 } from "../encoding/encoding.ts";
import { type Element, multiplyAll } from "../group/group.ts";
import type { Archive } from "../record/archive.ts";
import { parseBody, textDigest } from "../record/checkpoint.ts";
import type { Note } from "../record/note.ts";
import { Products } from "../results/tally.ts";
import type { Form } from "../session/session.ts";
import type { TrusteeState } from "./keyfile.ts";

/** The trackers of an archive, if they and its definition are those of the closing that this key has signed; else none. */
export async function signedTrackers(state: TrusteeState, closing: Note, archive: Archive): Promise<Set<string>> {
  if (state.closing === null || state.closing !== textDigest(closing.text)) return new Set();
  const { phi, digest } = parseBody(closing.text);
  const trackers: string[] = [];
  for (let i = 0; i < archive.cast; i++) trackers.push(b64Sha256(await archive.ballot(i)));
  const same = phi === b64Sha256(archive.election) && digest === sha256(canonical(trackers));
  return same ? new Set(trackers) : new Set();
}

/** Proves nothing again about known ballots; all others go to another judge. */
export class Knowing implements Judge {
  readonly #form: Form;
  readonly #known: ReadonlySet<string>;
  readonly #others: Judge;
  readonly #products: Products;

  constructor(form: Form, known: ReadonlySet<string>, others: Judge) {
    this.#form = form;
    this.#known = known;
    this.#others = others;
    this.#products = new Products(form);
  }

  get width(): number {
    return this.#others.width;
  }

  async judge(raw: Uint8Array): Promise<Judged> {
    if (!this.#known.has(b64Sha256(raw))) return this.#others.judge(raw);
    const ballot = decode(raw, this.#form);
    this.#products.take(elementsOf(ballot));
    return judged(ballot);
  }

  async products(): Promise<readonly Element[]> {
    const others = await this.#others.products();
    return multiplyAll(this.#products.all().map((product, i) => [product, ...others.slice(i, i + 1)]));
  }

  close(): void {
    this.#others.close();
  }
}
