/** What all screens of a step share. */

import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { words } from "../../shared/words.ts";
import type { Desk } from "./desk.ts";
import type { View } from "./view.ts";

export interface ScreenProps {
  readonly desk: Desk;
  readonly view: View;
  readonly busy: boolean;
  /** Does something, then looks at the server again; what goes wrong is shown. */
  readonly act: (work: () => Promise<unknown>) => void;
}

/** Whether the page hears by itself that others have gone on. */
export const Live = createContext(true);

/** Does it once, when the screen comes. */
export function useOnce(act: () => void): void {
  const done = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, whatever is drawn later
  useEffect(() => {
    if (done.current) return;
    done.current = true;
    act();
  }, []);
}

/** What is asked for when the screen comes; null until it is there. */
export function useAsked<T>(ask: () => Promise<T>, failed: (work: () => Promise<unknown>) => void): T | null {
  const [answer, setAnswer] = useState<T | null>(null);
  useOnce(() => {
    ask().then(setAnswer, (error: unknown) => failed(() => Promise.reject(error)));
  });
  return answer;
}

interface WaitsProps {
  readonly title: string;
  readonly state: string;
  readonly children?: ComponentChildren;
}

/** Others are waited for: who, for what; the page goes on by itself, or with the next step file. */
export function Waits({ title, state, children }: WaitsProps) {
  const live = useContext(Live);
  return (
    <>
      <h1 tabIndex={-1}>{title}</h1>
      <p role="status" class="state">
        {state}
      </p>
      <p class="quiet">{words(live ? "committee.trustee.wait.open" : "committee.trustee.files.waits")}</p>
      {children}
    </>
  );
}
