import { describe, expect, it } from "vitest";
import { canonical, type Json, toText, utf8 } from "../src/protocol/encoding/encoding.ts";
import { Election } from "../src/protocol/session/session.ts";
import { checkedNotes, publicDefinition } from "../src/shared/record.ts";
import { election, outcome, own } from "./vectors.ts";

/** The definition of the vectors with other channels. */
function withChannels(channels: readonly string[]): Election {
  const value = JSON.parse(toText(election("line").raw)) as { phieukin: { policy: { channels: unknown } } };
  value.phieukin.policy.channels = channels;
  return Election.decode(canonical(value as unknown as Json));
}

interface CheckpointInput {
  readonly election: string;
  readonly note: string;
}

describe("what stands on the hall screen", () => {
  const notes = own<CheckpointInput>("checkpoint")
    .filter(({ name }) => ["sealed", "open", "closed", "tallied"].includes(name))
    .map(({ input }) => input.note);
  const shown = (texts: readonly string[]) => checkedNotes(election("five"), utf8(texts.join("\n")));

  it("is the codes of the committee, each once it is signed", () => {
    const codes = shown(notes).map(({ code }) => code);
    expect(codes.slice(0, 3)).not.toContain(null);
    expect(new Set(codes).size).toBe(4);
    expect(codes[3]).toBeNull();
    expect(shown(notes.slice(0, 1)).map(({ code }) => code)).toEqual(codes.slice(0, 1));
    const [sealed = "", open = ""] = notes;
    const unsigned = open.replace(/^— \S+trustee-1 .*\n/m, "");
    expect(shown([sealed, unsigned])[1]?.code).toBeNull();
  });

  it.each([
    ["a close that follows another opening", [0, 0, 2]],
    ["the notes in another order", [1, 0]],
    ["a close before the opening", [0, 2]],
  ])("is refused: %s", async (_, places) => {
    expect(await outcome(() => shown(places.map((place) => notes[place] ?? "")))).toBe("bad_checkpoint");
  });
});

describe("what is shown of a definition", () => {
  it("says that paper ballots are counted apart only where there may be some", () => {
    expect(publicDefinition(withChannels(["miniapp", "paper"])).paper).toBe(true);
    expect(publicDefinition(withChannels(["miniapp", "browser"])).paper).toBe(false);
  });
});
