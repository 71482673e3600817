/** The ballot is recorded: tracker and promise, and no choice any more. */

import { useEffect, useState } from "preact/hooks";
import { words } from "../shared/words.ts";
import { OVER } from "../protocol/lifecycle.ts";
import type { Delegate } from "./delegate.ts";
import { download } from "./Sealed.tsx";
import { Help } from "./Stop.tsx";

const KIOSK_SECONDS = 30;

interface Props {
  readonly delegate: Delegate;
  readonly tracker: string;
  readonly promise: string;
}

export function Recorded({ delegate, tracker, promise }: Props) {
  const kiosk = delegate.arrival.kiosk;
  const over = OVER.has(delegate.now?.state ?? "open");
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

/** Something that people compare, in groups of four; read out whole. */
export function Groups({ code, class: name }: { readonly code: string; readonly class: string }) {
  const groups = code.replaceAll("-", "").match(/.{1,4}/g) ?? [];
  return (
    <p class={`code groups ${name}`}>
      {groups.map((group, i) => (
        <span key={i}>{group}</span>
      ))}
    </p>
  );
}

/** The tracker in groups, and a way to copy it. */
export function Tracker({ tracker }: { readonly tracker: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(tracker).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <section class="card" aria-labelledby="tracker-title">
      <h2 id="tracker-title">{words("voter.tracker.title")}</h2>
      <Groups code={tracker} class="tracker" />
      <button type="button" class="button" onClick={() => void copy()}>
        {words(copied ? "voter.tracker.copied" : "voter.tracker.copy")}
      </button>
    </section>
  );
}

function Keep({ tracker, promise }: { readonly tracker: string; readonly promise: string }) {
  const name = `phieu-${tracker.slice(0, 6).replace(/[+/]/g, "-")}.promise`;
  return (
    <details>
      <summary>{words("voter.promise.title")}</summary>
      <p>{words("voter.promise.what")}</p>
      <pre tabIndex={0}>{promise}</pre>
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
