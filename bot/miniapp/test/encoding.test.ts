/** One spelling for every value, and the traps of the libraries below. */

import { describe, expect, test } from "vitest";
import * as encoding from "../src/protocol/encoding/encoding.ts";
import { canonical, fields, fromBase64, parseJson, spoken, text, utf8 } from "../src/protocol/encoding/encoding.ts";
import { ProtocolError } from "../src/protocol/encoding/errors.ts";
import {
  G,
  IDENTITY,
  modQ,
  multiplyAll,
  power,
  products,
  Q,
  randomScalar,
  scalar,
} from "../src/protocol/group/group.ts";
import { state } from "../src/protocol/session/lifecycle.ts";
import { outcome } from "./vectors.ts";

function code(run: () => unknown): Promise<string> {
  return outcome(run);
}

describe("JSON", () => {
  test.each(['{"a":[1,true,null,"Tín nhiệm\\n\\u001f\\\\\\""],"b":{}}', "[]", "1000000000", "-1", '"\u007f\u2028😀"'])(
    "%s is canonical",
    (spelled) => {
      expect(canonical(parseJson(utf8(spelled), "value", 100))).toEqual(utf8(spelled));
    },
  );

  test.each([
    "",
    " []",
    "[ ]",
    "[]\n",
    "\ufeff[]",
    "1.5",
    "1.0",
    "1e3",
    "1e+21",
    "-0",
    "01",
    "10000000000",
    "123456789012345678901234567890",
    "NaN",
    '{"a":1,"a":1}',
    '{"a":1,"a":2}',
    '{"b":1, "a":2}',
    '"\\u0041"',
    '"\\/"',
    '"\\u001F"',
    '"\\ud800"',
    '{"\\udc00":1}',
    '"\\u00e9"',
    '"\\ud83d\\ude00"',
    "[1,]",
    "'a'",
    "[".repeat(70) + "]".repeat(70),
    "[".repeat(40000) + "]".repeat(40000),
  ])("%j is refused", async (spelled) => {
    expect(await code(() => parseJson(utf8(spelled), "value", 1 << 20))).toBe("malformed");
  });

  test("bytes that are not UTF-8, and too many", async () => {
    expect(await code(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22), "value", 9))).toBe("malformed");
    expect(await code(() => parseJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), "value", 9))).toBe("malformed");
    expect(await code(() => parseJson(utf8('"0123456789"'), "value", 9))).toBe("malformed");
  });

  test("fields are exactly these, in this order", async () => {
    expect(fields({ a: 1, b: 2 }, "value", ["a", "b"])).toEqual({ a: 1, b: 2 });
    expect(fields({ a: 1 }, "value", ["a", "b"], ["b"]).b).toBeUndefined();
    for (const wrong of [{ b: 2, a: 1 }, { a: 1 }, { a: 1, b: 2, c: 3 }, [1, 2], null, "ab"]) {
      expect(await code(() => fields(wrong, "value", ["a", "b"]))).toBe("malformed");
    }
    expect(await code(() => fields({ a: 1, b: null }, "value", ["a", "b"], ["b"]))).toBe("malformed");
    expect(await code(() => fields({}, "value", ["toString"]))).toBe("malformed");
  });
});

describe("text and names", () => {
  test.each(["Bà Ánh", "a", " a ", "x".repeat(4096), "😀".repeat(4096)])("%j", (spelled) => {
    expect(text(spelled, "text")).toBe(spelled);
  });

  test.each([
    "",
    "  ",
    "Ba\u0300",
    "a\nb",
    "a\u200bb",
    "\u202ea",
    "a\u00ad",
    "\ue000",
    "\uffff",
    "\u2028",
    "x".repeat(4097),
  ])("%j is refused", async (spelled) => {
    expect(await code(() => text(spelled, "text"))).toBe("malformed");
  });

  test("empty where it is allowed", async () => {
    expect(text("", "text", true)).toBe("");
    expect(await code(() => text(7, "text", true))).toBe("malformed");
  });

  test.each([
    () => encoding.uuid("1234567890123", "uuid"),
    () => encoding.uuid("12345678901230", "uuid"),
    () => encoding.uuid("VectorsPhieuKin1\n", "uuid"),
    () => encoding.hexDigest("A".repeat(64), "digest"),
    () => encoding.fingerprint("A".repeat(42), "φ"),
    () => encoding.fingerprint(`${"A".repeat(42)}B`, "φ"),
    () => fromBase64("AA", "data"),
    () => fromBase64("AB==", "data"),
    () => fromBase64("A A=", "data"),
    () => fromBase64("AA==", "data", 2),
    () => fromBase64("A===", "data"),
    () => encoding.integer(true, "n"),
    () => encoding.integer("1", "n"),
    () => encoding.integer(-1, "n"),
    () => encoding.boolean(1, "b"),
    () => encoding.array({}, "a"),
    () => encoding.array([1], "a", 2),
    () => scalar("", "s"),
    () => scalar("00", "s"),
    () => scalar("0x1", "s"),
    () => scalar(" 1", "s"),
    () => scalar("1\n", "s"),
    () => scalar(String(Q), "s"),
    () => state("Open"),
  ])("%s is refused", async (run) => {
    expect(await code(run)).toBe("malformed");
  });

  test("spoken", () => {
    expect(spoken(Uint8Array.of(0xff, 0xc0, 0, 0, 0), 2)).toBe("ZZ00-0000");
  });

  test("an error knows its family", () => {
    expect(new ProtocolError("bad_token", "").rejected).toBe(true);
    expect(new ProtocolError("bad_code", "").rejected).toBe(false);
    expect(new ProtocolError("closed", "").refused).toBe(true);
  });
});

describe("group", () => {
  test("zero, one, the order and the identity", () => {
    expect(power(G, 0n)).toEqual(IDENTITY);
    expect(power(G, Q)).toEqual(IDENTITY);
    expect(power(G, 1n).hex).toBe(G.hex);
    expect(power(G, Q + 1n).hex).toBe(G.hex);
    expect(power(IDENTITY, 5n).isIdentity).toBe(true);
    expect(
      products([
        [],
        [
          [G, 2n],
          [G, -2n],
        ],
      ]).every((product) => product.isIdentity),
    ).toBe(true);
    expect(multiplyAll([[], [G, IDENTITY]]).map((product) => product.hex)).toEqual([IDENTITY.hex, G.hex]);
  });

  test("with and without a table", () => {
    const base = power(G, 7n);
    const [plain] = products([
      [
        [base, Q - 3n],
        [G, 5n],
      ],
    ]);
    const [table] = products([
      [
        [power(G, 7n).tabulate(), Q - 3n],
        [G, 5n],
      ],
    ]);
    expect(plain?.hex).toBe(power(G, -16n).hex);
    expect(table?.hex).toBe(plain?.hex);
    expect(base.tabulate().tabulate().raw.length).toBe(32);
  });

  test("scalars are drawn from 1 to q - 1", () => {
    const drawn = Array.from({ length: 300 }, randomScalar);
    expect(drawn.every((s) => s > 0n && s < Q)).toBe(true);
    expect(new Set(drawn).size).toBe(300);
    expect(drawn.some((s) => s > Q / 2n) && drawn.some((s) => s < Q / 2n)).toBe(true);
    expect(modQ(-1n)).toBe(Q - 1n);
  });
});
