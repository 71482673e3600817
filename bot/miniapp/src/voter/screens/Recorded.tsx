/** The ballot is recorded: tracker and promise, and no choice any more. */

import { useEffect, useState } from "preact/hooks";
import { OVER } from "../../protocol/session/lifecycle.ts";
import { download } from "../../shared/download.ts";
import { Verbatim } from "../../shared/Verbatim.tsx";
import { waitingFor, words } from "../../shared/words.ts";
import type { ScreenProps } from "../delegate.ts";
import { type Listed, trackerOf } from "../flow.ts";
import { Help } from "./Stop.tsx";
import { Groups, Tracker } from "./Tracker.tsx";

const KIOSK_SECONDS = 30;

interface Props extends ScreenProps {
  readonly tracker: string;
  readonly promise: string;
  readonly listed: boolean;
}

export function Recorded({ view, delegate, tracker, promise, listed }: Props) {
  const kiosk = delegate.arrival.kiosk;
  const over = OVER.has(view.now?.state ?? "open");
  const waiting = view.now?.waiting ?? null;
  return (
    <main>
      <h1 tabIndex={-1}>{words(listed ? "voter.recorded.waiting" : "voter.recorded.title")}</h1>
      {waiting && (
        <p class="lead" role="status">
          {waitingFor(waiting)}
        </p>
      )}
      <p role="status">{words(listed ? "voter.recorded.closed" : "voter.recorded.what")}</p>
      {over && !listed && <p role="status">{words("voter.recorded.unchecked")}</p>}
      {view.otherTab && <p class="note">{words("voter.recorded.other_tab")}</p>}
      {view.unkept && !kiosk && (
        <p class="note" role="status">
          {words("voter.recorded.unkept")}
        </p>
      )}
      <Tracker tracker={tracker} />
      {kiosk ? (
        <>
          <button type="button" class="button" onClick={() => print()}>
            {words("voter.recorded.print")}
          </button>
          <KioskEnd />
        </>
      ) : (
        <Keep tracker={tracker} promise={promise} open={view.unkept} />
      )}
      {!kiosk && !over && <p class="card">{words("voter.recorded.later")}</p>}
      <Help />
    </main>
  );
}

interface CountedProps extends ScreenProps {
  readonly counted: Listed & { readonly promise: string };
}

export function Counted({ delegate, counted: { tracker, promise, cast, codes } }: CountedProps) {
  const uuid = delegate.arrival.uuid;
  return (
    <main>
      <h1 tabIndex={-1}>{words("voter.counted.title")}</h1>
      <p role="status">{words("voter.counted.what", { number: cast })}</p>
      <Tracker tracker={tracker} />
      {codes && (
        <section class="card" aria-labelledby="codes">
          <h2 id="codes">{words("voter.counted.codes")}</h2>
          <h3>{words("code.opening")}</h3>
          <Groups code={codes.opening} class="opening-code" />
          <h3>{words("code.closing")}</h3>
          <Groups code={codes.closing} class="closing-code" />
        </section>
      )}
      <Keep tracker={tracker} promise={promise} />
      <p>
        <a class="button" href={`/s/${uuid}`}>
          {words("voter.counted.record")}
        </a>
      </p>
      <Help />
    </main>
  );
}

/** The promise that this phone keeps: it proves that the box took the ballot. */
export function Receipt({ view, delegate }: ScreenProps) {
  const { promise } = delegate.keepsake.kept;
  if (promise === undefined || view.session === null) return null;
  return <Keep tracker={trackerOf(promise, view.session)} promise={promise} />;
}

interface KeepProps {
  readonly tracker: string;
  readonly promise: string;
  readonly open?: boolean;
}

function Keep({ tracker, promise, open = false }: KeepProps) {
  const name = `phieu-${tracker.slice(0, 6).replace(/[+/]/g, "-")}.promise`;
  return (
    <details open={open}>
      <summary>{words("voter.promise.title")}</summary>
      <p>{words("voter.promise.what")}</p>
      <Verbatim text={promise} />
      <button type="button" class="button" onClick={() => download(new File([promise], name, { type: "text/plain" }))}>
        {words("voter.promise.save")}
      </button>
    </details>
  );
}

/** The kiosk is for the next delegate after half a minute, or at once. */
export function KioskEnd() {
  const [left, setLeft] = useState(KIOSK_SECONDS);
  useEffect(() => {
    const timer = setInterval(() => setLeft((now) => now - 1), 1000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (left <= 0) location.replace(`${location.pathname}${location.search}`);
  }, [left]);
  return (
    <button type="button" class="button primary" onClick={() => setLeft(0)}>
      {words("voter.kiosk.end", { seconds: Math.max(0, left) })}
    </button>
  );
}
