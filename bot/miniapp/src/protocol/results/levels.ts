/**
 * What voters read is what is counted: key, label and order of each level come from the regime
 * (docs/protocol.md §3.5; the twin of admin/record/levels.py and admin/rules/labels.py).
 *
 * Of a built-in regime regimes.json has them, made from admin/rules by `python -m
 * admin.rules.regime`; of any other the rules in session.json, whose hash the definition holds.
 */

import { array, type Json, string, text } from "../encoding/encoding.ts";
import { malformed, ProtocolError } from "../encoding/errors.ts";
import type { Level, Policy } from "../session/session.ts";
import regimes from "./regimes.json" with { type: "json" };

// Each Vietnamese letter is one character here, so that a label has one normal form.
const SPELLED = /^[A-Za-z0-9 ,/()ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ-]{1,60}$/u;
const LANGUAGES = ["vi", "en"] as const;

type Language = (typeof LANGUAGES)[number];
/** A level as a regime has it: its key, and its label in both languages. */
export interface Worded {
  readonly key: string;
  readonly label: Readonly<Record<Language, string>>;
}

const BUILTIN: ReadonlyMap<string, readonly Worded[]> = new Map(Object.entries(regimes));

/** `two-level` stands for the resolution in force wherever a regime is named. */
const ALIAS = "two-level";

/** Whether the name is taken: of a regime that comes with this program, or an alias of one. */
export function isBuiltin(regime: string): boolean {
  return BUILTIN.has(regime) || regime === ALIAS;
}

/**
 * Throws bad_definition unless the levels are the regime's to the letter.
 *
 * @param rules what session.json says of a regime that does not come with the program; null of one that does.
 */
export function checkLevels(policy: Policy, rules: Json | null): void {
  const expected = rules === null ? BUILTIN.get(policy.regime) : ownLevels(rules, policy.regime);
  if (expected === undefined) throw refused(`the regime ${policy.regime} is not known to this program`);
  const length = Math.max(expected.length, policy.levels.length);
  for (let i = 0; i < length; i++) {
    const [level, right] = [policy.levels[i], expected[i]];
    if (level?.key !== right?.key || level?.label !== right?.label.vi) {
      const found = shown(level);
      const meant = shown(right && { key: right.key, label: right.label.vi });
      throw refused(`policy.levels[${i}]: ${found}, not ${meant} of ${policy.regime}`);
    }
  }
}

function shown(level: Level | undefined): string {
  return level ? `“${level.label}” with the key ${level.key}` : "no level";
}

function refused(detail: string): ProtocolError {
  return new ProtocolError("bad_definition", `election.phieukin.${detail}`);
}

// --- Rules of a body's own ------------------------------------------------------------------

const PATH = "session.json.rules";

/** The name of a body's own rules, which texts for delegates cite. Throws malformed if they have none. */
export function instrumentOf(rules: Json): string {
  return text(object(rules, PATH).instrument ?? null, `${PATH}.instrument`);
}

function ownLevels(rules: Json, regime: string): Worded[] {
  const { id, levels } = object(rules, PATH);
  if (id !== regime) throw new ProtocolError("bad_definition", `${PATH}: not those of ${regime}`);
  if (isBuiltin(regime)) throw malformed(`${PATH}.id: ${regime} is a built-in regime, which does not travel`);
  const own = array(levels ?? null, `${PATH}.levels`, 2).map((level, i) => worded(level, `${PATH}.levels[${i}]`));
  checkWords(own);
  return own;
}

/** Throws malformed: two labels of a body's own rules read alike, or one like another of ours. */
export function checkWords(own: readonly Worded[]): void {
  for (const language of LANGUAGES) {
    const outlines = own.map((level) => outline(level.label[language]));
    if (new Set(outlines).size < own.length) throw malformed(`${PATH}.levels: two labels read alike`);
  }
  for (const level of own) checkOwn(level);
}

/** A level of a body's own rules. Throws malformed. */
export function worded(value: Json, path: string): Worded {
  const { key, label } = object(value, path);
  const { vi, en } = object(label ?? null, `${path}.label`);
  return {
    key: string(key ?? null, `${path}.key`, /^[a-z][a-z_]{0,31}$/),
    label: { vi: spelled(vi ?? null, `${path}.label.vi`), en: spelled(en ?? null, `${path}.label.en`) },
  };
}

/** The words of our regimes keep their keys and their spelling in rules of one's own. */
function checkOwn({ key, label }: Worded): void {
  const known = [...BUILTIN.values()].flat().flatMap((level) => LANGUAGES.map((l) => [level.key, level.label[l]]));
  for (const language of LANGUAGES) {
    const own = label[language];
    const alike = known.filter(([, word]) => outline(word ?? "") === outline(own));
    if (alike.length > 0 && !alike.some(([other, word]) => other === key && word === own)) {
      throw malformed(`${PATH}.levels: “${own}” of ${key} reads like “${alike[0]?.[1]}” of ${alike[0]?.[0]}`);
    }
  }
}

/** A label, of letters of Vietnamese and English, each one character, and single blanks between words. */
export function spelled(value: Json, path: string): string {
  const label = string(value, path, SPELLED);
  if (label.trim() !== label || label.includes("  ")) {
    throw malformed(`${path}: a label has single blanks, between words only`);
  }
  return label;
}

/** What a hurried reader sees: labels that could be taken for each other have the same one. */
export function outline(label: string): string {
  const plain = label
    .toLowerCase()
    .normalize("NFD")
    .replace(/[l1]/g, "i")
    .replaceAll("0", "o")
    .replaceAll("đ", "d")
    .replaceAll("rn", "m")
    .replaceAll("vv", "w");
  return plain.replace(/[^a-z0-9]/g, "");
}

function object(value: Json, path: string): { readonly [name: string]: Json } {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw malformed(`${path}: an object is expected`);
  return value as { readonly [name: string]: Json };
}
