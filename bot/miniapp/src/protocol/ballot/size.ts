/** How large a ballot may be (docs/protocol.md §5.3): by itself, since the page asks without reading one. */

import type { Form } from "../session/session.ts";

// Bytes, generously: a choice is 2·64 hex digits, a proof two numbers of 76 digits.
const CHOICE = 170;
const PROOF = 200;
/** Of a ballot without its answers. */
export const FRAME = 1000;

/** No ballot of the session is larger, in bytes. */
export function sizeLimit(election: Form): number {
  return election.questions.reduce((sum, q) => {
    const proofs = (q.high - q.low + 1) * PROOF;
    return sum + FRAME / 4 + q.answers.length * (CHOICE + 2 * PROOF) + proofs;
  }, FRAME);
}
