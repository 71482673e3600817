/** Results: a stacked bar for each official, in the legal order, readable in black and white. */

import { Fragment } from "preact";
import type { OfficialResults } from "../protocol/results/results.ts";
import type { PublicDefinition, Results } from "./record.ts";
import { number, words } from "./words.ts";

interface RowProps {
  readonly official: OfficialResults;
  readonly definition: PublicDefinition;
}

interface Props {
  readonly results: Results;
  readonly definition: PublicDefinition;
  /** Which officials, from 0; all without. */
  readonly from?: number;
  readonly to?: number;
  /** Of the khối, by the official that begins each. */
  readonly headings?: ReadonlyMap<number, string> | undefined;
}

export function ResultsTable({ results, definition, from = 0, to = results.officials.length, headings }: Props) {
  return (
    <div class="results">
      <ul class="legend" aria-hidden="true">
        {[...definition.levels, { key: "blank", label: words("results.blank") }].map((level, i) => (
          <li key={level.key}>
            <span class={`swatch ${fill(level.key, i)}`} /> {level.label}
          </li>
        ))}
      </ul>
      <table>
        <caption class="sr-only">{words("results.title")}</caption>
        <thead>
          <tr>
            <th scope="col">{words("results.official")}</th>
            {definition.levels.map((level) => (
              <th scope="col" key={level.key}>
                {level.label}
              </th>
            ))}
            <th scope="col">{words("results.blank")}</th>
          </tr>
        </thead>
        <tbody>
          {results.officials.slice(from, to).map((official, i) => (
            <Fragment key={from + i}>
              <Heading heading={headings?.get(from + i)} columns={definition.levels.length + 2} />
              <Row place={from + i + 1} official={official} definition={definition} />
            </Fragment>
          ))}
        </tbody>
      </table>
      {results.denominator.value !== null && (
        <p class="quiet">
          {words(`results.of_${results.denominator.kind}`, { value: number(results.denominator.value) })}
        </p>
      )}
      {definition.paper && <p>{words("results.electronic")}</p>}
    </div>
  );
}

function Heading({ heading, columns }: { readonly heading: string | undefined; readonly columns: number }) {
  if (heading === undefined) return null;
  return (
    <tr>
      <th scope="colgroup" class="block" colSpan={columns}>
        {heading}
      </th>
    </tr>
  );
}

function Row({ place, official, definition }: RowProps & { readonly place: number }) {
  return (
    <tr>
      <th scope="row">
        <span class="name">{`${place}. ${official.name}`}</span>
        {official.position && <span class="post">{official.position}</span>}
        <Bar official={official} definition={definition} />
        {official.finding && <span class="finding">{`${official.finding.text} (${official.finding.rule})`}</span>}
      </th>
      {definition.levels.map((level) => (
        <td key={level.key} data-level={level.label}>
          <span class="count">{number(official.counts[level.key] ?? 0)}</span>
          {official.percent[level.key] != null && <span class="percent">{`${official.percent[level.key]}%`}</span>}
        </td>
      ))}
      <td data-level={words("results.blank")}>
        <span class="count">{number(official.counts.blank ?? 0)}</span>
      </td>
    </tr>
  );
}

/** The same numbers as in the row, to be seen from afar. */
function Bar({ official, definition }: RowProps) {
  const keys = [...definition.levels.map((level) => level.key), "blank"];
  const sum = keys.reduce((total, key) => total + (official.counts[key] ?? 0), 0);
  let x = 0;
  return (
    <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      {keys.map((key, i) => {
        const width = sum === 0 ? 0 : (100 * (official.counts[key] ?? 0)) / sum;
        x += width;
        return <rect key={key} class={fill(key, i)} x={x - width} y="0" width={width} height="8" />;
      })}
    </svg>
  );
}

/** By place in the legal order: dark, middle, light; two levels are dark and light. */
function fill(key: string, place: number): string {
  if (key === "blank") return "fill-blank";
  return `fill-${key === "no_confidence" ? 2 : place}`;
}
