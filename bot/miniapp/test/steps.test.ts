/** What comes next for a trustee: the twin of tests/admin/client/test_trustee.py. */

import { describe, expect, test } from "vitest";
import { entryOf } from "../src/committee/trustee/courier/link.ts";
import { Fault } from "../src/committee/trustee/fault.ts";
import { drawn, weaknessOf } from "../src/committee/trustee/passphrase.ts";
import { findStep, type Next } from "../src/committee/trustee/steps.ts";
import { decodeView, KINDS, type Kind, type View } from "../src/committee/trustee/view.ts";
import { type Bytes, toBase64, toText, utf8 } from "../src/protocol/encoding/encoding.ts";
import { freshState, type TrusteeState } from "../src/protocol/trustee/keyfile.ts";
import { decodeStep2 } from "../src/protocol/trustee/messages.ts";
import { secondsLeft } from "../src/protocol/trustee/signing.ts";
import { commit, conclude, reveal, single } from "../src/protocol/trustee/trustee.ts";
import { election } from "./vectors.ts";

/** A committee of three, two of whom open the totals, with every message that it sends. */
function held() {
  const ones = [1, 2, 3].map((index) => commit(index, 3, 2));
  const firsts = ones.map(({ file }) => file);
  const twos = ones.map(({ state }) => reveal(state, firsts));
  const seconds = twos.map(({ file }) => decodeStep2(file));
  const threes = twos.map(({ state }) => conclude(state, seconds));
  return { ones, twos, threes };
}

const room = held();
const [fresh, waiting, finished] = [room.ones[0], room.twos[0], room.threes[0]].map((stepped) => stepped?.state);
const FILES: Readonly<Partial<Record<Kind, readonly Bytes[]>>> = {
  step1: room.ones.map(({ file }) => file),
  step2: room.twos.map(({ file }) => file),
  step3: room.threes.map(({ file }) => file),
};

/** Trustee 1's view when so many messages of each kind are there. */
function at(sent: Partial<Record<Kind, number>>, more: Partial<View> = {}): View {
  const messages = Object.fromEntries(
    KINDS.map((kind) => {
      const raws = Array.from({ length: sent[kind] ?? 0 }, (_, i) => FILES[kind]?.[i] ?? utf8("x"));
      return [kind, new Map(raws.map((raw, i) => [i + 1, raw] as const))];
    }),
  ) as unknown as View["messages"];
  const place = { uuid: "1".repeat(16), index: 1, size: 3, threshold: 2 };
  return { ...place, state: "draft", messages, election: null, session: null, ...more };
}

const ALL = { step1: 3, step2: 3, step3: 3 };

describe("the ceremony goes on wherever it stopped", () => {
  test.each<[Partial<Record<Kind, number>>, TrusteeState | null | undefined, Next]>([
    [{}, null, "make_key"],
    [{}, fresh, "step1"],
    [{ step1: 1 }, fresh, "wait_step1"],
    [{ step1: 3 }, fresh, "step2"],
    [{ step1: 3 }, waiting, "step2"],
    [{ step1: 3, step2: 1 }, waiting, "wait_step2"],
    [{ step1: 3, step2: 3 }, waiting, "step3"],
    [{ step1: 3, step2: 3, step3: 1 }, waiting, "step3"],
    [ALL, finished, "wait_proposal"],
  ])("%j", (sent, key, expected) => {
    expect(findStep(at(sent), key ?? null, 0)).toBe(expected);
  });

  test("the proposed definition is signed, once", () => {
    const view = at(ALL, { election: "{}" });
    expect(findStep(view, finished ?? null, 0)).toBe("sign");
    const signed = { ...remembering(), definition: "x" };
    expect(findStep(at({ ...ALL, seal: 1 }, { election: "{}" }), signed, 0)).toBe("wait_seal");
  });
});

function remembering(memory: Partial<TrusteeState> = {}): TrusteeState {
  if (finished === undefined) throw new Error("there is no key");
  return { ...finished, ...memory };
}

