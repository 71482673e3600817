/** What stops a trustee, each with sentences of its own: what is wrong, what is safe, what to do. */

import { ProtocolError } from "../../protocol/encoding/errors.ts";
import { FaultyTrustee } from "../../protocol/trustee/messages.ts";

/** Names of the sentences in locales/committee, under `trustee.fault`. */
export const FAULTS = [
  ...(["unreachable", "no_server", "insecure", "bad_link", "bad_code", "not_trustee"] as const),
  ...(["wrong_passphrase", "no_key_file", "other_session", "old_copy", "other_key", "key_needed"] as const),
  ...(["restarted", "two_windows", "changed", "no_storage", "restored", "faulty_trustee"] as const),
  ...(["already_signed", "already_decrypted", "bad_definition", "bad_trustees", "bad_checkpoint"] as const),
  ...([
    "bad_counts",
    "bad_credentials",
    "too_large",
    "audit",
    "wrong_state",
    "malformed",
    "incomplete",
    "other",
  ] as const),
  ...(["no_step_file", "cut_step_file", "other_step", "no_answer", "other_answer"] as const),
] as const;
export type FaultName = (typeof FAULTS)[number];

/** The trustee stops here. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly fault: FaultName;

  constructor(fault: FaultName, detail = "") {
    super(detail || fault);
    this.fault = fault;
  }
}

/** Which sentences an error has, the trustee who is to blame, and the detail for a technician. */
export interface Told {
  readonly fault: FaultName;
  readonly trustee: number | null;
  readonly detail: string;
}

/** What an error says to the trustee. */
export function toldOf(error: unknown): Told {
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (error instanceof FaultyTrustee) return { fault: "faulty_trustee", trustee: error.trustee, detail };
  if (error instanceof Fault) return { fault: error.fault, trustee: null, detail };
  if (error instanceof ProtocolError) return { fault: named(error.code) ?? broader(error), trustee: null, detail };
  return { fault: "other", trustee: null, detail };
}

function named(code: string): FaultName | undefined {
  return FAULTS.find((name) => name === code);
}

/** Of a code without sentences of its own. */
function broader(error: ProtocolError): FaultName {
  if (error.rejected) return "audit";
  return error.refused ? "wrong_state" : "other";
}
