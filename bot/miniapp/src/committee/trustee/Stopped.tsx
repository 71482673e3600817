/** What stops the trustee: what is wrong, what is safe, what to do; and the way on. */

import { words } from "../../shared/words.ts";
import type { Told } from "./fault.ts";
import { Button } from "./parts.tsx";
import { safeOf } from "./safe.ts";

interface Props {
  readonly told: Told;
  readonly again: () => void;
  /** Where a new key may be made. */
  readonly anew?: (() => void) | undefined;
}

export function Stopped({ told: { fault, trustee, detail }, again, anew }: Props) {
  return (
    <div class="card alarm" role="alert">
      <h1 tabIndex={-1}>{words(`committee.trustee.fault.${fault}.title`)}</h1>
      {trustee !== null && <p>{words("committee.trustee.fault.trustee", { number: trustee })}</p>}
      <p>{words(`committee.trustee.safe.${safeOf(fault)}`)}</p>
      <p>{words(`committee.trustee.fault.${fault}.do`)}</p>
      {anew !== undefined && fault === "restarted" ? (
        <Button main title={words("committee.trustee.fault.anew")} act={anew} />
      ) : (
        <Button main title={words("committee.trustee.fault.again")} act={again} />
      )}
      <details>
        <summary>{words("committee.verdict.detail")}</summary>
        <p class="detail">{detail}</p>
      </details>
    </div>
  );
}
