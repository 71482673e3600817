/**
 * From totals to results.json (docs/protocol.md §7.4; checks 19 and 20): exact integers, no opinion.
 *
 * A percentage has two decimals, rounded half up, a decimal comma and no trailing zeros; the strongest
 * rule that applies is the finding. Where there is nothing to take a share of, there is neither.
 */

import { type Bytes, canonical, type Json, sameBytes } from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import type { Election } from "../session/session.ts";
import { checkAgrees, type SessionFile } from "../session/sessionfile.ts";
import { checkLevels, isBuiltin } from "./levels.ts";
import type { Totals } from "./result.ts";
import { builtinRegime, type FindingRule, type Regime } from "./rules.ts";

export const SCHEMA = "phieukin.results/1";

/** Counts of one official: one for each level, null where not known; `blank` null to take it from the ballots. */
export interface OfficialCounts {
  readonly name: string;
  readonly position: string;
  readonly levels: readonly (number | null)[];
  readonly blank: number | null;
}

/** What percentages may be taken of: the members of the body, and the ballots; null where not known. */
export interface Turnout {
  readonly delegates: number | null;
  readonly collected: number | null;
}

/** A rule that speaks about an official's result. */
export interface Finding {
  readonly code: string;
  readonly text: string;
  readonly rule: string;
}

/** The totals of one official; percentages with a decimal comma, null where there is nothing to take a share of. */
export interface OfficialResults {
  readonly name: string;
  readonly position: string;
  readonly counts: Readonly<Record<string, number | null>>;
  readonly percent: Readonly<Record<string, string | null>>;
  readonly finding: Finding | null;
}

/** The document phieukin.results/1. */
export interface Results {
  readonly schema: typeof SCHEMA;
  readonly regime: string;
  readonly denominator: { readonly kind: "delegates" | "collected"; readonly value: number | null };
  readonly officials: readonly OfficialResults[];
}

/**
 * Check 19: the levels are the regime's to the letter. Returns the regime.
 *
 * Throws bad_definition; incomplete: a regime that this program does not know, without session.json.
 *
 * @param session null of a bare archive.
 */
export function regimeOf(election: Election, session: SessionFile | null): Regime {
  const { policy } = election.ours;
  if (session?.rules == null && !isBuiltin(policy.regime)) {
    throw new ProtocolError("incomplete", `the regime ${policy.regime} is not known to this program`);
  }
  const own = session?.rules ?? null;
  checkLevels(policy, own && { id: own.id, levels: own.levels.map(({ key, label }): Json => ({ key, label })) });
  const regime = own ?? builtinRegime(policy.regime);
  if (regime === undefined) throw new ProtocolError("incomplete", `${policy.regime} is the name of no regime`);
  return regime;
}

/**
 * Check 20: results.json is what the totals and the regime give. Returns it.
 *
 * Throws bad_record; of a bare archive, where both files are null, incomplete.
 *
 * @param roster how many are on it from the opening on, amendments applied.
 */
export function checkResults(
  raw: Uint8Array,
  election: Election,
  totals: Totals,
  cast: number,
  session: SessionFile,
  roster: number,
): Results {
  checkAgrees(session, election);
  const expected = resultsOf(election, totals, cast, session, roster);
  if (!sameBytes(encodeResults(expected), raw)) {
    throw new ProtocolError("bad_record", "results.json: not what the totals and the regime give");
  }
  return expected;
}

/**
 * The results of a session; of a bare archive, without session.json, some regimes have no percentages.
 *
 * Throws bad_record: more ballots than the body has members.
 */
export function resultsOf(
  election: Election,
  totals: Totals,
  cast: number,
  session: SessionFile | null = null,
  roster = 0,
): Results {
  const regime = regimeOf(election, session);
  const delegates = session && Math.max(session.delegates, roster);
  const officials = election.ours.officials.map((official, i): OfficialCounts => {
    return { ...official, levels: totals[i] ?? [], blank: null };
  });
  return tabulate(regime, officials, { delegates, collected: cast });
}

