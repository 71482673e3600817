/** What is safe when a trustee is stopped: one sentence for each family of faults. */

import type { FaultName } from "./fault.ts";

/** Names of the sentences under `trustee.safe`, and the faults that each is of; `kept` is of all others. */
const FAMILIES = {
  entry: ["insecure", "bad_link", "bad_code", "not_trustee"],
  sending: ["unreachable", "no_server", "malformed", "incomplete"],
  file: ["wrong_passphrase", "no_key_file", "other_session"],
  carried: ["no_step_file", "cut_step_file", "other_step", "no_answer", "other_answer"],
  memory: ["old_copy", "two_windows", "changed", "no_storage", "restored"],
  ceremony: ["other_key", "key_needed", "restarted", "faulty_trustee", "bad_trustees"],
  definition: ["bad_definition"],
  once: ["already_signed"],
  box: ["bad_checkpoint", "bad_counts", "bad_credentials", "too_large", "audit"],
  totals: ["already_decrypted"],
} as const satisfies Record<string, readonly FaultName[]>;

/** The family of a fault. */
export function safeOf(fault: FaultName): keyof typeof FAMILIES | "kept" {
  const families = Object.entries(FAMILIES) as [keyof typeof FAMILIES, readonly FaultName[]][];
  return families.find(([, faults]) => faults.includes(fault))?.[0] ?? "kept";
}
