/** The page's side of the worker. */

import { ProtocolError } from "../protocol/errors.ts";
import { Unreachable } from "./server.ts";
import type { Answered, Asked, Checked, Prepared } from "./work.ts";

let ready: Worker | null = null;

/**
 * Fetches the worker beforehand: the network may be gone when it is needed.
 *
 * @param election whose tables it may make meanwhile.
 */
export function warm(election?: Uint8Array): Worker {
  ready ??= new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  if (election) ready.postMessage({ do: "warm", election } satisfies Asked);
  return ready;
}

/** An encrypted ballot and its opening; the one is cast or the other revealed, never both. */
export async function encrypt(
  election: Uint8Array,
  secret: bigint,
  choices: readonly (number | null)[],
  progress: (done: number, total: number) => void,
): Promise<Prepared> {
  const asked: Asked = { do: "prepare", election, secret: String(secret), choices };
  return (await inWorker(asked, progress)) as Prepared;
}

/** What an opened ballot says. Throws bad_ballot where the device encrypted something else. */
export async function check(election: Uint8Array, ballot: Uint8Array, opening: Uint8Array): Promise<Checked> {
  return (await inWorker({ do: "check", election, ballot, opening }, () => {})) as Checked;
}

/** One task; the page has no two at a time. */
function inWorker(asked: Asked, progress: (done: number, total: number) => void): Promise<Answered> {
  const worker = warm();
  return new Promise<Answered>((done, failed) => {
    worker.onerror = () => {
      ready = null;
      failed(new Unreachable("the worker"));
    };
    worker.onmessage = (event: MessageEvent<Answered>) => {
      const said = event.data;
      if (said.is === "progress") progress(said.done, said.total);
      else if (said.is === "failed") failed(new ProtocolError(said.code, said.detail));
      else done(said);
    };
    worker.postMessage(asked);
  });
}
