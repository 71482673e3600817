/** A trustee's work by files, and what a server or a stick gives that is too much, cut off or another's. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Carried } from "../src/committee/trustee/courier/carried.ts";
import { Server } from "../src/committee/trustee/courier/server.ts";
import { answerFile, fetchStep, readAnswer, readStep } from "../src/committee/trustee/courier/stepfile.ts";
import type { FaultName } from "../src/committee/trustee/fault.ts";
import { type Bytes, toBase64, toText, utf8 } from "../src/protocol/encoding/encoding.ts";
import { freshState } from "../src/protocol/trustee/keyfile.ts";
import { commit, single } from "../src/protocol/trustee/trustee.ts";
import { election } from "./vectors.ts";

const saved: File[] = [];
vi.mock("../src/shared/download.ts", () => ({ download: (file: File) => saved.push(file) }));

const UUID = election("five").uuid;
const FIRST = commit(1, 3, 2).file;
const ENTRY = { server: "https://vote.example.vn", uuid: UUID, code: "7KQ2M4XW9RTB0VJN" };
const DRAFT = { index: 1, size: 3, threshold: 2, state: "draft", messages: {}, election: null, session: null };

/** Answers by the end of a path; what was put, by its. */
function serving(shown: object, more: Readonly<Record<string, () => Response>> = {}): Map<string, Bytes> {
  const left = new Map<string, Bytes>();
  vi.stubGlobal("fetch", async (address: string, { method, body }: RequestInit) => {
    const name = address.split("/").at(-1) ?? "";
    if (method === "PUT") {
      left.set(name, new Uint8Array(body as Uint8Array<ArrayBuffer>));
      return new Response(null, { status: 204 });
    }
    if (name === "login") return new Response(JSON.stringify({ bearer: "x" }));
    return more[name]?.() ?? new Response(JSON.stringify(shown));
  });
  return left;
}

async function stepOf(shown: object, more?: Readonly<Record<string, () => Response>>): Promise<File> {
  serving(shown, more);
  return fetchStep(new Server(ENTRY));
}

function fails(fault: FaultName): object {
  return expect.objectContaining({ fault });
}

beforeEach(() => {
  saved.length = 0;
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a step file", () => {
  test("has exactly what the server sent", async () => {
    const messages = { step1: { 2: toBase64(utf8("x")) } };
    const file = await stepOf(
      { ...DRAFT, state: "opening", messages },
      {
        checkpoints: () => new Response("notes"),
        credentials: () => new Response("[]"),
      },
    );
    expect(file.name).toBe(`${UUID}-trustee-1-opening.step`);
    const { view, checkpoints, credentials, record } = await readStep(file);
    expect([view.uuid, view.index, view.state, [...view.messages.step1.keys()]]).toEqual([UUID, 1, "opening", [2]]);
    expect([toText(checkpoints), toText(credentials), record.size]).toEqual(["notes", "[]", 0]);
  });

  test("of a closed session waits for the closing", async () => {
    const closed = stepOf({ ...DRAFT, state: "closed" }, { checkpoints: () => new Response("") });
    await expect(closed).rejects.toMatchObject({ code: "incomplete" });
  });

  test("that is cut off anywhere is told so, or to be none", async () => {
    const file = await stepOf(DRAFT);
    for (let size = 0; size < file.size; size++) {
      const reading = readStep(file.slice(0, size));
      await expect(reading).rejects.toSatisfy((error: { fault?: FaultName }) =>
        ["no_step_file", "cut_step_file"].includes(error.fault ?? ""),
      );
    }
    await expect(readStep(file.slice(0, file.size - 1))).rejects.toEqual(fails("cut_step_file"));
  });

  test.each([
    ["", "no_step_file"],
    ["\xff\xd8\xff a picture\n", "no_step_file"],
    ['{"schema":"phieukin.key/1"}\n', "no_step_file"],
    [`{"schema":"phieukin.step/2","uuid":"${UUID}","parts":{}}\n`, "no_step_file"],
    [parts({ committee: 2 ** 40 }), "no_step_file"],
    [parts({ committee: 5 }), "cut_step_file"],
    [`${parts({ committee: 5 })}12345`, "malformed"],
  ])("%j is none", async (content, fault) => {
    const wrong = readStep(new Blob([content]));
    await expect(wrong).rejects.toMatchObject(fault === "malformed" ? { code: fault } : { fault });
  });

  test("that somebody else's is, or another session's, is not gone on with", async () => {
    const courier = new Carried(await readStep(await stepOf(DRAFT)));
    await expect(courier.take(await stepOf({ ...DRAFT, index: 2 }))).rejects.toEqual(fails("other_step"));
    serving(DRAFT);
    const other = await fetchStep(new Server({ ...ENTRY, uuid: "1".repeat(16) }));
    await expect(courier.take(other)).rejects.toEqual(fails("other_step"));
    expect((await courier.look()).index).toBe(1);
  });

  test("without its archive's limit is too large", async () => {
    const courier = new Carried({ ...(await readStep(await stepOf(DRAFT))), record: new Blob(["12345"]) });
    expect((await courier.record(5)).size).toBe(5);
    await expect(courier.record(4)).rejects.toEqual(fails("too_large"));
  });
});

