/** What voters read is what is counted: the levels of a definition are those of its regime. */

import { describe, expect, test } from "vitest";
import type { Json } from "../src/protocol/encoding/encoding.ts";
import { checkLevels, isBuiltin, outline, spelled } from "../src/protocol/results/levels.ts";
import type { Level, Policy } from "../src/protocol/session/session.ts";
import { election, outcome } from "./vectors.ts";

const BASE = election("line").ours.policy;
const HIGH = { key: "high", label: "Tín nhiệm cao" };
const MEDIUM = { key: "medium", label: "Tín nhiệm" };
const LOW = { key: "low", label: "Tín nhiệm thấp" };
const OWN = [
  { key: "high", label: "Rất tín nhiệm" },
  { key: "medium", label: "Tương đối tín nhiệm" },
  { key: "low", label: "Chưa tín nhiệm" },
];
const ENGLISH = ["Full confidence", "Fair confidence", "Not yet confidence"];

function policy(levels: readonly Level[], regime = "nq96-2023"): Policy {
  return { ...BASE, levels, regime };
}

function rules(levels: readonly Level[], id = "own-2026"): Json {
  return { id, levels: levels.map(({ key, label }, i) => ({ key, label: { vi: label, en: ENGLISH[i] ?? label } })) };
}

describe("a built-in regime", () => {
  test("its levels pass", () => {
    checkLevels(policy([HIGH, MEDIUM, LOW]), null);
    expect([isBuiltin("nq96-2023"), isBuiltin("two-level"), isBuiltin("constructor")]).toEqual([true, true, false]);
  });

  test.each<[string, Level[]]>([
    ["crossed", [{ ...HIGH, label: LOW.label }, MEDIUM, { ...LOW, label: HIGH.label }]],
    ["in another order", [LOW, MEDIUM, HIGH]],
    ["with keys crossed", [{ ...HIGH, key: "low" }, MEDIUM, { ...LOW, key: "high" }]],
    ["one too few", [HIGH, MEDIUM]],
    ["one too many", [HIGH, MEDIUM, LOW, { key: "none", label: "Không rõ" }]],
    ["twice", [HIGH, MEDIUM, MEDIUM]],
    ["with a Cyrillic letter", [{ ...HIGH, label: "Tín nhiệm \u0441ao" }, MEDIUM, LOW]],
    ["not composed", [{ ...HIGH, label: HIGH.label.normalize("NFD") }, MEDIUM, LOW]],
    ["with two blanks", [{ ...HIGH, label: "Tín nhiệm  cao" }, MEDIUM, LOW]],
    ["in another case", [{ ...HIGH, label: "Tín nhiệm Cao" }, MEDIUM, LOW]],
    ["without marks", [HIGH, MEDIUM, { ...LOW, label: "Tin nhiem thap" }]],
    ["of a body's own", OWN],
  ])("levels %s are refused", async (_name, levels) => {
    expect(await outcome(() => checkLevels(policy(levels), null))).toBe("bad_definition");
  });

  test("does not travel", async () => {
    const travelling = rules([HIGH, MEDIUM, LOW], "nq96-2023");
    expect(await outcome(() => checkLevels(policy([HIGH, MEDIUM, LOW]), travelling))).toBe("malformed");
  });

  test.each(["unknown", "constructor", "two-level"])("%s is none", async (regime) => {
    expect(await outcome(() => checkLevels(policy([HIGH, MEDIUM, LOW], regime), null))).toBe("bad_definition");
  });
});

describe("rules of a body's own", () => {
  test("bring words of their own, or keep ours", () => {
    checkLevels(policy(OWN, "own-2026"), rules(OWN));
    checkLevels(policy([HIGH, MEDIUM, LOW], "own-2026"), rules([HIGH, MEDIUM, LOW]));
  });

  test.each<[string, Level[]]>([
    ["ours", [HIGH, MEDIUM, LOW]],
    ["crossed", [...OWN].reverse()],
  ])("other words than theirs are refused: %s", async (_name, levels) => {
    expect(await outcome(() => checkLevels(policy(levels, "own-2026"), rules(OWN)))).toBe("bad_definition");
  });

  test("of another name are refused", async () => {
    expect(await outcome(() => checkLevels(policy(OWN, "own-2026"), rules(OWN, "own-2027")))).toBe("bad_definition");
  });

  test.each<[string, Level[]]>([
    ["our words under other keys", [{ ...HIGH, label: LOW.label }, MEDIUM, { ...LOW, label: HIGH.label }]],
    ["our words in another spelling", [{ ...HIGH, label: "Tín nhiệm CAO" }, MEDIUM, LOW]],
    ["two words that read alike", [{ ...HIGH, label: "Khá" }, { ...MEDIUM, label: "Kha" }, LOW]],
    ["letters of another alphabet", [{ ...HIGH, label: "Kh\u0430" }, MEDIUM, LOW]],
  ])("are refused with %s", async (_name, levels) => {
    expect(await outcome(() => checkLevels(policy(levels, "own-2026"), rules(levels)))).toBe("malformed");
  });

  test.each<[Json]>([[{}], [[]], ["x"], [{ id: "own-2026" }], [{ id: "own-2026", levels: [{}, {}] }]])(
    "are not %j",
    async (value) => {
      expect(await outcome(() => checkLevels(policy(OWN, "own-2026"), value))).not.toBe("ok");
    },
  );
});

test("an outline is what a hurried reader sees", () => {
  const alike = ["Tín nhiệm", "TÍN NHIỆM", "Tin nhiem", "T1n nhlệm", "Tín-nhiệm", "Tín nhiệm".normalize("NFD")];
  expect(new Set(alike.map(outline))).toEqual(new Set(["tinnhiem"]));
  expect(outline("Kém")).toBe(outline("Kérn"));
  expect(outline("Không đạt 10")).toBe("khongdatio");
});

test.each(["", " x", "x ", "a  b", "a\u00a0b", "x".repeat(61), "caö", "\uff43ao", "T\u0131n"])(
  "“%s” is no label",
  async (label) => {
    expect(spelled("Tín nhiệm cao", "x")).toBe("Tín nhiệm cao");
    expect(await outcome(() => spelled(label, "x"))).toBe("malformed");
  },
);
