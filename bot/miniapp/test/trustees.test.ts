/** trustees.json, ceremony.json, decryption shares: the vectors of tests/vectors/own, and a stock archive. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { sha256, toText, utf8 } from "../src/protocol/encoding/encoding.ts";
import type { Ciphertext } from "../src/protocol/group/elgamal.ts";
import { element, G, power, products } from "../src/protocol/group/group.ts";
import { decodeResult, encodeResult, lagrange, logarithms } from "../src/protocol/results/result.ts";
import { quorum } from "../src/protocol/session/committee.ts";
import { Election } from "../src/protocol/session/session.ts";
import { decodeTrustees, encodeTrustees } from "../src/protocol/trustee/keys.ts";
import * as share from "../src/protocol/trustee/share.ts";
import { checkDefinition, checkTrustees, shareKeys, thresholdOf } from "../src/protocol/trustee/trustees.ts";
import { election, judged, outcome } from "./vectors.ts";

type Fields = Readonly<Record<string, string>>;
interface StatementsInput {
  readonly election: string;
  readonly trustees: string;
  readonly tally: string;
  readonly shares: readonly { readonly owner: number; readonly share: string }[];
  readonly statements: string;
}

function tallyOf(json = ""): share.EncryptedTally {
  const lines = JSON.parse(json) as { alpha: string; beta: string }[][];
  const read = ({ alpha, beta }: { alpha: string; beta: string }): Ciphertext => {
    return { alpha: element(alpha, "alpha", true), beta: element(beta, "beta", true) };
  };
  return { lines: lines.map((line) => line.map(read)), digest: sha256(utf8(json)) };
}

function runCommittee(input: Fields): number[] {
  const [definition, trustees] = [
    Election.decode(utf8(input.election ?? "")),
    decodeTrustees(utf8(input.trustees ?? "")),
  ];
  checkTrustees(trustees);
  checkDefinition(definition, trustees);
  expect(toText(encodeTrustees(trustees.items))).toBe(input.trustees);
  const { committee } = definition.ours;
  expect(thresholdOf(trustees)).toBe(committee.threshold);
  return [committee.members.length, committee.threshold, quorum(committee)];
}

function runShare(input: Fields): void {
  const [definition, trustees] = [election(input.election ?? ""), decodeTrustees(utf8(input.trustees ?? ""))];
  const read = share.decodeShareFile(utf8(input.share ?? ""), definition);
  share.checkWholeShare(definition, trustees, tallyOf(input.tally), read);
  expect(toText(share.encodeShareFile(read, definition))).toBe(input.share);
}

function runStatements(input: StatementsInput): void {
  const [definition, trustees] = [election(input.election), decodeTrustees(utf8(input.trustees))];
  const shares = input.shares.map((given) => share.decodeShare(utf8(given.share), given.owner, definition));
  const tally = tallyOf(input.tally);
  share.checkShares(definition, trustees, tally, shares);
  share.checkStatements(utf8(input.statements), definition, trustees, tally, shares);
}

judged({ committee: runCommittee, share: runShare, statements: runStatements });

describe("a stock archive", () => {
  const FOLDER = new URL("../../../tests/interop/sample/", import.meta.url);
  const file = (name: string): Uint8Array => utf8(readFileSync(new URL(name, FOLDER), "utf-8").trimEnd());
  const definition = Election.decode(file("election.json"));
  const trustees = decodeTrustees(file("trustees.json"));

  test("its trustees are what they say", () => {
    checkTrustees(trustees);
    checkDefinition(definition, trustees);
    expect(toText(encodeTrustees(trustees.items))).toBe(toText(file("trustees.json")));
    expect(toText(encodeResult(decodeResult(file("result.json"), definition)))).toBe(toText(file("result.json")));
  });
});

describe("shares", () => {
  test("any T of n give the secret in the exponent", () => {
    const polynomial = [5n, 7n, 11n];
    const [key] = products([[[G, 5n]]]);
    const keys = shareKeys([polynomial.map((a) => power(G, a))], 5);
    for (const indices of [
      [1, 2, 3],
      [5, 3, 1],
      [2, 4, 5],
    ]) {
      const rows = indices.map((i) => [keys[i - 1] ?? G, lagrange(i, indices)] as const);
      expect(products([rows])[0]?.hex).toBe(key?.hex);
    }
  });

  test.each([0, 1, 2, 3, 4, 99, 100, 500])("totals of %i ballots are found, and no others", async (most) => {
    const all = Array.from({ length: most + 1 }, (_, m) => m);
    expect(logarithms(products(all.map((m) => [[G, BigInt(m)]])), most)).toEqual(all);
    for (const m of [-1, most + 1, most + 2]) {
      expect(await outcome(() => logarithms([power(G, BigInt(m))], most))).toBe("bad_result");
    }
  });
});
