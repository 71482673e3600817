/**
 * The states of a session as they are public (docs/protocol.md §6.1; the twin of crypto/lifecycle.py).
 *
 * While the committee seals the box, the public state is still check-in.
 */

import { malformed } from "../encoding/errors.ts";

export const STATES = [
  "draft",
  "sealed",
  "checkin",
  "open",
  "closed",
  "tallied",
  "published",
  "cancelled",
  "failed",
] as const;

/** Where a session stands. */
export type State = (typeof STATES)[number];

/** States after the close: no ballot can be cast any more. */
export const OVER: ReadonlySet<State> = new Set(["closed", "tallied", "published"]);

/** States of a session that ended without a result. */
export const ENDED: ReadonlySet<State> = new Set(["cancelled", "failed"]);

/** The state a server names. Throws malformed for one that does not exist. */
export function state(name: unknown): State {
  const known = STATES.find((candidate) => candidate === name);
  if (known === undefined) throw malformed("session.state: the server names a state that does not exist");
  return known;
}
