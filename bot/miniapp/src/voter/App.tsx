/** Which screen is shown. */

import { useEffect, useRef, useState } from "preact/hooks";
import { OVER } from "../protocol/lifecycle.ts";
import { serverNow } from "../shared/live.ts";
import { words } from "../shared/words.ts";
import { Ballot } from "./Ballot.tsx";
import type { Delegate } from "./delegate.ts";
import { Guide } from "./Guide.tsx";
import type { Screen } from "./screen.ts";
import { Counted, Recorded } from "./Recorded.tsx";
import { Review } from "./Review.tsx";
import { Opened, Sealed } from "./Sealed.tsx";
import { Help, Stop } from "./Stop.tsx";
import { Collecting, Enter, Ready, Waiting, Welcome } from "./Welcome.tsx";

const WARN_SECONDS = 600;

export function App({ delegate }: { readonly delegate: Delegate }) {
  const screen = delegate.screen;
  const top = useRef<HTMLDivElement>(null);
  const here = delegate.reading ? "guide" : screen.is;
  const shown = useRef<string>(here);
  useEffect(() => {
    if (shown.current === here) return;
    shown.current = here;
    scrollTo(0, 0);
    // Who hears the page is told where it goes on.
    top.current?.querySelector<HTMLElement>("h1")?.focus();
  }, [here]);
  return (
    <div ref={top}>
      <Head delegate={delegate} />
      {delegate.reading ? <Guide delegate={delegate} /> : draw(delegate, screen)}
      <Status delegate={delegate} />
    </div>
  );
}

function draw(delegate: Delegate, screen: Screen) {
  switch (screen.is) {
    case "enter":
      return <Enter delegate={delegate} wrong={screen.wrong} />;
    case "welcome":
      return <Welcome delegate={delegate} />;
    case "collecting":
      return <Collecting step={screen.step} />;
    case "ready":
      return <Ready delegate={delegate} />;
    case "fill":
      return <Ballot delegate={delegate} />;
    case "review":
      return <Review delegate={delegate} />;
    case "sealed":
      return <Sealed delegate={delegate} prepared={screen.prepared} />;
    case "opened":
      return <Opened delegate={delegate} prepared={screen.prepared} />;
    case "recorded":
      return <Recorded delegate={delegate} tracker={screen.tracker} promise={screen.promise} />;
    case "counted":
      return <Counted delegate={delegate} tracker={screen.tracker} promise={screen.promise} cast={screen.cast} />;
    case "stopped":
      return <Stop code={screen.code} alarm={screen.alarm} again={screen.again ? () => void delegate.again() : undefined} />;
    case "unsent":
      return <Unsent delegate={delegate} />;
    default:
      return <Waiting screen={screen} failures={delegate.failures} />;
  }
}

/** Title and state; the countdown when the end is announced. */
function Head({ delegate }: { readonly delegate: Delegate }) {
  const session = delegate.session;
  if (session === null) return null;
  return (
    <header class="head">
      {session.parameters.policy.rehearsal && <p class="rehearsal">{words("voter.rehearsal")}</p>}
      <p class="title">{session.election.name}</p>
      {!delegate.reading && delegate.screen.is !== "stopped" && (
        <button type="button" class="link" onClick={() => delegate.guide(true)}>
          {words("voter.guide.title")}
        </button>
      )}
      <Countdown closes={delegate.now?.closes ?? null} over={OVER.has(delegate.now?.state ?? "open")} />
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

function Status({ delegate }: { readonly delegate: Delegate }) {
  const trouble = delegate.failures > 0 ? words("voter.trouble", { times: delegate.failures }) : "";
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
