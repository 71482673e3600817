/**
 * What a trustee does next, from what the server shows and from the own key: the twin of `find_step`
 * in admin/client/trustee.py. Pure: it asks nobody and stores nothing.
 */

import { toText } from "../../protocol/encoding/encoding.ts";
import { G, power } from "../../protocol/group/group.ts";
import type { Moment } from "../../protocol/session/committee.ts";
import type { TrusteeState } from "../../protocol/trustee/keyfile.ts";
import { decodeSingle } from "../../protocol/trustee/messages.ts";
import { decryptionScalar } from "../../protocol/trustee/seed.ts";
import { secondsLeft } from "../../protocol/trustee/signing.ts";
import { Fault } from "./fault.ts";
import { definitionOf, type Kind, missing, own, quorumOf, SIGNATURES, signedAt, type View } from "./view.ts";

export const NEXT = [
  ...(["make_key", "step1", "wait_step1", "step2", "wait_step2", "step3", "wait_proposal", "sign"] as const),
  ...(["wait_seal", "wait_opening", "sign_opening", "wait_opened", "wait_close", "sign_closing"] as const),
  ...(["wait_closed", "see_closed", "wait_check", "share", "wait_shares", "over"] as const),
] as const;
export type Next = (typeof NEXT)[number];

/** Steps at which others are waited for, or the chair. */
export const WAITING: ReadonlySet<Next> = new Set<Next>([
  ...(["wait_step1", "wait_step2", "wait_proposal", "wait_seal", "wait_opening", "wait_opened"] as const),
  ...(["wait_close", "wait_closed", "wait_check", "wait_shares"] as const),
]);

/** Steps that a restored copy does not take: it may have forgotten what it signed (§5.1). */
export const NOT_RESTORED: ReadonlySet<Next> = new Set<Next>([
  ...(["step1", "step2", "step3", "sign", "sign_opening", "sign_closing"] as const),
]);

/**
 * Throws a Fault: the key is not this trustee's of this session, has forgotten what it signed, or the
 * ceremony was restarted. `now` in Unix seconds, for the pause before the totals.
 */
export function findStep(view: View, key: TrusteeState | null, now: number): Next {
  if (key === null && own(view, "step1") !== undefined) throw new Fault("key_needed");
  if (key !== null) checkPlace(view, key);
  const { state } = view;
  if (state === "draft") return key === null ? "make_key" : inCeremony(view, key);
  if (state === "sealed" || state === "checkin") return "wait_opening";
  if (state === "open") return "wait_close";
  if (state !== "opening" && state !== "closed") return "over";
  if (key === null) throw new Fault("key_needed");
  if (state === "opening") return atBox(view, key, "opening", "sign_opening", "wait_opened");
  return afterClose(view, key, now);
}

/** Sign, unless this trustee has, or enough others. */
function atBox(view: View, key: TrusteeState, moment: Moment, sign: Next, wait: Next): Next {
  return hasSigned(view, key, moment) || signedAt(view, moment) >= quorumOf(view) ? wait : sign;
}

function afterClose(view: View, key: TrusteeState, now: number): Next {
  if (signedAt(view, "closing") < quorumOf(view)) return atBox(view, key, "closing", "sign_closing", "wait_closed");
  if (key.quorumSeen === null) return "see_closed";
  if (secondsLeft(key, definitionOf(view).ours.policy.checkSeconds, now) > 0) return "wait_check";
  return own(view, "share") === undefined ? "share" : "wait_shares";
}

function checkPlace({ index, size, threshold }: View, key: TrusteeState): void {
  if (key.index === index && key.size === size && key.threshold === threshold) return;
  throw new Fault("other_session", `the key is of trustee ${key.index}, ${key.threshold} of ${key.size}`);
}

/** Whether this trustee's signature is on the server; the key must remember it. */
function hasSigned(view: View, key: TrusteeState, moment: Moment): boolean {
  const sent = own(view, SIGNATURES[moment]) !== undefined;
  if (sent && key[moment] === null) throw new Fault("old_copy", `the ${moment} was signed, and this key forgot it`);
  return sent;
}

function inCeremony(view: View, key: TrusteeState): Next {
  if (own(view, "step1") === undefined) {
    // A new key takes the place of this one in the browser: never of one that has signed.
    if (key.definition !== null) throw new Fault("other_key", "the server hides the message of a key that has signed");
    if (key.size > 1 && key.step1s.length === key.size) throw new Fault("restarted");
    return "step1";
  }
  checkOwn(view, key);
  const sent = { step1: true, step2: own(view, "step2") !== undefined, step3: false };
  sent.step3 = own(view, "step3") !== undefined && key.share !== null;
  const following: readonly (readonly [keyof typeof sent & Kind, Next])[] = [
    ["step1", "wait_step1"],
    ["step2", "wait_step2"],
    ["step3", "wait_proposal"],
  ];
  for (const [kind, wait] of key.size === 1 ? following.slice(0, 1) : following) {
    if (!sent[kind]) return kind;
    if (missing(view, kind).length > 0) return wait;
  }
  if (view.election === null) return "wait_proposal";
  return hasSigned(view, key, "definition") ? "wait_seal" : "sign";
}

/** What the server shows as this trustee's first message is what the key made. */
export function checkOwn(view: View, key: TrusteeState): void {
  const sent = own(view, "step1");
  if (sent === undefined) return;
  const ours =
    key.size === 1
      ? decodeSingle(sent).key.publicKey.equals(power(G, decryptionScalar(key)))
      : key.step1s.includes(toText(sent, "step 1"));
  if (!ours) throw new Fault("other_key");
}
