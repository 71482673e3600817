import { describe, expect, it } from "vitest";
import { canonical, type Json, toText } from "../src/protocol/encoding.ts";
import { Election } from "../src/protocol/session.ts";
import { publicDefinition } from "../src/shared/record.ts";
import { election } from "./vectors.ts";

/** The definition of the vectors with other channels. */
function withChannels(channels: readonly string[]): Election {
  const value = JSON.parse(toText(election("line").raw)) as { phieukin: { policy: { channels: unknown } } };
  value.phieukin.policy.channels = channels;
  return Election.decode(canonical(value as unknown as Json));
}

describe("what is shown of a definition", () => {
  it("says that paper ballots are counted apart only where there may be some", () => {
    expect(publicDefinition(withChannels(["miniapp", "paper"])).paper).toBe(true);
    expect(publicDefinition(withChannels(["miniapp", "browser"])).paper).toBe(false);
  });
});
