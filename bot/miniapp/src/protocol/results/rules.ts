/**
 * A regime as JSON (docs/protocol.md §3.4, §3.5): what results are measured by and what they say.
 *
 * rules.json has those that come with the program, made from admin/rules by `python -m
 * admin.rules.regime rules`; session.json has those of a body's own. Everything is read, so that two
 * programs refuse the same files; what results do not need is not kept.
 */

import { array, boolean, fields, integer, type Json, string } from "../encoding/encoding.ts";
import { malformed } from "../encoding/errors.ts";
import { checkWords, isBuiltin, type Worded, worded } from "./levels.ts";
import builtin from "./rules.json" with { type: "json" };

const PHRASE = /^[^\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]{1,600}$/u;
const ID = /^(?=.{1,40}$)[a-z0-9]+(-[a-z0-9]+)*$/;
const THREE = ["high", "medium", "low"];
const TWO = ["confidence", "no_confidence"];
const WITH_MONTHS = ["months_in_post", "illness_months"];
const MOST_MONTHS = 120;
const MOST_OF = 999;

/** A share of the denominator from which a rule speaks about an official. */
export interface FindingRule {
  readonly code: string;
  readonly level: string;
  /** Numerator and denominator. */
  readonly threshold: readonly [number, number];
  /** Whether the share must be more than the threshold; else from the threshold on. */
  readonly strict: boolean;
  readonly text: string;
  readonly rule: string;
}

/** What results need of a regulation. */
export interface Regime {
  readonly id: string;
  /** The regulation, as people cite it. */
  readonly title: Readonly<Record<"vi" | "en", string>>;
  readonly levels: readonly Worded[];
  readonly denominator: "delegates" | "collected";
  /** A line without a mark is in no level, or counts with the lower of two. */
  readonly blank: "invalid_line" | "counts_as_no";
  /** From the lowest threshold to the highest. */
  readonly findings: readonly FindingRule[];
}

/** The regime of ours with this id, or undefined. */
export function builtinRegime(id: string): Regime | undefined {
  const all: Readonly<Record<string, Json>> = builtin;
  return Object.hasOwn(all, id) ? regimeFromJson(all[id] ?? null, `rules.${id}`) : undefined;
}

/** The rules of a body's own in session.json. Throws malformed. */
export function ownRegime(value: Json, path: string): Regime {
  const own = regimeFromJson(value, path);
  if (isBuiltin(own.id)) throw malformed(`${path}.id: ${own.id} is a built-in regime, which does not travel`);
  checkWords(own.levels);
  return own;
}

function regimeFromJson(value: Json, path: string): Regime {
  const optional = ["eligibility", "quorum", "may_sign"] as const;
  const first = ["id", "kind", "instrument", "title", "levels", "denominator", "blank", "invalid", "findings"] as const;
  const json = fields(value, path, [...first, ...optional], optional);
  oneOf(json.kind, `${path}.kind`, ["party", "state"]);
  phrase(json.instrument, `${path}.instrument`);
  const title = bilingual(json.title, `${path}.title`);
  const levels = array(json.levels, `${path}.levels`).map((level, i) => levelOf(level, `${path}.levels[${i}]`));
  const keys = levels.map((level) => level.key);
  if (![THREE, TWO].some((known) => known.join() === keys.join())) {
    throw malformed(`${path}.levels: ${THREE.join(", ")} or ${TWO.join(", ")}, in this order, are expected`);
  }
  const blank = chosen(json.blank, `${path}.blank`, "policy", ["invalid_line", "counts_as_no"]);
  if (blank === "counts_as_no" && keys.length !== TWO.length) {
    throw malformed(`${path}.blank: a blank line counts as no only where there are two levels`);
  }
  checkInvalid(json.invalid, `${path}.invalid`);
  if (json.eligibility !== undefined) checkEligibility(json.eligibility, `${path}.eligibility`);
  if (json.quorum !== undefined) checkQuorum(json.quorum, `${path}.quorum`);
  if (json.may_sign !== undefined && json.may_sign !== true) throw malformed(`${path}.may_sign: true or absent`);
  return {
    id: string(json.id, `${path}.id`, ID),
    title,
    levels,
    denominator: chosen(json.denominator, `${path}.denominator`, "kind", ["delegates", "collected"]),
    blank,
    findings: findingsOf(json.findings, `${path}.findings`, keys),
  };
}

function levelOf(value: Json, path: string): Worded {
  const { label } = fields(value, path, ["key", "label"]);
  fields(label, `${path}.label`, ["vi", "en"]);
  return worded(value, path);
}

