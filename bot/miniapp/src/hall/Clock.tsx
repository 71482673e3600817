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

export function Clock() {
  const time = new Date(useSecond() * 1000);
  const text = time.toLocaleTimeString(language() === "vi" ? "vi-VN" : "en-GB", {
    hour: "2-digit",
    minute: "2-digit",
  });
  return <p class="clock">{text}</p>;
}

export function Countdown({ closes }: { readonly closes: number | null }) {
  const now = useSecond();
  if (closes === null) return null;
  const left = Math.max(0, Math.ceil(closes - now));
  return (
    <p class={left <= 60 ? "countdown soon" : "countdown"}>
      <span>{words("hall.closing")}</span>{" "}
      <strong>{`${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`}</strong>
    </p>
  );
}