/** Of a stock election: counts under its own answers; no regime, no percentages. */
export function stockResults(election: Election, totals: Totals, cast: number): Results {
  const officials = election.questions.map((question, i): OfficialResults => {
    const line = totals[i] ?? [];
    const counts = question.answers.map((answer, j): [string, number] => [answer, line[j] ?? 0]);
    const blank = cast - line.reduce((sum, count) => sum + count, 0);
    return {
      name: question.question,
      position: "",
      counts: Object.fromEntries([...counts, ["blank", blank]]),
      percent: Object.fromEntries(question.answers.map((answer) => [answer, null])),
      finding: null,
    };
  });
  return { schema: SCHEMA, regime: "", denominator: { kind: "collected", value: cast }, officials };
}

/**
 * The results of plain counts.
 *
 * Throws bad_record: more marks than ballots, or more ballots than members.
 */
export function tabulate(regime: Regime, officials: readonly OfficialCounts[], turnout: Turnout): Results {
  const { delegates, collected } = turnout;
  if (delegates !== null && collected !== null && collected > delegates) {
    throw contradiction(`${collected} ballots, ${delegates} members`);
  }
  const value = regime.denominator === "delegates" ? delegates : collected;
  return {
    schema: SCHEMA,
    regime: regime.id,
    denominator: { kind: regime.denominator, value },
    officials: officials.map((official) => lineOf(regime, official, turnout, value)),
  };
}

/** The only spelling of results.json. */
export function encodeResults(results: Results): Bytes {
  return canonical({ ...results, officials: results.officials.map((line) => ({ ...line }) as unknown as Json) });
}

function lineOf(regime: Regime, official: OfficialCounts, turnout: Turnout, value: number | null): OfficialResults {
  const marks = [...official.levels, official.blank].reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const most = turnout.collected ?? turnout.delegates;
  if (most !== null && marks > most) throw contradiction(`${official.name}: ${marks} marks on ${most} ballots`);
  const counts = countsOf(regime, official, turnout);
  const percent = regime.levels.map(({ key }): [string, string | null] => {
    const count = counts.get(key) ?? null;
    return [key, count === null || !value ? null : percentage(count, value)];
  });
  const { name, position } = official;
  return {
    name,
    position,
    counts: Object.fromEntries(counts),
    percent: Object.fromEntries(percent),
    finding: value ? findingOf(regime, counts, value) : null,
  };
}

function countsOf(regime: Regime, official: OfficialCounts, turnout: Turnout): Map<string, number | null> {
  const counts = new Map(regime.levels.map(({ key }, i) => [key, official.levels[i] ?? null]));
  const blank = blankOf(official, turnout);
  if (regime.blank === "invalid_line") return counts.set("blank", blank);
  const last = regime.levels.at(-1)?.key ?? "";
  const marked = counts.get(last) ?? null;
  counts.set(last, marked === null || blank === null ? null : marked + blank);
  return counts.set("blank", blank === null ? null : 0);
}

/** The column, else the ballots less those at a level, else unknown. */
function blankOf({ blank, levels }: OfficialCounts, { collected }: Turnout): number | null {
  if (blank !== null || collected === null || levels.includes(null)) return blank;
  return levels.reduce<number>((rest, count) => rest - (count ?? 0), collected);
}

function findingOf(regime: Regime, counts: ReadonlyMap<string, number | null>, value: number): Finding | null {
  const applying = regime.findings.filter((rule) => {
    const count = counts.get(rule.level) ?? null;
    return count !== null && applies(rule, count, value);
  });
  const strongest = applying.at(-1);
  return strongest ? { code: strongest.code, text: strongest.text, rule: strongest.rule } : null;
}

/** "Quá nửa" is 2·count > N. */
function applies({ threshold: [numerator, whole], strict }: FindingRule, count: number, of: number): boolean {
  const [reached, needed] = [BigInt(whole) * BigInt(count), BigInt(numerator) * BigInt(of)];
  return strict ? reached > needed : reached >= needed;
}

/** `count` of `of` as published: 88,89, 66,6, 98. */
export function percentage(count: number, of: number): string {
  const hundredths = Number((20_000n * BigInt(count) + BigInt(of)) / (2n * BigInt(of)));
  const [whole, decimals] = [Math.floor(hundredths / 100), hundredths % 100];
  return decimals === 0 ? String(whole) : `${whole},${String(decimals).padStart(2, "0")}`.replace(/0+$/, "");
}

function contradiction(detail: string): ProtocolError {
  return new ProtocolError("bad_record", `results: ${detail}`);
}
