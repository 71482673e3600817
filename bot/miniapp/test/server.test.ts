/** How a page asks a server that is busy: when it is told to, and as often as it is told. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ask, Refusal } from "../src/voter/server.ts";

const ANSWER = { ok: "stored" };
let calls: number[];

beforeEach(() => {
  vi.useFakeTimers();
  calls = [];
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A server that refuses so many times, then answers. */
function refusing(times: number, status: number, code: string, headers: Record<string, string>, place?: unknown): void {
  vi.stubGlobal("fetch", async () => {
    calls.push(Date.now());
    if (calls.length > times) return new Response(JSON.stringify(ANSWER));
    return new Response(JSON.stringify({ code, place }), { status, headers });
  });
}

function pauses(): number[] {
  return calls.slice(1).map((moment, i) => moment - (calls[i] ?? 0));
}

async function settled<T>(asking: Promise<T>): Promise<T | unknown> {
  const outcome = asking.catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return outcome;
}

test("who is told to come back in twelve seconds does, twenty times, and hears its place", async () => {
  refusing(20, 503, "busy", { "Retry-After": "12" }, 612);
  const heard: [number, number | null][] = [];
  const outcome = await settled(ask("/x", { failing: (failures, place) => heard.push([failures, place]) }));
  expect(outcome).toBeInstanceOf(Response);
  expect(heard).toEqual(new Array(20).fill([0, 612]));
  expect(pauses().every((pause) => pause >= 12_000 && pause <= 14_000)).toBe(true);
  expect(new Set(pauses()).size).toBeGreaterThan(1);
});

test.each([
  ["a disk that is full", 503, "storage_unavailable", { "Retry-After": "5" }],
  ["a proxy", 503, "", {}],
  ["a date", 503, "busy", { "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT" }],
])("%s is given up after eight tries", async (_, status, code, headers: Record<string, string>) => {
  refusing(99, status, code, headers);
  const outcome = await settled(ask("/x"));
  expect(outcome).toBeInstanceOf(Refusal);
  expect(calls.length).toBe(8);
});

test.each([-1, 0.5, "7", null, 2 ** 60])("a place that is none is not shown: %s", async (place) => {
  refusing(1, 503, "busy", { "Retry-After": "9999" }, place);
  const heard: unknown[] = [];
  await settled(ask("/x", { failing: (_, told) => heard.push(told) }));
  expect(heard).toEqual([null]);
  expect(pauses()[0]).toBeLessThanOrEqual(122_000);
});

test("what need not be shown is not waited for", async () => {
  refusing(99, 503, "busy", { "Retry-After": "1" });
  await settled(ask("/x", { attempts: 2 }));
  expect(calls.length).toBe(2);
});
