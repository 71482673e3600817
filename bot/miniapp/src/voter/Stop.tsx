/** What happened, whether the vote counts, what to do. */

import { hasWords, words } from "../shared/words.ts";

interface Props {
  readonly code: string;
  readonly alarm?: boolean;
  readonly again?: (() => void) | undefined;
}

export function Stop({ code, alarm = false, again }: Props) {
  const known = hasWords(`voter.stop.${code}.what`) ? code : alarm ? "alarm" : "internal_error";
  const said = (part: string): string => words(`voter.stop.${known}.${part}`);
  return (
    <main class={alarm ? "stop alarmed" : "stop"}>
      <section class={alarm ? "card alarm" : "card"} role="alert">
        <h1>{alarm ? words("voter.alarm") : said("title")}</h1>
        {alarm && <p class="lead">{said("title")}</p>}
        <p>{said("what")}</p>
        <p>
          <strong>{said("counts")}</strong>
        </p>
        <p>{said("do")}</p>
        {code !== known && <p class="quiet">{code}</p>}
      </section>
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
