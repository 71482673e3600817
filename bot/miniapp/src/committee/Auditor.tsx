/** The door of auditors: choose, watch the checks, read what they came to. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Check, Report } from "../protocol/audit/audit.ts";
import { Checking } from "./Checking.tsx";
import { Choose, type Request } from "./Choose.tsx";
import { Outcome } from "./Outcome.tsx";
import { type Failure, failureOf, Run } from "./run.ts";

type Stage =
  | { readonly at: "choose" }
  | { readonly at: "checking"; readonly request: Request; readonly checks: readonly Check[] }
  | { readonly at: "done"; readonly request: Request; readonly report: Report; readonly ended: Date }
  | { readonly at: "stopped"; readonly request: Request; readonly failure: Failure };

export function Auditor() {
  const [stage, setStage] = useState<Stage>({ at: "choose" });
  const run = useRef<Run | null>(null);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each screen, whoever hears or tabs begins at its top
  useEffect(() => {
    if (!first.current) {
      scrollTo(0, 0);
      main.current?.querySelector("h1")?.focus();
    }
    first.current = false;
  }, [stage.at]);
  const start = async (request: Request): Promise<void> => {
    setStage({ at: "checking", request, checks: [] });
    const begun = new Run(request, (checks) => {
      if (run.current === begun) setStage({ at: "checking", request, checks });
    });
    run.current = begun;
    try {
      const report = await begun.report();
      if (run.current === begun) setStage({ at: "done", request, report, ended: new Date() });
    } catch (error) {
      if (run.current === begun) setStage({ at: "stopped", request, failure: failureOf(error) });
    }
  };
  const again = (): void => {
    run.current?.stop();
    run.current = null;
    setStage({ at: "choose" });
  };
  return (
    <main ref={main}>
      {stage.at === "choose" && <Choose start={(request) => void start(request)} />}
      {stage.at === "checking" && <Checking checks={stage.checks} stop={again} />}
      {(stage.at === "done" || stage.at === "stopped") && <Outcome {...stage} again={again} />}
    </main>
  );
}
