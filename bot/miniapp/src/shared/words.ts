/**
 * The sentences people read: locales/vi.toml and en.toml, those of the phone page and of the
 * committee's in files of the same names in locales/voter and locales/committee.
 */

import vietnamese from "virtual:sentences/vi";
import type { Catalogue } from "./catalogue.d.ts";
import type { Awaited } from "./live.ts";

export type Language = "vi" | "en";
/** A key of the catalogue; src/shared/catalogue.d.ts, written by words.mjs, lists them. */
export type Key = keyof Catalogue;
type Values = Readonly<Record<string, string | number>>;
/** Keys of sentences without placeholders. */
type PlainKey = { [K in Key]: [Catalogue[K]] extends [never] ? K : never }[Key];

const PLACEHOLDER = /\{([a-z_]+)\}/g;

let chosen: Language = "vi";
let sentences = vietnamese;

export function language(): Language {
  return chosen;
}

/**
 * Vietnamese unless the reader asks for English: by `?lang=en`, else by the browser. The English
 * sentences are fetched for those only; where they cannot be had, Vietnamese it is.
 */
export async function chooseLanguage(asked: string | null, preferred: readonly string[]): Promise<void> {
  [chosen, sentences] = ["vi", vietnamese];
  const first = asked ?? preferred.find((tag) => /^(vi|en)\b/i.test(tag)) ?? "vi";
  if (first.toLowerCase().startsWith("en")) {
    try {
      sentences = (await import("virtual:sentences/en")).default;
      chosen = "en";
    } catch {}
  }
  document.documentElement.lang = chosen;
}

/** The sentence under a dotted key, its {placeholders} filled. */
export function words(key: PlainKey): string;
export function words<K extends Key>(key: K, values: Readonly<Record<Catalogue[K], string | number>>): string;
export function words(key: Key, values: Values = {}): string {
  return (sentence(key) ?? key).replace(PLACEHOLDER, (_, name: string) => String(values[name]));
}

/** The sentence under a key that has a part from elsewhere (a server's code); null if there is none. */
export function wordsIfAny(key: string): string | null {
  const text = sentence(key);
  return text === null || text.search(PLACEHOLDER) >= 0 ? null : text;
}

function sentence(key: string): string | null {
  return sentences[key] ?? null;
}

/** For whose signatures everybody waits. */
export function waitingFor({ moment, signed, needed }: Awaited): string {
  return words(`waiting.${moment}`, { signed, needed });
}

/** A whole number as the language writes it. */
export function number(value: number): string {
  return new Intl.NumberFormat(chosen === "vi" ? "vi-VN" : "en-GB").format(value);
}
