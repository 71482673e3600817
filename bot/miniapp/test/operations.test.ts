/** How much a ballot costs, in powers and products of the group: counted, since times are noise. */

import { beforeEach, expect, test, vi } from "vitest";
import { finish } from "../src/protocol/ballot/ballot.ts";
import { Blank, preparing } from "../src/protocol/ballot/prepare.ts";
import type { Power } from "../src/protocol/group/group.ts";
import { election } from "./vectors.ts";

const counted = vi.hoisted(() => ({ powers: 0, products: 0 }));

vi.mock(import("../src/protocol/group/group.ts"), async (original) => {
  const group = await original();
  return {
    ...group,
    products: (rows: readonly (readonly Power[])[]) => {
      counted.powers += rows.flat().length;
      return group.products(rows);
    },
    power: (...of: Parameters<typeof group.power>) => {
      counted.powers += 1;
      return group.power(...of);
    },
    multiplyAll: (lists: Parameters<typeof group.multiplyAll>[0]) => {
      counted.products += lists.length;
      return group.multiplyAll(lists);
    },
  };
});

const LINE = election("line");
const LEVELS = LINE.questions[0]?.answers.length ?? 0;

beforeEach(() => {
  counted.powers = 0;
  counted.products = 0;
});

test("a line costs 7 powers a level and 5 for its sum, all before a choice is known", () => {
  const blank = new Blank(LINE);
  while (blank.grow());
  expect(counted.powers).toBe(LINE.questions.length * (7 * LEVELS + 5));
});

test.each([[[0, null]], [[null, null]], [[1, 1]]])(
  "what is left after the tap is the credential and its signature, whatever is chosen: %j",
  (choices) => {
    const blank = new Blank(LINE);
    while (blank.grow());
    counted.powers = 0;
    counted.products = 0;
    finish(preparing(blank, 7n, choices));
    expect(counted).toEqual({ powers: 2, products: 0 });
  },
);
