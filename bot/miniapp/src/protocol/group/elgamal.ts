/**
 * Exponential ElGamal: (g^r, y^r·g^m). Products of ciphertexts encrypt sums (docs/protocol.md §4.1;
 * the twin of crypto/elgamal.py).
 */

import { fields, type Json } from "../encoding/encoding.ts";
import { type Element, element, G, multiplyAll, products } from "./group.ts";

/** An encrypted small number. */
export interface Ciphertext {
  readonly alpha: Element;
  readonly beta: Element;
}

export function ciphertextToJson(ciphertext: Ciphertext): { alpha: string; beta: string } {
  return { alpha: ciphertext.alpha.hex, beta: ciphertext.beta.hex };
}

/** Refuses the identity, which hides nothing. */
export function ciphertextFromJson(value: Json, path: string): Ciphertext {
  const { alpha, beta } = fields(value, path, ["alpha", "beta"]);
  return { alpha: element(alpha, `${path}.alpha`), beta: element(beta, `${path}.beta`) };
}

/** (g^r, key^r·g^value). */
export function encrypt(key: Element, value: number, r: bigint): Ciphertext {
  return pair(
    products([
      [[G, r]],
      [
        [key, r],
        [G, BigInt(value)],
      ],
    ]),
  );
}

/** A ciphertext of the sum of all values. */
export function multiply(ciphertexts: readonly Ciphertext[]): Ciphertext {
  return pair(multiplyAll([ciphertexts.map((c) => c.alpha), ciphertexts.map((c) => c.beta)]));
}

function pair([alpha, beta]: readonly Element[]): Ciphertext {
  if (alpha === undefined || beta === undefined) throw new RangeError("two elements are expected");
  return { alpha, beta };
}
