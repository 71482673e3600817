/** Every choice in words before anything is encrypted. */

import { Fragment } from "preact";
import { words } from "../../shared/words.ts";
import type { ScreenProps } from "../delegate.ts";
import type { View } from "../screen.ts";
import { Heading, jump } from "./Ballot.tsx";

export function Review({ view, delegate }: ScreenProps) {
  const parameters = view.session?.parameters;
  if (!parameters) return null;
  const { levels, fewest } = parameters.policy;
  const blank = parameters.officials.filter((_, i) => (view.marks[i] ?? null) === null);
  const barred = fewest > 0 && blank.length > 0;
  const edit = (place: number): void => {
    delegate.go("fill");
    requestAnimationFrame(() => jump(place));
  };
  return (
    <main>
      <h1 tabIndex={-1}>{words("voter.review.title")}</h1>
      {blank.length > 0 && (
        <section class="card note" role="alert">
          <p>
            <strong>{words(barred ? "voter.review.must" : "voter.review.blank", { number: blank.length })}</strong>
          </p>
          <ul>
            {blank.map((official) => {
              const place = parameters.officials.indexOf(official);
              return (
                <li key={place}>
                  <button type="button" class="link" onClick={() => edit(place)}>
                    {`${place + 1}. ${official.name}`}
                  </button>
                </li>
              );
            })}
          </ul>
        </section>
      )}
      {blocks(view).map((places) => (
        <Fragment key={places[0]}>
          <Heading view={view} place={places[0] ?? 0} />
          <ol class="review" start={(places[0] ?? 0) + 1}>
            {places.map((place) => {
              const official = parameters.officials[place];
              const mark = view.marks[place] ?? null;
              return (
                <li key={place}>
                  <span class="name">{official?.name}</span>
                  {official?.position && <span class="post">{official.position}</span>}
                  <strong>{mark === null ? words("voter.review.empty") : levels[mark]?.label}</strong>
                  <button type="button" class="link" onClick={() => edit(place)}>
                    {words("voter.review.edit")}
                    <span class="sr-only"> {official?.name}</span>
                  </button>
                </li>
              );
            })}
          </ol>
        </Fragment>
      ))}
      <p>{words("voter.review.next")}</p>
      <div class="actions">
        <button type="button" class="button primary" disabled={barred} onClick={() => void delegate.prepare()}>
          {words("voter.review.encrypt")}
        </button>
        <button type="button" class="button" onClick={() => edit(0)}>
          {words("voter.review.back")}
        </button>
      </div>
    </main>
  );
}

/** The officials' places, one list for each khối. */
function blocks({ marks, about }: View): number[][] {
  const lists: number[][] = [];
  for (const place of marks.keys()) {
    if (place === 0 || about?.headings.has(place)) lists.push([]);
    lists.at(-1)?.push(place);
  }
  return lists;
}
