/** session.json: accepted only as the one of the definition. */

import { expect, test } from "vitest";
import { sha256, utf8 } from "../src/protocol/encoding/encoding.ts";
import { about } from "../src/shared/about.ts";
import { outcome } from "./vectors.ts";

const PLAIN = {
  schema: "phieukin.session/1",
  uuid: "VectorsPhieuKin1",
  body: "Hội đồng nhân dân",
  title: "Lấy phiếu tín nhiệm",
  date: "2026-01-02",
  place: "",
  delegates: 7,
};
const BLOCKS = [
  { heading: "Khối Đảng", officials: 1 },
  { heading: "Khối Nhà nước", officials: 2 },
];

function bytes(value: object): Uint8Array {
  return utf8(JSON.stringify(value));
}

test("headings stand where the khối begin", () => {
  const raw = bytes({ ...PLAIN, blocks: BLOCKS, guidance: ["Mục đích.", "Cách ghi."] });
  const read = about(raw, sha256(raw), 3);
  expect([...read.headings]).toEqual([
    [0, "Khối Đảng"],
    [1, "Khối Nhà nước"],
  ]);
  expect(read.guidance).toEqual(["Mục đích.", "Cách ghi."]);
});

test("a session without khối has no headings", () => {
  const raw = bytes(PLAIN);
  expect(about(raw, sha256(raw), 3)).toEqual({ guidance: [], headings: new Map(), rules: null, instrument: null });
});

test("a body's own rules are cited by their name", () => {
  const rules = { id: "quy-che-hoi", instrument: "Quy chế số 12-QC/HLG" };
  const raw = bytes({ ...PLAIN, rules });
  expect(about(raw, sha256(raw), 3).instrument).toBe(rules.instrument);
});

test.each([
  ["another file", bytes(PLAIN), sha256(bytes({ ...PLAIN, place: "Huế" }))],
  ["khối of another ballot", bytes({ ...PLAIN, blocks: BLOCKS.slice(1) }), null],
])("%s is refused", async (_name, raw, digest) => {
  expect(await outcome(() => about(raw, digest ?? sha256(raw), 3))).toBe("bad_definition");
});

test.each([
  ["an unknown field", { ...PLAIN, more: 1 }],
  ["a heading of two lines", { ...PLAIN, blocks: [{ heading: "a\nb", officials: 3 }] }],
  ["rules without a name", { ...PLAIN, rules: { id: "quy-che-hoi" } }],
  ["a khối of nobody", { ...PLAIN, blocks: [{ heading: "a", officials: 0 }] }],
])("%s is malformed", async (_name, value) => {
  const raw = bytes(value);
  expect(await outcome(() => about(raw, sha256(raw), 3))).toBe("malformed");
});
