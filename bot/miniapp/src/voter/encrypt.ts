/**
 * The page's side of the slow work. A worker does it; where a browser has none, does not get its
 * script, or lets it fall silent, the page does it itself, in slices.
 */

import { ProtocolError } from "../protocol/encoding/errors.ts";
import type { Election } from "../protocol/session/session.ts";
import { Unreachable } from "./server.ts";
import type { Answer, Checked, Definition, Prepared, Task } from "./work.ts";
import type { Workbench } from "./workbench.ts";

const SILENCE = 8_000; // milliseconds; whoever works tells of every line

/** An answer that is waited for. */
interface Pending {
  readonly task: Task;
  hear(answer: Answer): void;
  fail(error: Error): void;
}

let worker: Worker | null | undefined; // undefined before it was tried
let bench: Promise<Workbench> | null = null; // the page itself, once there is no worker
let pending: Pending | null = null;
let watch: ReturnType<typeof setTimeout> | undefined;

/** Fetches the worker beforehand: the network may be gone when it is needed. */
export function start(): void {
  if (worker !== undefined) return;
  try {
    // A classic one: browsers have had workers for long, module workers not.
    worker = new Worker(new URL("./worker.ts", import.meta.url));
    worker.onmessage = (event: MessageEvent<Answer>) => hear(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      dismiss();
    };
  } catch {
    dismiss();
  }
}

/** Makes the tables for this definition meanwhile. */
export function warm(election: Election): void {
  give({ do: "warm", election: definition(election) });
}

/** Makes what of a ballot depends on no choice, while the voter reads and fills in. */
export function lay(election: Election): void {
  give({ do: "lay", election: definition(election) });
}

/** An encrypted ballot and its opening; the one is cast or the other revealed, never both. */
export async function encrypt(
  election: Election,
  secret: bigint,
  choices: readonly (number | null)[],
  progress: (done: number) => void,
): Promise<Prepared> {
  const task: Task = { do: "prepare", election: definition(election), secret: String(secret), choices };
  return (await answerTo(task, progress)) as Prepared;
}

/** What an opened ballot says. Throws bad_ballot where the device encrypted something else. */
export async function check(election: Election, ballot: Uint8Array, opening: Uint8Array): Promise<Checked> {
  const task: Task = { do: "check", election: definition(election), ballot, opening };
  return (await answerTo(task, () => {})) as Checked;
}

function definition({ uuid, phi, publicKey, questions }: Election): Definition {
  return { uuid, phi, publicKey: publicKey.hex, questions };
}

/** One task; the page has no two at a time. */
function answerTo(task: Task, progress: (done: number) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      pending = null;
      reject(error);
    };
    const listener = (answer: Answer): void => {
      if (answer.is === "progress") {
        progress(answer.done);
      } else if (answer.is === "failed") {
        fail(answer.code === null ? new Error(answer.detail) : new ProtocolError(answer.code, answer.detail));
      } else {
        pending = null;
        resolve(answer);
      }
    };
    pending = { task, hear: listener, fail };
    give(task);
    listen();
  });
}

function give(task: Task): void {
  start();
  if (worker) worker.postMessage(task);
  else
    void here().then(
      (made) => made.take(task),
      () => pending?.fail(new Unreachable("the workbench")),
    );
}

function hear(answer: Answer): void {
  pending?.hear(answer);
  listen();
}

/** Waits for the next sign of life while something is asked of the worker. */
function listen(): void {
  clearTimeout(watch);
  if (pending !== null && worker) watch = setTimeout(dismiss, SILENCE);
}

/** From now on without the worker. */
function dismiss(): void {
  worker?.terminate();
  worker = null;
  if (pending !== null) give(pending.task);
  else void here().catch(() => {});
}

/** The page's own workbench, fetched at once where there is no worker. */
async function here(): Promise<Workbench> {
  bench ??= import("./workbench.ts").then(({ Workbench: Made }) => new Made(hear));
  try {
    return await bench;
  } catch (error) {
    bench = null;
    throw error;
  }
}