function findingsOf(value: Json, path: string, keys: readonly string[]): FindingRule[] {
  const findings = array(value, path).map((member, i) => findingOf(member, `${path}[${i}]`, keys));
  const codes = findings.map((finding) => finding.code);
  if (new Set(codes).size < codes.length) throw malformed(`${path}: a code stands twice`);
  findings.forEach(({ threshold: [numerator, whole] }, i) => {
    const [before, of] = findings[i - 1]?.threshold ?? [-1, 1];
    if (before * whole >= numerator * of) throw malformed(`${path}: not from the lowest threshold to the highest`);
  });
  return findings;
}

function findingOf(value: Json, path: string, keys: readonly string[]): FindingRule {
  const json = fields(value, path, ["code", "level", "threshold", "strict", "text", "rule", "verified"]);
  const codes = ["low_over_half", "low_two_thirds", "no_confidence_over_half"];
  boolean(json.verified, `${path}.verified`);
  return {
    code: oneOf(json.code, `${path}.code`, codes),
    level: oneOf(json.level, `${path}.level`, keys),
    threshold: fraction(json.threshold, `${path}.threshold`, 0),
    strict: boolean(json.strict, `${path}.strict`),
    text: bilingual(json.text, `${path}.text`).vi,
    rule: phrase(json.rule, `${path}.rule`),
  };
}

function checkInvalid(value: Json, path: string): void {
  const json = fields(value, path, ["scope", "one_name", "rule", "verified"], ["one_name"]);
  oneOf(json.scope, `${path}.scope`, ["line", "ballot"]);
  if (json.one_name !== undefined) oneOf(json.one_name, `${path}.one_name`, ["line"]); // "ballot" is not written
  phrase(json.rule, `${path}.rule`);
  boolean(json.verified, `${path}.verified`);
}

function checkEligibility(value: Json, path: string): void {
  const kinds = array(value, path, 1).map((member, i) => {
    const at = `${path}[${i}]`;
    const json = fields(member, at, ["kind", "least", "text", "rule", "verified"], ["least"]);
    const kind = oneOf(json.kind, `${at}.kind`, ["retirement_notice", "in_post_this_year", ...WITH_MONTHS]);
    if ((json.least !== undefined) !== WITH_MONTHS.includes(kind)) throw malformed(`${at}.least: of two kinds only`);
    if (json.least !== undefined) integer(json.least, `${at}.least`, 1, MOST_MONTHS);
    bilingual(json.text, `${at}.text`);
    phrase(json.rule, `${at}.rule`);
    boolean(json.verified, `${at}.verified`);
    return kind;
  });
  if (new Set(kinds).size < kinds.length) throw malformed(`${path}: a kind stands twice`);
}

function checkQuorum(value: Json, path: string): void {
  const json = fields(value, path, ["part", "base", "rule", "verified"]);
  const [, whole] = fraction(json.part, `${path}.part`, 1);
  if (whole > MOST_OF) throw malformed(`${path}.part: at most ${MOST_OF} parts`);
  oneOf(json.base, `${path}.base`, ["summoned", "delegates"]);
  phrase(json.rule, `${path}.rule`);
  boolean(json.verified, `${path}.verified`);
}

/** What a value with `rule` and `verified` beside it says. */
function chosen<N extends string, T extends string>(value: Json, path: string, name: N, of: readonly T[]): T {
  const json: { readonly [field: string]: Json } = fields(value, path, [name, "rule", "verified"]);
  phrase(json.rule ?? null, `${path}.rule`);
  boolean(json.verified ?? null, `${path}.verified`);
  return oneOf(json[name] ?? null, `${path}.${name}`, of);
}

function fraction(value: Json, path: string, least: number): [number, number] {
  const [numerator = null, whole = null] = array(value, path, 2, 2);
  const of = integer(whole, `${path}[1]`, 1);
  return [integer(numerator, `${path}[0]`, least, of), of];
}

/** The Vietnamese words. */
function bilingual(value: Json, path: string): Regime["title"] {
  const { vi, en } = fields(value, path, ["vi", "en"]);
  return { en: phrase(en, `${path}.en`), vi: phrase(vi, `${path}.vi`) };
}

function phrase(value: Json, path: string): string {
  return string(value, path, PHRASE);
}

function oneOf<T extends string>(value: Json, path: string, of: readonly T[]): T {
  const member = of.find((candidate) => candidate === value);
  if (member === undefined) throw malformed(`${path}: one of ${of.join(", ")} is expected`);
  return member;
}
