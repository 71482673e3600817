/** The ballot: all officials on one page, in the organiser's order. */

import { type ComponentChildren, Fragment } from "preact";
import type { Official } from "../../protocol/session/session.ts";
import { words } from "../../shared/words.ts";
import type { ScreenProps } from "../delegate.ts";
import type { Mark, View } from "../screen.ts";
import { Files } from "./Files.tsx";

export function Ballot({ view, delegate }: ScreenProps) {
  const parameters = view.session?.parameters;
  if (!parameters) return null;
  const { levels, fewest } = parameters.policy;
  const blank = view.marks.flatMap((mark, i) => (mark === null ? [i] : []));
  const total = view.marks.length;
  return (
    <main class="filling">
      <h1 tabIndex={-1}>{words("voter.ballot.title")}</h1>
      <p>{words("voter.ballot.how", { number: total })}</p>
      <p class="quiet">{words(fewest > 0 ? "voter.ballot.must" : "voter.ballot.may")}</p>
      {parameters.officials.map((official, i) => (
        <Fragment key={i}>
          <Heading view={view} place={i} />
          <Line
            place={i}
            official={official}
            labels={levels.map((level) => level.label)}
            mark={view.marks[i] ?? null}
            clearable={fewest === 0}
            files={<Files view={view} delegate={delegate} place={i} />}
            choose={(level) => void delegate.mark(i, level)}
          />
        </Fragment>
      ))}
      <nav class="bar" aria-label={words("voter.ballot.progress")}>
        <p class="count" role="status">
          <span class="sr-only">{words("voter.ballot.marked", { done: total - blank.length, total })}</span>
          <span aria-hidden="true">{`${total - blank.length}/${total}`}</span>
        </p>
        {blank[0] !== undefined && (
          <button type="button" class="button" onClick={() => jump(blank[0] ?? 0)}>
            {words("voter.ballot.jump")}
          </button>
        )}
        <button type="button" class="button primary" onClick={() => delegate.go("review")}>
          {words("voter.ballot.review")}
        </button>
      </nav>
    </main>
  );
}

/** The heading of the khối that begins with an official. */
export function Heading({ view, place }: { readonly view: View; readonly place: number }) {
  const heading = view.about?.headings.get(place);
  return heading === undefined ? null : <h2 class="block">{heading}</h2>;
}

interface LineProps {
  readonly place: number;
  readonly official: Official;
  readonly labels: readonly string[];
  readonly mark: Mark;
  readonly clearable: boolean;
  readonly files: ComponentChildren;
  readonly choose: (level: Mark) => void;
}

function Line({ place, official, labels, mark, clearable, files, choose }: LineProps) {
  return (
    <fieldset class="line" id={`official-${place}`}>
      <legend>
        <span class="name">{`${place + 1}. ${official.name}`}</span>
        {official.position && <span class="post">{official.position}</span>}
      </legend>
      <div class="levels">
        {labels.map((label, level) => (
          <label key={label} class={mark === level ? "level marked" : "level"}>
            <input
              type="radio"
              name={`official-${place}`}
              value={level}
              checked={mark === level}
              onChange={() => choose(level)}
              onClick={() => mark === level && clearable && choose(null)}
            />
            <span class="tick" aria-hidden="true" />
            <span>{label}</span>
          </label>
        ))}
      </div>
      {files}
      {clearable && (
        <button type="button" class="clear" hidden={mark === null} onClick={() => choose(null)}>
          {words("voter.ballot.clear")}
          <span class="sr-only"> {official.name}</span>
        </button>
      )}
    </fieldset>
  );
}

/** To an official, and to the first of the choices. */
export function jump(place: number): void {
  const line = document.getElementById(`official-${place}`);
  line?.scrollIntoView({ block: "start" });
  line?.querySelector("input")?.focus({ preventScroll: true });
}
