/** The trustee at work: one screen a step, found anew from each look at the server. */

import { useEffect, useRef, useState } from "preact/hooks";
import { words } from "../../shared/words.ts";
import { SignClosing, SignOpening, WaitClose, WaitClosed, WaitOpened, WaitOpening } from "./Box.tsx";
import { Agreement, Definition, First, Proposal, Third, WaitSeal } from "./Ceremony.tsx";
import { Carried } from "./courier/carried.ts";
import type { Desk } from "./desk.ts";
import { ByFiles } from "./Files.tsx";
import { Fault, type Told, toldOf } from "./fault.ts";
import { Stopped } from "./Stopped.tsx";
import { Live, type ScreenProps, Waits } from "./screen.tsx";
import { type Next, WAITING } from "./steps.ts";
import { Over, SeeClosed, Totals, WaitShares } from "./Totals.tsx";
import { missing, type View } from "./view.ts";

const POLL = 1000; // milliseconds between two looks at what the others have done

type Screen = (props: ScreenProps) => ReturnType<typeof Waits> | null;

const SCREENS: Readonly<Record<Exclude<Next, "make_key">, Screen>> = {
  step1: First,
  wait_step1: ({ view }) => <WaitStep view={view} kind="step1" />,
  step2: Agreement,
  wait_step2: ({ view }) => <WaitStep view={view} kind="step2" />,
  step3: Third,
  wait_proposal: Proposal,
  sign: Definition,
  wait_seal: WaitSeal,
  wait_opening: WaitOpening,
  sign_opening: SignOpening,
  wait_opened: WaitOpened,
  wait_close: WaitClose,
  sign_closing: SignClosing,
  wait_closed: WaitClosed,
  see_closed: SeeClosed,
  wait_check: Totals,
  share: Totals,
  wait_shares: WaitShares,
  over: Over,
};

function WaitStep({ view, kind }: { readonly view: View; readonly kind: "step1" | "step2" }) {
  const values = { missing: missing(view, kind).join(", ") };
  return (
    <Waits
      title={words("committee.trustee.wait.others_title")}
      state={words(`committee.trustee.wait.${kind}`, values)}
    />
  );
}

interface Props {
  readonly desk: Desk;
  readonly first: View;
  /** Makes a new key: the ceremony was started again. */
  readonly anew: () => void;
}

export function Work({ desk, first, anew }: Props) {
  const { view, step, told, trouble, busy, act, again } = useWork(desk, first);
  const [steps, setSteps] = useState(0); // step files that were taken: each begins its screen anew
  const { courier } = desk;
  const taken = (): void => {
    setSteps(steps + 1);
    again();
  };
  const waits = told !== null || (step !== null && WAITING.has(step));
  const files = courier instanceof Carried && <ByFiles courier={courier} waits={waits} taken={taken} />;
  if (told !== null) {
    return (
      <>
        <Stopped told={told} again={again} anew={anew} />
        {files}
      </>
    );
  }
  const Shown = step === null || step === "make_key" ? null : SCREENS[step];
  // The pause ends on the screen where it began.
  const screen = step === "wait_check" ? "share" : (step ?? "");
  return (
    <Live.Provider value={courier.live}>
      <p class="who">
        {words("committee.trustee.who", { index: view.index, size: view.size, threshold: view.threshold })}
      </p>
      <p role="alert" class="wrong">
        {trouble && words("committee.trustee.trouble")}
      </p>
      {desk.key.restored && <p class="note">{words("committee.trustee.fault.restored.do")}</p>}
      {Shown && <Shown key={`${screen} ${steps}`} desk={desk} view={view} busy={busy} act={act} />}
      {files}
    </Live.Provider>
  );
}

/** What the server shows and what comes next, looked at again and again while others are waited for. */
function useWork(desk: Desk, first: View) {
  const [view, setView] = useState(first);
  const [told, setTold] = useState<Told | null>(null);
  const [trouble, setTrouble] = useState(false);
  const [busy, setBusy] = useState(false);
  const [step, setStep] = useState<Next | null>(null);
  const working = useRef(0);
  const show = (seen: View): void => {
    setView(seen);
    setTrouble(false);
    setStep(desk.next(seen));
  };
  const failed = (error: unknown): void => {
    if (error instanceof Fault && error.fault === "unreachable") setTrouble(true);
    else setTold(toldOf(error));
  };
  const act = (work: () => Promise<unknown>): void => {
    working.current++;
    setBusy(true);
    const whole = async (): Promise<void> => {
      await work();
      show(await desk.courier.look());
    };
    whole()
      .catch((error: unknown) => setTold(toldOf(error)))
      .finally(() => {
        working.current--;
        setBusy(working.current > 0);
      });
  };
  const look = async (): Promise<void> => {
    if (working.current > 0) return;
    try {
      const seen = await desk.courier.look();
      if (working.current === 0) show(seen);
    } catch (error) {
      failed(error);
    }
  };
  const again = (): void => {
    setTold(null);
    setStep(null);
    act(async () => {});
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the desk stays the same
  useEffect(() => {
    act(async () => {});
  }, []);
  useEffect(() => {
    if (!desk.courier.live || told !== null || (step !== null && !WAITING.has(step))) return;
    const timer = setInterval(() => void look(), POLL);
    return () => clearInterval(timer);
  });
  return { view, step, told, trouble, busy, act, again };
}
