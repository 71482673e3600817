/**
 * Proofs that one secret made several powers (docs/protocol.md §4.3, §4.5): what a trustee shows of
 * its decryption factors.
 *
 * That of §4.3 is Belenios' and weak: its challenge covers neither the ciphertext nor the factor. A
 * share carries one of §4.5 over its whole statement beside it, and both are checked.
 */

import type { ProtocolError } from "../encoding/errors.ts";
import { type Element, G, hashToScalar, modQ, type Power, products, randomScalar, secretPowers } from "./group.ts";
import type { Proof } from "./sigma.ts";

/** base^x = power for the x of a key g^x. */
export interface PowerOf {
  readonly base: Element;
  readonly power: Element;
}

/** Of each (base, power) a proof that `power` is base^secret, for the key g^secret (§4.3). */
export function proveEach(prefix: string, secret: bigint, bases: readonly Element[]): Proof[] {
  return bases.map((base) => {
    const w = randomScalar();
    const challenge = hashToScalar(prefix, [...products([[[G, w]]]), ...secretPowers([base], w)]);
    return { challenge, response: modQ(w - secret * challenge) };
  });
}

/** The number, from 0, of the first claim whose proof fails; null if all hold. */
export function failingOf(
  prefix: string,
  key: Element,
  claims: readonly PowerOf[],
  proofs: readonly Proof[],
): number | null {
  if (claims.length !== proofs.length) throw new RangeError("one proof for each power is expected");
  const rows = claims.flatMap(({ base, power }, i): Power[][] => {
    const { challenge = 0n, response = 0n } = proofs[i] ?? {};
    return [
      [
        [G, response],
        [key, challenge],
      ],
      [
        [base, response],
        [power, challenge],
      ],
    ];
  });
  const commitments = products(rows);
  const failing = proofs.findIndex(
    ({ challenge }, i) => hashToScalar(prefix, commitments.slice(2 * i, 2 * i + 2)) !== challenge,
  );
  return failing < 0 ? null : failing;
}

/** One proof that every power is base^secret, for the key g^secret; its challenge covers them all (§4.5). */
export function proveAll(prefix: string, secret: bigint, key: Element, claims: readonly PowerOf[]): Proof {
  const w = randomScalar();
  const bases = claims.map((claim) => claim.base);
  const commitments = [...products([[[G, w]]]), ...secretPowers(bases, w)];
  const challenge = hashToScalar(prefix, [...statement(key, claims), ...commitments]);
  return { challenge, response: modQ(w - secret * challenge) };
}

/** Throws `failure` unless one proof holds for all powers (§4.5). */
export function checkAll(
  prefix: string,
  key: Element,
  claims: readonly PowerOf[],
  { challenge, response }: Proof,
  failure: ProtocolError,
): void {
  const commitments = products(
    [{ base: G, power: key }, ...claims].map(({ base, power }): Power[] => [
      [base, response],
      [power, challenge],
    ]),
  );
  if (hashToScalar(prefix, [...statement(key, claims), ...commitments]) !== challenge) throw failure;
}

function statement(key: Element, claims: readonly PowerOf[]): Element[] {
  return [key, ...claims.map((claim) => claim.base), ...claims.map((claim) => claim.power)];
}
