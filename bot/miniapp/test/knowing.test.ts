/** Only ballots whose closing the key has signed itself are not proved again. */

import { describe, expect, test } from "vitest";
import { Alone } from "../src/protocol/audit/judge.ts";
import { type Bytes, b64Sha256, canonical, utf8 } from "../src/protocol/encoding/encoding.ts";
import type { Archive } from "../src/protocol/record/archive.ts";
import * as checkpoint from "../src/protocol/record/checkpoint.ts";
import { signAsTrustee } from "../src/protocol/record/note.ts";
import { freshState } from "../src/protocol/trustee/keyfile.ts";
import { Knowing, signedTrackers } from "../src/protocol/trustee/knowing.ts";
import { election, outcome, own } from "./vectors.ts";

interface BoxInput {
  readonly ballots: readonly string[];
}

const line = election("line");
const ballots = (own<BoxInput>("box")[0]?.input.ballots ?? []).map((text) => utf8(text));
const trackers = ballots.map(b64Sha256);
const forged = own("ballot").find(({ expect: verdict, input }) => verdict === "bad_proof" && input.election === "line");

function archive(raws: readonly Bytes[], raw = line.raw): Archive {
  const nothing = new Uint8Array();
  const ballot = async (i: number): Promise<Bytes> => raws[i] ?? new Uint8Array();
  const others = { trustees: nothing, credentials: nothing, tally: nothing, sized: nothing, shares: [], result: null };
  return { election: raw, cast: raws.length, ballot, ...others };
}

describe("ballots whose closing was signed", () => {
  const closing = checkpoint.make(line, "closed", [5, ballots.length, 0, 0], canonical(trackers), { opening: "x" });
  const note = signAsTrustee(checkpoint.body(closing), "trustee", 5n, new Uint8Array(32));
  const signed = { ...freshState(1, 1, 1), closing: checkpoint.textDigest(note.text) };

  test("are known by their hashes, in an archive with just these", async () => {
    expect(await signedTrackers(signed, note, archive(ballots))).toEqual(new Set(trackers));
    for (const other of [archive(ballots.slice(1)), archive(ballots, election("ballot").raw)]) {
      expect(await signedTrackers(signed, note, other)).toEqual(new Set());
    }
    for (const memory of [null, "0".repeat(64)]) {
      expect(await signedTrackers({ ...signed, closing: memory }, note, archive(ballots))).toEqual(new Set());
    }
  });

  test("are multiplied as all others are", async () => {
    const [alone, knowing] = [new Alone(line), new Knowing(line, new Set(trackers.slice(0, 1)), new Alone(line))];
    for (const raw of ballots) expect(await knowing.judge(raw)).toEqual(await alone.judge(raw));
    const hexes = async (judge: Alone | Knowing) => (await judge.products()).map((product) => product.hex);
    expect(await hexes(knowing)).toEqual(await hexes(alone));
  });

  test("are not proved again; others are", async () => {
    const raw = utf8(forged?.input.ballot ?? "");
    const judge = (known: ReadonlySet<string>) => new Knowing(line, known, new Alone(line)).judge(raw);
    expect(await outcome(() => judge(new Set([b64Sha256(raw)])))).toBe("ok");
    expect(await outcome(() => judge(new Set(trackers)))).toBe("bad_proof");
  });
});
