/** What a trustee signs and opens is stored first, and once only: with the five of the vectors. */

import { describe, expect, test } from "vitest";
import { toHex, utf8 } from "../src/protocol/encoding/encoding.ts";
import * as checkpoint from "../src/protocol/record/checkpoint.ts";
import { freshState, type TrusteeState } from "../src/protocol/trustee/keyfile.ts";
import type { Seat } from "../src/protocol/trustee/seed.ts";
import { saltOf } from "../src/protocol/trustee/seed.ts";
import { readNotes, type Signable } from "../src/protocol/trustee/signable.ts";
import { type OpenedKey, secondsLeft, sign, trialShare, type Vault } from "../src/protocol/trustee/signing.ts";
import { single } from "../src/protocol/trustee/trustee.ts";
import { election, outcome, own } from "./vectors.ts";

const five = election("five");
const seed = own<Seat>("step1")[0]?.input.seed;
const sealed = checkpoint.body(checkpoint.sealed(five));
const definition: Signable = { moment: "definition", election: five, owner: 1, text: sealed, digest: five.phi };

function key(memory: Partial<TrusteeState> = {}, restored = false): OpenedKey {
  return { state: { ...freshState(1, 5, 3, seed), ...memory }, restored };
}

/** Keeps what it is given; a full disk keeps nothing. */
class Disk implements Vault {
  readonly states: TrusteeState[] = [];
  full = false;

  async store(state: TrusteeState): Promise<void> {
    if (this.full) throw new RangeError("no space left");
    this.states.push(state);
  }
}

describe("a signature", () => {
  test("is the committee's, and stands on the disk before it is shown", async () => {
    const disk = new Disk();
    const { key: after, note } = await sign(key(), definition, disk);
    const salt = checkpoint.checkTrustee(note, five, 1);
    expect(toHex(salt)).toBe(toHex(saltOf(after.state, "definition")));
    expect(disk.states).toEqual([after.state]);
    expect(after.state.definition).toBe(five.phi);
    expect(after.state.mark).not.toBe(key().state.mark);
  });

  test("is not made where it cannot be stored", async () => {
    const disk = new Disk();
    disk.full = true;
    await expect(sign(key(), definition, disk)).rejects.toThrow("no space left");
  });

  test.each<[string, OpenedKey, Signable, string]>([
    ["a restored copy", key({}, true), definition, "refused"],
    ["another definition than before", key({ definition: election("line").phi }), definition, "already_signed"],
    ["a closing before the definition", key(), { ...definition, moment: "closing" }, "wrong_state"],
    ["another's place", key(), { ...definition, owner: 2 }, "bad_trustees"],
    ["nobody's place", key(), { ...definition, owner: 6 }, "bad_checkpoint"],
    ["another committee", key(), { ...definition, election: election("line") }, "bad_trustees"],
  ])("is refused to %s, and nothing is stored", async (_, opened, wanted, code) => {
    const disk = new Disk();
    expect(await outcome(() => sign(opened, wanted, disk))).toBe(code);
    expect(disk.states).toEqual([]);
  });

  test("of the same text may be made again", async () => {
    const disk = new Disk();
    const { key: after } = await sign(key(), definition, disk);
    await sign(after, definition, disk);
    expect(disk.states.map((state) => state.definition)).toEqual([five.phi, five.phi]);
  });
});

describe("checkpoints.txt", () => {
  const notes = own<{ readonly note: string }>("checkpoint")
    .filter(({ name }) => ["sealed", "open", "closed", "tallied"].includes(name))
    .map(({ input }) => input.note);
  const read = (texts: readonly string[]) => Object.keys(readNotes(utf8(texts.join("\n"))));

  test("is read as far as it goes", () => {
    expect(read(notes)).toEqual(["definition", "opening", "closing"]);
    expect(read(notes.slice(0, 1))).toEqual(["definition"]);
    expect(read([])).toEqual([]);
  });

  test.each([
    ["two openings", [...notes.slice(0, 2), ...notes.slice(1, 2)]],
    ["a text without signatures", [(notes[0] ?? "").split("\n\n")[0] ?? ""]],
    ["another text", [(notes[0] ?? "").replace("sealed", "locked")]],
    ["a line that is no signature", [`${notes[0]}x\n`]],
  ])("with %s is refused", async (_, texts) => {
    expect(await outcome(() => read(texts))).toBe("bad_checkpoint");
  });
});

describe("the totals", () => {
  test.each([
    [null, 1000, 60],
    [1000, 1000, 60],
    [1000, 1059, 1],
    [1000, 1060, 0],
    [1000, 2000, 0],
    [1000, 10, 60],
  ])("wait for the phones: seen at %s, at %s for %s seconds more", (quorumSeen, now, left) => {
    expect(secondsLeft({ ...key().state, quorumSeen }, 60, now)).toBe(left);
  });

  test("are tried before the day; before step 3 there is nothing to try", async () => {
    expect(trialShare(single().state).hex).toHaveLength(64);
    expect(await outcome(() => trialShare(key().state))).toBe("incomplete");
  });
});