function parts(sizes: object): string {
  const all = { committee: 0, checkpoints: 0, credentials: 0, record: 0, ...sizes };
  return `${JSON.stringify({ schema: "phieukin.step/1", uuid: UUID, parts: all })}\n`;
}

describe("an answer", () => {
  test("is the message itself, stands in the view until the next step file, and is handed in", async () => {
    const step = await stepOf(DRAFT);
    const courier = new Carried(await readStep(step));
    await courier.put("step1", FIRST);
    const [answer] = saved;
    if (answer === undefined) throw new Error("nothing was saved");
    expect(answer.name).toBe(`${UUID}-trustee-1-step1.json`);
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(FIRST);
    expect((await courier.look()).messages.step1.get(1)).toEqual(FIRST);
    const left = serving(DRAFT);
    const server = new Server(ENTRY);
    const { kind, message } = await readAnswer(answer, await server.look());
    await server.put(kind, message);
    expect([...left]).toEqual([["step1", FIRST]]);
    await courier.take(step);
    expect((await courier.look()).messages.step1.size).toBe(0);
  });

  test("of a trustee alone is a first message, too; that a key was tried is one of its own", async () => {
    const view = (await readStep(await stepOf({ ...DRAFT, size: 1, threshold: 1 }))).view;
    const alone = answerFile(view, "step1", single(freshState(1, 1, 1)).file);
    expect((await readAnswer(alone, view)).kind).toBe("step1");
    const checked = answerFile(view, "checked", new Uint8Array());
    expect(await readAnswer(checked, view)).toEqual({ kind: "checked", message: new Uint8Array() });
    await expect(readAnswer(checked, { ...view, index: 2 })).rejects.toEqual(fails("other_answer"));
  });

  test.each([
    ["", "no_answer"],
    ['{"schema":"phieukin.key/1","salt":"x"}', "no_answer"],
    ["phieukin/nonsense", "no_answer"],
    ["x".repeat((1 << 20) + 1), "no_answer"],
  ] as const)("%.30j is none", async (content, fault) => {
    const { view } = await readStep(await stepOf(DRAFT));
    await expect(readAnswer(new Blob([content]), view)).rejects.toEqual(fails(fault));
  });
});

describe("a server", () => {
  test("that sends more than an archive can have is not read to its end", async () => {
    let sent = 0;
    const endless = () =>
      new Response(
        new ReadableStream({
          pull(stream) {
            sent += 1000;
            stream.enqueue(new Uint8Array(1000));
          },
        }),
      );
    serving(DRAFT, { record: endless });
    await expect(new Server(ENTRY).record(10_000)).rejects.toEqual(fails("too_large"));
    expect(sent).toBeLessThan(20_000);
  });

  test("whose answer breaks off is asked again, four times, and then unreachable", async () => {
    vi.useFakeTimers();
    let asked = 0;
    const broken = () => {
      asked++;
      return new Response(
        new ReadableStream({
          start(stream) {
            stream.enqueue(new Uint8Array(10));
            stream.error(new TypeError("network error"));
          },
        }),
      );
    };
    serving(DRAFT, { checkpoints: broken });
    const outcome = new Server(ENTRY).checkpoints().catch((error: unknown) => error);
    await vi.runAllTimersAsync();
    expect(await outcome).toEqual(fails("unreachable"));
    expect(asked).toBe(4);
  });

  test.each([
    ["a page", () => new Response("<html>"), "no_server"],
    ["a proxy", () => new Response("<html>", { status: 403 }), "no_server"],
    ["another role", () => Response.json({ code: "refused" }, { status: 403 }), "not_trustee"],
  ] as const)("that is %s", async (_, answer, fault) => {
    serving(DRAFT, { [UUID]: answer });
    await expect(new Server(ENTRY).look()).rejects.toEqual(fails(fault));
  });
});
