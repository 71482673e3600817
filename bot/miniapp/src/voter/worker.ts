/** Encrypts and checks ballots, so that the page stays alive meanwhile. */

import { checkOpening, Opening, prepare, warm } from "../protocol/ballot.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { Election } from "../protocol/session.ts";
import type { Answered, Asked } from "./work.ts";

self.onmessage = (event: MessageEvent<Asked>) => {
  try {
    if (event.data.do === "warm") warm(Election.decode(event.data.election));
    else answer(work(event.data));
  } catch (error) {
    const code = error instanceof ProtocolError ? error.code : "internal_error";
    answer({ is: "failed", code, detail: error instanceof Error ? error.message : "" });
  }
};

function work(asked: Exclude<Asked, { do: "warm" }>): Answered {
  const election = Election.decode(asked.election);
  if (asked.do === "check") {
    const opening = Opening.decode(asked.opening);
    checkOpening(asked.ballot, election, opening);
    return { is: "checked", tracker: opening.tracker, choices: opening.choices };
  }
  const progress = (done: number, total: number): void => answer({ is: "progress", done, total });
  const made = prepare(election, BigInt(asked.secret), asked.choices, progress);
  return {
    is: "prepared",
    ballot: Uint8Array.from(made.raw),
    tracker: made.tracker,
    opening: Uint8Array.from(made.opening.encode()),
  };
}

function answer(answered: Answered): void {
  self.postMessage(answered);
}
