/** What a delegate sees when something went wrong. */

import { ProtocolError } from "../protocol/encoding/errors.ts";
import type { Screen } from "./screen.ts";
import { Refusal, Unreachable } from "./server.ts";

const LATER = new Set(["unreachable", "busy", "storage_unavailable", "internal_error", "too_slow", "wrong_state"]);

const AGAIN = new Set(["recovery_taken", "storage_full", "browser"]);

/**
 * The screen after an error: an alarm where the protocol was broken, which only a server can be blamed
 * for, else what can be done.
 *
 * @param at the screen before it
 * @param typed whether the code came from the person at the page
 * @param sent whether a ballot may have left this device
 */
export function screenAfter(error: unknown, at: Screen["is"], typed: boolean, sent: boolean): Screen {
  const refusal = error instanceof Refusal;
  const broken = error instanceof ProtocolError;
  const code = refusal ? error.code : error instanceof Unreachable ? "unreachable" : "browser";
  if (at === "sending" && (!refusal || LATER.has(code)) && !broken) return { is: "unsent", code };
  if (refusal && (code === "enter_code" || (code === "bad_code" && typed))) {
    return { is: "enter", wrong: code === "bad_code" ? "code" : null };
  }
  if (broken && sent && error.code === "bad_checkpoint") {
    return { is: "stopped", code: "uncertain", alarm: true, again: false };
  }
  if (broken && error.code === "bad_code") return { is: "restore", wrong: "code" };
  if (broken) return { is: "stopped", code: error.code, alarm: true, again: false };
  return { is: "stopped", code, alarm: false, again: AGAIN.has(code) || LATER.has(code) };
}
