import { describe, expect, it } from "vitest";
import { publicDefinition } from "../src/shared/record.ts";

function election(channels: readonly string[]): string {
  const policy = { levels: [], publication: "public", rehearsal: false, channels };
  return JSON.stringify({ name: "Phiên", phieukin: { policy } });
}

describe("what is shown of a definition", () => {
  it("says that paper ballots are counted apart only where there may be some", () => {
    expect(publicDefinition(election(["miniapp", "paper"])).paper).toBe(true);
    expect(publicDefinition(election(["miniapp", "browser"])).paper).toBe(false);
  });
});
