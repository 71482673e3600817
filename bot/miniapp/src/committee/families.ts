/** Checks whose failure means the same: what is safe then, and what to do, has one sentence for each family. */

import type { CheckId } from "../protocol/audit/audit.ts";

/** The family of each check: its name under `committee.fault`. */
export const FAMILY = {
  container: "copy",
  archive: "copy",
  manifest: "copy",
  definition: "keys",
  trustees: "keys",
  ceremony: "keys",
  credentials: "ballots",
  ballots: "ballots",
  tally: "ballots",
  enough: "few",
  shares: "opened",
  statements: "opened",
  result: "opened",
  belenios: "opened",
  promises: "promises",
  tokens: "issued",
  counts: "issued",
  checkpoints: "signed",
  definition_signed: "signed",
  opening_signed: "signed",
  closing_signed: "signed",
  fingerprint: "fingerprint",
  session: "told",
  levels: "told",
  results: "told",
  auditor: "auditor",
} as const satisfies Record<CheckId, string>;
