/** The time, and what is left of it, by the server's clock. */

import { useEffect, useState } from "preact/hooks";
import { serverNow } from "../shared/live.ts";
import { language, words } from "../shared/words.ts";

/** Renders again each second. */
function useSecond(): number {
  const [now, setNow] = useState(serverNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** The time where the body meets, whatever zone this machine is set to. */
export function Clock({ zone }: { readonly zone: string | null }) {
  const time = new Date(useSecond() * 1000);
  const text = time.toLocaleTimeString(language() === "vi" ? "vi-VN" : "en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    ...(zone === null ? {} : { timeZone: zone }),
  });
  return <p class="clock">{text}</p>;
}

/** The time until the end of the vote. */
export function Countdown({ closes }: { readonly closes: number | null }) {
  const now = useSecond();
  return closes === null ? null : <Left title={words("hall.closing")} seconds={closes - now} />;
}

/** The phones check: whose does not say "counted", and for how long nobody opens the totals. */
export function Checking({ seconds }: { readonly seconds: number }) {
  const now = useSecond();
  const [since] = useState(now);
  const left = since + seconds - now;
  return (
    <>
      <p class="asked">{words("hall.checking")}</p>
      {left > 0 ? (
        <Left title={words("hall.opens")} seconds={left} />
      ) : (
        <p class="countdown">{words("hall.checked")}</p>
      )}
    </>
  );
}

function Left({ title, seconds }: { readonly title: string; readonly seconds: number }) {
  const left = Math.max(0, Math.ceil(seconds));
  return (
    <p class={left <= 60 ? "countdown soon" : "countdown"}>
      <span>{title}</span> <strong>{`${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`}</strong>
    </p>
  );
}
