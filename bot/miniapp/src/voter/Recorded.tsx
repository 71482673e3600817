/** The ballot is recorded: tracker and promise, and no choice any more. */

import { useEffect, useState } from "preact/hooks";
import { OVER } from "../protocol/lifecycle.ts";
import { download } from "../shared/download.ts";
import { Verbatim } from "../shared/Verbatim.tsx";
import { words } from "../shared/words.ts";
import type { ScreenProps } from "./delegate.ts";
import { Help } from "./Stop.tsx";
import { Tracker } from "./Tracker.tsx";

const KIOSK_SECONDS = 30;

interface Props extends ScreenProps {
  readonly tracker: string;
  readonly promise: string;
}

export function Recorded({ view, delegate, tracker, promise }: Props) {
  const kiosk = delegate.arrival.kiosk;
  const over = OVER.has(view.now?.state ?? "open");
  return (
    <main>
      <h1 tabIndex={-1}>{words("voter.recorded.title")}</h1>
      <p role="status">{words("voter.recorded.what")}</p>
      <Tracker tracker={tracker} />
      {kiosk ? (
        <>
          <button type="button" class="button" onClick={() => print()}>
            {words("voter.recorded.print")}
          </button>
          <KioskEnd />
        </>
      ) : (
        <Keep tracker={tracker} promise={promise} />
      )}
      {!kiosk && (
        <section class="card">
          <p>{words(over ? "voter.recorded.closed" : "voter.recorded.later")}</p>
          {over && (
            <button type="button" class="button primary" onClick={() => void delegate.checkCounted()}>
              {words("voter.recorded.check")}
            </button>
          )}
        </section>
      )}
      <Help />
    </main>
  );
}

export function Counted({ delegate, tracker, promise, cast }: Props & { readonly cast: number }) {
  const uuid = delegate.arrival.uuid;
  return (
    <main>
      <h1 tabIndex={-1}>{words("voter.counted.title")}</h1>
      <p role="status">{words("voter.counted.what", { number: cast })}</p>
      <Tracker tracker={tracker} />
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

function Keep({ tracker, promise }: { readonly tracker: string; readonly promise: string }) {
  const name = `phieu-${tracker.slice(0, 6).replace(/[+/]/g, "-")}.promise`;
  return (
    <details>
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
