/** Which screen is shown. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { OVER } from "../protocol/session/lifecycle.ts";
import { serverNow } from "../shared/live.ts";
import { words } from "../shared/words.ts";
import type { Delegate, ScreenProps } from "./delegate.ts";
import { Backup, Restore } from "./screens/Backup.tsx";
import { Ballot } from "./screens/Ballot.tsx";
import { Guide } from "./screens/Guide.tsx";
import { Counted, Receipt, Recorded } from "./screens/Recorded.tsx";
import { Review } from "./screens/Review.tsx";
import { Opened, Sealed } from "./screens/Sealed.tsx";
import { Compare, Sealing } from "./screens/Sealing.tsx";
import { Help, Stop } from "./screens/Stop.tsx";
import { Collecting, Enter, Ready, Waiting, Welcome } from "./screens/Welcome.tsx";

const WARN_SECONDS = 600;
const FILLING: ReadonlySet<string> = new Set(["fill", "review", "sealed", "opened"]);

export function App({ delegate }: { readonly delegate: Delegate }) {
  const [view, setView] = useState(delegate.view);
  useLayoutEffect(() => delegate.watch(setView), [delegate]);
  const top = useRef<HTMLDivElement>(null);
  const screen = view.backingUp ? "backup" : view.reading ? "guide" : view.screen.is;
  const before = useRef<string>(screen);
  useEffect(() => {
    if (before.current === screen) return;
    before.current = screen;
    scrollTo(0, 0);
    // Who hears the page is told where it goes on.
    top.current?.querySelector<HTMLElement>("h1")?.focus();
  }, [screen]);
  const props: ScreenProps = { view, delegate };
  return (
    <div ref={top}>
      <Head {...props} />
      {view.backingUp ? <Backup {...props} /> : view.reading ? <Guide {...props} /> : draw(props)}
      <Status failures={view.failures} />
    </div>
  );
}

function draw(props: ScreenProps) {
  const { screen, failures, place } = props.view;
  switch (screen.is) {
    case "enter":
      return <Enter delegate={props.delegate} wrong={screen.wrong} />;
    case "restore":
      return <Restore delegate={props.delegate} wrong={screen.wrong} />;
    case "welcome":
      return <Welcome {...props} />;
    case "collecting":
      return <Collecting step={screen.step} />;
    case "ready":
      return <Ready {...props} />;
    case "sealing":
      return <Sealing {...props} />;
    case "compare":
      return <Compare delegate={props.delegate} group={screen.group} wrong={screen.wrong} />;
    case "fill":
      return <Ballot {...props} />;
    case "review":
      return <Review {...props} />;
    case "sealed":
      return <Sealed delegate={props.delegate} prepared={screen.prepared} />;
    case "opened":
      return <Opened delegate={props.delegate} prepared={screen.prepared} />;
    case "recorded":
      return <Recorded {...props} {...screen} />;
    case "counted":
      return <Counted {...props} counted={screen} />;
    case "stopped":
      return (
        <Stop
          code={screen.code}
          alarm={screen.alarm}
          again={screen.again ? () => void props.delegate.again() : undefined}
        >
          {screen.code === "uncertain" && <Receipt {...props} />}
        </Stop>
      );
    case "unsent":
      return <Unsent delegate={props.delegate} />;
    default:
      return <Waiting screen={screen} failures={failures} place={place} waiting={props.view.now?.waiting ?? null} />;
  }
}

/** Title and state; the countdown when the end is announced. */
function Head({ view, delegate }: ScreenProps) {
  const { session, now } = view;
  if (session === null) return null;
  return (
    <header class="head">
      {session.parameters.policy.rehearsal && <p class="rehearsal">{words("voter.rehearsal")}</p>}
      <p class="title">{session.election.name}</p>
      {!view.reading && !view.backingUp && view.screen.is !== "stopped" && (
        <nav class="links">
          <button type="button" class="link" onClick={() => delegate.guide(true)}>
            {words("voter.guide.title")}
          </button>
          {FILLING.has(view.screen.is) && delegate.mayBackUp && (
            <button type="button" class="link" onClick={() => delegate.showBackup(true)}>
              {words("voter.backup.title")}
            </button>
          )}
        </nav>
      )}
      <Countdown closes={now?.closes ?? null} over={OVER.has(now?.state ?? "open")} />
    </header>
  );
}

function Countdown({ closes, over }: { readonly closes: number | null; readonly over: boolean }) {
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    if (closes === null || over) return setLeft(null);
    const look = (): void => setLeft(Math.max(0, Math.ceil(closes - serverNow())));
    look();
    const timer = setInterval(look, 1000);
    return () => clearInterval(timer);
  }, [closes, over]);
  if (left === null) return null;
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  const spoken = [600, 120, 60, 30].includes(left) ? words("voter.closing", { time }) : "";
  return (
    <>
      <p class={left <= WARN_SECONDS ? "countdown soon" : "countdown"} aria-hidden="true">
        {words("voter.closing", { time })}
      </p>
      <p class="sr-only" role="status">
        {spoken}
      </p>
    </>
  );
}

function Status({ failures }: { readonly failures: number }) {
  const trouble = failures > 0 ? words("voter.trouble", { times: failures }) : "";
  return (
    <p class={trouble ? "trouble" : "sr-only"} role="status">
      {trouble}
    </p>
  );
}

function Unsent({ delegate }: { readonly delegate: Delegate }) {
  return (
    <main>
      <section class="card" role="alert">
        <h1 tabIndex={-1}>{words("voter.unsent.title")}</h1>
        <p>{words("voter.unsent.what")}</p>
        <p>
          <strong>{words("voter.unsent.counts")}</strong>
        </p>
      </section>
      <button type="button" class="button primary" onClick={() => void delegate.cast()}>
        {words("voter.unsent.again")}
      </button>
      <Help />
    </main>
  );
}
