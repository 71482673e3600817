/** Encrypts and checks ballots, so that the page stays alive meanwhile. */

import { checkOpening, Opening, prepare, warm } from "../protocol/ballot.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { Election } from "../protocol/session.ts";
import type { Answer, Task } from "./work.ts";

self.onmessage = (event: MessageEvent<Task>) => {
  try {
    if (event.data.do === "warm") warm(Election.decode(event.data.election));
    else answer(work(event.data));
  } catch (error) {
    const code = error instanceof ProtocolError ? error.code : "internal_error";
    answer({ is: "failed", code, detail: error instanceof Error ? error.message : "" });
  }
};

function work(task: Exclude<Task, { do: "warm" }>): Answer {
  const election = Election.decode(task.election);
  if (task.do === "check") {
    const opening = Opening.decode(task.opening);
    checkOpening(task.ballot, election, opening);
    return { is: "checked", tracker: opening.tracker, choices: opening.choices };
  }
  const progress = (done: number, total: number): void => answer({ is: "progress", done, total });
  const prepared = prepare(election, BigInt(task.secret), task.choices, progress);
  return {
    is: "prepared",
    ballot: Uint8Array.from(prepared.raw),
    tracker: prepared.tracker,
    opening: Uint8Array.from(prepared.opening.encode()),
  };
}

function answer(message: Answer): void {
  self.postMessage(message);
}
