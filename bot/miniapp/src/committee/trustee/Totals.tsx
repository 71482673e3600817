/** The screens before and after the totals are opened. */

import { useEffect, useState } from "preact/hooks";
import type { Check } from "../../protocol/audit/audit.ts";
import { signers } from "../../protocol/record/checkpoint.ts";
import { needed } from "../../protocol/session/committee.ts";
import { type ClosedBox, closingCode } from "../../protocol/trustee/signable.ts";
import { secondsLeft } from "../../protocol/trustee/signing.ts";
import { words } from "../../shared/words.ts";
import { Audit, useClosedBox, whenThere } from "./Box.tsx";
import { now } from "./desk.ts";
import { Button, Compare } from "./parts.tsx";
import { type ScreenProps, useOnce, Waits } from "./screen.tsx";
import { inOrder, missing } from "./view.ts";

/** Whether so many lines stand on the closing; whether they are right, the code says. */
function hasQuorum({ note, archive: { election } }: ClosedBox): boolean {
  return signers(note, election).length >= needed(election.ours.committee, "closing");
}

/** A quorum has signed the close: this is stored, and from then on the phones have time to check. */
export function SeeClosed(props: ScreenProps) {
  const { desk, view, act } = props;
  const [check, setCheck] = useState<Check | null>(null);
  const signed = async (): Promise<ClosedBox | null> => {
    const box = await desk.closedBox(view, setCheck);
    return box !== null && hasQuorum(box) ? box : null;
  };
  useOnce(() => act(async () => desk.seeQuorum(await whenThere(desk.courier, signed))));
  return <Audit check={check} />;
}

/** Counted down by this machine's own clock, by the pause of the signed definition. */
export function Totals(props: ScreenProps) {
  const { desk, view, act, busy } = props;
  const [box, check] = useClosedBox(props);
  const [same, setSame] = useState(false);
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  if (box === null) return <Audit check={check} />;
  const code = closingCode(box);
  const left = secondsLeft(desk.state, box.archive.election.ours.policy.checkSeconds, now());
  const wrong = view.messages.share.has(view.index);
  return (
    <>
      <h1 tabIndex={-1}>{words("committee.trustee.totals.title")}</h1>
      {wrong && <p class="wrong">{words("committee.trustee.totals.wrong_share")}</p>}
      {!same && !desk.compared("closing", code) ? (
        <Compare desk={desk} kind="closing" code={code} same={() => setSame(true)} />
      ) : (
        <>
          <p>{words("committee.trustee.totals.what")}</p>
          {left > 0 && (
            <p role="timer" class="state">
              {words("committee.trustee.totals.left", { seconds: left })}
            </p>
          )}
          {left === 0 && <p class="note">{words("committee.trustee.totals.ask")}</p>}
          <Button
            main
            title={words("committee.trustee.totals.go")}
            busy={busy || left > 0}
            act={() => act(() => desk.open(box))}
          />
        </>
      )}
    </>
  );
}

/** The share is there. A server that shows a wrong one is sent the right one again. */
export function WaitShares(props: ScreenProps) {
  const [box, check] = useClosedBox(props);
  if (box === null) return <Audit check={check} />;
  return <Sent {...props} holds={props.desk.shareHolds(props.view, box)} />;
}

function Sent({ holds: held, ...props }: ScreenProps & { readonly holds: boolean }) {
  const [holds] = useState(held);
  const { view } = props;
  if (!holds) return <Totals {...props} />;
  const more = view.threshold - inOrder(view, "share").length;
  const values = { missing: missing(view, "share").join(", ") || "–" };
  return (
    <Waits title={words("committee.trustee.totals.sent_title")} state={words("committee.trustee.totals.sent")}>
      <p>{more > 0 ? words("committee.trustee.totals.missing", values) : words("committee.trustee.totals.enough")}</p>
    </Waits>
  );
}

export function Over({ view }: ScreenProps) {
  return (
    <>
      <h1 tabIndex={-1}>{words("committee.trustee.over.title")}</h1>
      <p role="status" class="state">
        {words(view.state === "opening" ? "state.checkin" : `state.${view.state}`)}
      </p>
      <p>{words("committee.trustee.over.what")}</p>
    </>
  );
}
