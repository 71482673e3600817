/** The archive of a closed session, audited by a trustee before it signs (docs/protocol.md §6.4). */

import { type AuditRequest, audit, type Check } from "../../protocol/audit/audit.ts";
import { sizeLimit } from "../../protocol/ballot/size.ts";
import { ProtocolError } from "../../protocol/encoding/errors.ts";
import { readArchive } from "../../protocol/record/archive.ts";
import { parseBody } from "../../protocol/record/checkpoint.ts";
import type { Note } from "../../protocol/record/note.ts";
import type { Election } from "../../protocol/session/session.ts";
import type { TrusteeState } from "../../protocol/trustee/keyfile.ts";
import { Knowing, signedTrackers } from "../../protocol/trustee/knowing.ts";
import type { ClosedArchive, Notes } from "../../protocol/trustee/signable.ts";
import { judges } from "../run.ts";
import { Fault } from "./fault.ts";

// Bytes, generously, as in crypto/audit/archive.py: the blocks of a file and its event, a line of
// credentials, what trustees.json has of each, and a share or the tally for each level.
const [EVENT, CREDENTIAL, TRUSTEE, SHARE] = [4096, 70, 16 << 10, 512] as const;
const MOST_TRUSTEES = 32;

/** No archive of the session is larger, in bytes, if it has as many credentials as were sealed. */
export function recordLimit(election: Election, { opening }: Notes): number {
  const [, , , registered = 0] = parseBody(opening?.text ?? "").counts;
  const levels = election.questions.reduce((sum, { answers }) => sum + answers.length, 0);
  const fixed = election.raw.length + MOST_TRUSTEES * (TRUSTEE + SHARE * levels);
  return EVENT * (MOST_TRUSTEES + 8) + fixed + registered * (sizeLimit(election) + EVENT + CREDENTIAL);
}

/**
 * Makes checks 1 to 7; `heard` gets each as it goes on. Ballots whose closing this key has signed are
 * not proved again. Throws a Fault audit, naming the check.
 */
export async function auditClosed(
  record: Blob,
  state: TrusteeState,
  closing: Note,
  heard: (check: Check) => void,
): Promise<ClosedArchive> {
  const request: AuditRequest = { record, scope: "archive", closed: true };
  const known = await knownIn(record, state, closing);
  const all = judges();
  const checks = audit(request, (election) => new Knowing(election, known, all(election)));
  for (;;) {
    const { done, value } = await checks.next();
    if (!done) {
      heard(value);
      continue;
    }
    const last = value.checks.at(-1);
    if (value.verdict === "holds" && value.closed !== null) return value.closed;
    throw new Fault("audit", `check ${last?.no} ${last?.id}: ${last?.code} ${last?.detail ?? ""}`);
  }
}

/** The trackers that this key has signed for; none of a file that is no archive, of which the audit says more. */
async function knownIn(record: Blob, state: TrusteeState, closing: Note): Promise<Set<string>> {
  try {
    return await signedTrackers(state, closing, await readArchive(record));
  } catch (error) {
    if (error instanceof ProtocolError) return new Set();
    throw error;
  }
}
