/** Results: a stacked bar for each official, in the legal order, readable in black and white. */

import { Fragment } from "preact";
import type { Rated, Results as Found, Shown } from "./record.ts";
import { number, words } from "./words.ts";

interface Props {
  readonly found: Found;
  readonly shown: Shown;
  /** Which officials, from 0; all without. */
  readonly from?: number;
  readonly to?: number;
  /** Of the khối, by the official that begins each. */
  readonly headings?: ReadonlyMap<number, string> | undefined;
}

export function ResultsTable({ found, shown, from = 0, to = found.officials.length, headings }: Props) {
  return (
    <div class="results">
      <ul class="legend" aria-hidden="true">
        {[...shown.levels, { key: "blank", label: words("results.blank") }].map((level, i) => (
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
            {shown.levels.map((level) => (
              <th scope="col" key={level.key}>
                {level.label}
              </th>
            ))}
            <th scope="col">{words("results.blank")}</th>
          </tr>
        </thead>
        <tbody>
          {found.officials.slice(from, to).map((one, i) => (
            <Fragment key={from + i}>
              <Heading heading={headings?.get(from + i)} columns={shown.levels.length + 2} />
              <Row place={from + i + 1} one={one} shown={shown} />
            </Fragment>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        {words(`results.of_${found.denominator.kind}`, { value: number(found.denominator.value) })}
      </p>
      {shown.paper && <p>{words("results.electronic")}</p>}
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

function Row({ place, one, shown }: { readonly place: number; readonly one: Rated; readonly shown: Shown }) {
  return (
    <tr>
      <th scope="row">
        <span class="name">{`${place}. ${one.name}`}</span>
        {one.position && <span class="post">{one.position}</span>}
        <Bar one={one} shown={shown} />
        {one.finding && <span class="finding">{`${one.finding.text} (${one.finding.rule})`}</span>}
      </th>
      {shown.levels.map((level) => (
        <td key={level.key} data-level={level.label}>
          <span class="count">{number(one.counts[level.key] ?? 0)}</span>
          <span class="percent">{`${one.percent[level.key] ?? ""}%`}</span>
        </td>
      ))}
      <td data-level={words("results.blank")}>
        <span class="count">{number(one.counts["blank"] ?? 0)}</span>
      </td>
    </tr>
  );
}

/** The same numbers as in the row, to be seen from afar. */
function Bar({ one, shown }: { readonly one: Rated; readonly shown: Shown }) {
  const keys = [...shown.levels.map((level) => level.key), "blank"];
  const sum = keys.reduce((total, key) => total + (one.counts[key] ?? 0), 0);
  let x = 0;
  return (
    <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      {keys.map((key, i) => {
        const width = sum === 0 ? 0 : (100 * (one.counts[key] ?? 0)) / sum;
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
