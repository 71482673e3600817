/** The page's side of the worker. */

import { ProtocolError } from "../protocol/errors.ts";
import { Unreachable } from "./server.ts";
import type { Answer, Checked, Prepared, Task } from "./work.ts";

let ready: Worker | null = null;

/**
 * Fetches the worker beforehand: the network may be gone when it is needed.
 *
 * @param election whose tables it may make meanwhile.
 */
export function warm(election?: Uint8Array): Worker {
  ready ??= new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  if (election) ready.postMessage({ do: "warm", election } satisfies Task);
  return ready;
}

/** An encrypted ballot and its opening; the one is cast or the other revealed, never both. */
export async function encrypt(
  election: Uint8Array,
  secret: bigint,
  choices: readonly (number | null)[],
  progress: (done: number, total: number) => void,
): Promise<Prepared> {
  const task: Task = { do: "prepare", election, secret: String(secret), choices };
  return (await inWorker(task, progress)) as Prepared;
}

/** What an opened ballot says. Throws bad_ballot where the device encrypted something else. */
export async function check(election: Uint8Array, ballot: Uint8Array, opening: Uint8Array): Promise<Checked> {
  return (await inWorker({ do: "check", election, ballot, opening }, () => {})) as Checked;
}

/** One task; the page has no two at a time. */
function inWorker(task: Task, progress: (done: number, total: number) => void): Promise<Answer> {
  const worker = warm();
  return new Promise<Answer>((resolve, reject) => {
    worker.onerror = () => {
      ready = null;
      reject(new Unreachable("the worker"));
    };
    worker.onmessage = (event: MessageEvent<Answer>) => {
      const answer = event.data;
      if (answer.is === "progress") progress(answer.done, answer.total);
      else if (answer.is === "failed") reject(new ProtocolError(answer.code, answer.detail));
      else resolve(answer);
    };
    worker.postMessage(task);
  });
}
