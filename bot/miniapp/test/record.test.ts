import { describe, expect, it } from "vitest";
import { shown } from "../src/shared/record.ts";

function election(channels: readonly string[]): string {
  const policy = { levels: [], publication: "public", rehearsal: false, channels };
  return JSON.stringify({ name: "Phiên", phieukin: { policy } });
}

describe("what is shown of a definition", () => {
  it("says that paper ballots are counted apart only where there may be some", () => {
    expect(shown(election(["miniapp", "paper"])).paper).toBe(true);
    expect(shown(election(["miniapp", "browser"])).paper).toBe(false);
  });
});