function faultOf(view: View, key: TrusteeState | null): string {
  try {
    return findStep(view, key, 0);
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
}

describe("a key that does not belong here", () => {
  test("is refused, and why is told", () => {
    expect(faultOf(at({}), room.ones[1]?.state ?? null)).toBe("other_session");
    expect(faultOf(at({ step1: 1 }), null)).toBe("key_needed");
    expect(faultOf(at({ step1: 1 }), held().ones[0]?.state ?? null)).toBe("other_key");
    expect(faultOf(at({}), remembering())).toBe("restarted");
    expect(faultOf(at({}), remembering({ definition: "x" }))).toBe("other_key");
  });

  test("has forgotten what it signed", () => {
    const [opening, closed] = [{ state: "opening" }, { state: "closed" }] as const;
    expect(faultOf(at({ ...ALL, seal: 1 }, { election: "{}" }), remembering())).toBe("old_copy");
    expect(faultOf(at({ ...ALL, opening: 1 }, opening), remembering())).toBe("old_copy");
    expect(faultOf(at({ ...ALL, closing: 1 }, closed), remembering())).toBe("old_copy");
    expect(faultOf(at({ ...ALL, closing: 3 }, closed), remembering())).toBe("see_closed");
  });
});

describe("the day of the meeting", () => {
  test("a quorum of 2 of 3 is all three", () => {
    const opening = { state: "opening" } as const;
    expect(findStep(at(ALL, opening), remembering(), 0)).toBe("sign_opening");
    expect(findStep(at({ ...ALL, opening: 2 }, opening), remembering({ opening: "x" }), 0)).toBe("wait_opened");
    const five = at({ opening: 4 }, { ...opening, index: 5, size: 5, threshold: 3 });
    expect(findStep(five, remembering({ index: 5, size: 5, threshold: 3 }), 0)).toBe("wait_opened");
  });

  test("the pause is that of the definition", () => {
    const five = election("five");
    const seconds = five.ours.policy.checkSeconds;
    const view = at({ ...ALL, closing: 3 }, { state: "closed", uuid: five.uuid, election: toText(five.raw) });
    const key = remembering({ quorumSeen: 1000, closing: "x" });
    expect(findStep(view, key, 1000 + seconds - 1)).toBe("wait_check");
    expect(findStep(view, key, 1000 + seconds)).toBe("share");
    expect(findStep({ ...view, messages: at({ ...ALL, closing: 3, share: 1 }).messages }, key, 9999)).toBe(
      "wait_shares",
    );
  });

  test("a trustee alone has one message, and signs each moment by itself", () => {
    const state = freshState(1, 1, 1);
    const alone = { index: 1, size: 1, threshold: 1 };
    const sent = (kinds: readonly Kind[], more: Partial<View>): View => {
      const view = at({}, { ...alone, ...more });
      const first = single(state).file;
      const messages = Object.fromEntries(
        KINDS.map((kind) => [kind, new Map(kinds.includes(kind) ? [[1, first] as const] : [])]),
      );
      return { ...view, messages: messages as unknown as View["messages"] };
    };
    expect(findStep(sent([], {}), state, 0)).toBe("step1");
    expect(findStep(sent(["step1"], {}), state, 0)).toBe("wait_proposal");
    expect(findStep(sent(["step1"], { election: "{}" }), state, 0)).toBe("sign");
    expect(findStep(sent(["step1"], { state: "opening" }), state, 0)).toBe("sign_opening");
    expect(findStep(sent(["step1"], { state: "closed" }), state, 0)).toBe("sign_closing");
    expect(findStep(sent(["step1", "closing"], { state: "closed" }), { ...state, closing: "x" }, 0)).toBe("see_closed");
    expect(faultOf(sent(["step1"], {}), freshState(1, 1, 1))).toBe("other_key");
  });

  test("a clock that is off makes nobody wait longer than the pause, once", () => {
    const seen = remembering({ quorumSeen: 1_790_000_000 });
    expect(secondsLeft(seen, 60, 1_790_000_030)).toBe(30);
    expect(secondsLeft(seen, 60, 0)).toBe(60); // put back by decades
    expect(secondsLeft(seen, 60, 4_000_000_000)).toBe(0); // put forward: the hall is asked all the same
  });

  test("nothing is to be done between and afterwards", () => {
    expect(findStep(at(ALL, { state: "checkin" }), remembering(), 0)).toBe("wait_opening");
    expect(findStep(at(ALL, { state: "open" }), remembering(), 0)).toBe("wait_close");
    for (const state of ["tallied", "published", "cancelled", "failed"] as const) {
      expect(findStep(at(ALL, { state }), remembering(), 0)).toBe("over");
    }
  });
});

describe("what the server shows", () => {
  const answer = { index: 1, size: 3, threshold: 2, state: "draft", messages: {}, election: null, session: null };

  test("is read", () => {
    const messages = { step1: { 2: toBase64(utf8("x")) } };
    const view = decodeView("1".repeat(16), { ...answer, messages, later: 1 });
    expect([...view.messages.step1.keys()]).toEqual([2]);
  });

  test.each([
    null,
    { ...answer, index: 4 },
    { ...answer, state: "asleep" },
    { ...answer, messages: { step1: { 4: "" } } },
    { ...answer, messages: { step1: "x" } },
    { ...answer, election: 1 },
  ])("is refused where it is no such view: %j", (wrong) => {
    expect(() => decodeView("1".repeat(16), wrong)).toThrow();
  });
});

describe("a letter", () => {
  const uuid = "VectorsPhieuKin1";
  const here = { server: "", uuid: "" };

  test("is a link or a code", () => {
    const whole = { server: "https://vote.example.vn", uuid, code: "7KQ2M4XW9RTB0VJN" };
    const code = "7kq2 m4xw-9rtb-0vjn";
    expect(entryOf({ ...here, text: `https://vote.example.vn/v/${uuid}#c=7KQ2-M4XW-9RTB-0VJN` })).toEqual(whole);
    expect(entryOf({ ...here, text: `https://vote.example.vn/committee#s=${uuid}&c=${code}` })).toEqual(whole);
    expect(entryOf({ text: code, server: "vote.example.vn", uuid })).toEqual(whole);
    expect(entryOf({ text: code, server: "http://127.0.0.1:8000", uuid }).server).toBe("http://127.0.0.1:8000");
  });

  test.each([
    [{ ...here, text: "7KQ2-M4XW-9RTB-0VJN" }, "bad_link"],
    [{ text: "7KQ2-M4XW-9RTB-0VJN", server: "http://vote.example.vn", uuid }, "insecure"],
    [{ text: "7KQ2-M4XW-9RTB", server: "https://vote.example.vn", uuid }, "bad_code"],
    [{ ...here, text: `https://vote.example.vn/v/${uuid}` }, "bad_code"],
    [{ ...here, text: "#c=x" }, "bad_link"],
  ])("that says too little is told so: %j", (typed, fault) => {
    expect(() => entryOf(typed)).toThrow(expect.objectContaining({ fault }));
  });
});

describe("a passphrase", () => {
  test("that the page draws has 2000 words six times, and none that a Vietnamese keyboard changes", () => {
    const draws = Array.from({ length: 2000 }, drawn);
    const found = new Set(draws.flatMap((passphrase) => passphrase.split(" ")));
    expect(
      draws.every((passphrase) => /^([bghklmnptv][aeiou]){2}( ([bghklmnptv][aeiou]){2}){5}$/.test(passphrase)),
    ).toBe(true);
    expect(new Set(draws).size).toBe(draws.length);
    expect([...found].every((word) => word[1] !== word[3])).toBe(true);
    expect(found.size).toBeGreaterThan(1950); // of 2000, drawn 12000 times: 5 are missing
    expect(draws.every((passphrase) => weaknessOf(passphrase) === null)).toBe(true);
  });

  test.each(["hoa sen trắng 94", "bốn con mèo đen ngủ", "xK7#mq92Lp!vb"])("%s is good enough", (passphrase) => {
    expect(weaknessOf(passphrase)).toBeNull();
  });

  test.each([
    ["short", "ngắn quá"],
    ["control", "hoa sen trắng\n94"],
    ["weak", "aaaaaaaaaaaaaaaa"],
    ["weak", "123456789012345"],
    ["weak", "mật khẩu 2026"],
    ["weak", "ban kiểm phiếu 2026"],
    ["weak", "qwertyuiopasdf"],
    ["weak", "abcabcabcabcabc"],
    ["weak", "correct horse battery staple"],
  ])("is %s: %s", (weakness, passphrase) => {
    expect(weaknessOf(passphrase)).toBe(weakness);
  });
});
