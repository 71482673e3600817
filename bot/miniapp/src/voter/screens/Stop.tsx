/** What happened, whether the vote counts, what to do. */

import type { ComponentChildren } from "preact";
import { words, wordsIfAny } from "../../shared/words.ts";

interface Props {
  readonly code: string;
  readonly alarm?: boolean;
  readonly again?: (() => void) | undefined;
  readonly children?: ComponentChildren;
}

export function Stop({ code, alarm = false, again, children }: Props) {
  const fallback = alarm ? "alarm" : "internal_error"; // for a code without words of its own
  const part = (name: "title" | "what" | "counts" | "do"): string =>
    wordsIfAny(`voter.stop.${code}.${name}`) ?? words(`voter.stop.${fallback}.${name}`);
  return (
    <main class={alarm ? "stop alarmed" : "stop"}>
      <section class={alarm ? "card alarm" : "card"} role="alert">
        <h1>{alarm ? words("voter.alarm") : part("title")}</h1>
        {alarm && <p class="lead">{part("title")}</p>}
        <p>{part("what")}</p>
        <p>
          <strong>{part("counts")}</strong>
        </p>
        <p>{part("do")}</p>
        {wordsIfAny(`voter.stop.${code}.what`) === null && <p class="quiet">{code}</p>}
      </section>
      {children}
      {again && (
        <button type="button" class="button primary" onClick={again}>
          {words("voter.again")}
        </button>
      )}
      <Help />
    </main>
  );
}

export function Help() {
  return (
    <footer class="help quiet">
      <p>{words("voter.help")}</p>
    </footer>
  );
}
