/**
 * The sentences people read: locales/vi.toml and en.toml, those of the phone page in files of
 * the same names in locales/voter, under the same dotted keys.
 */

import en from "../../locales/en.toml";
import vi from "../../locales/vi.toml";
import enVoter from "../../locales/voter/en.toml";
import viVoter from "../../locales/voter/vi.toml";

export type Language = "vi" | "en";
type Catalogue = { readonly [key: string]: string | Catalogue };

const CATALOGUES: Readonly<Record<Language, Catalogue>> = {
  vi: { ...vi, voter: viVoter },
  en: { ...en, voter: enVoter },
};

let chosen: Language = "vi";

export function language(): Language {
  return chosen;
}

/** Vietnamese unless the reader asks for English: by `?lang=en`, else by the browser. */
export function chooseLanguage(asked: string | null, preferred: readonly string[]): Language {
  const first = asked ?? preferred.find((tag) => /^(vi|en)\b/i.test(tag)) ?? "vi";
  chosen = first.toLowerCase().startsWith("en") ? "en" : "vi";
  document.documentElement.lang = chosen;
  return chosen;
}

/** The sentence under a dotted key, its {placeholders} filled. */
export function words(key: string, values: Readonly<Record<string, string | number>> = {}): string {
  const found = key
    .split(".")
    .reduce<string | Catalogue | undefined>(
      (here, part) => (typeof here === "object" ? here[part] : undefined),
      CATALOGUES[chosen],
    );
  if (typeof found !== "string") throw new Error(`no words for ${key}`);
  return found.replace(/\{([a-z_]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${key} needs ${name}`);
    return String(value);
  });
}

/** Whether there is a sentence under the key. */
export function hasWords(key: string): boolean {
  try {
    words(key);
    return true;
  } catch (error) {
    return String(error).includes(" needs ");
  }
}

/** A whole number as the language writes it. */
export function number(value: number): string {
  return new Intl.NumberFormat(chosen === "vi" ? "vi-VN" : "en-GB").format(value);
}
