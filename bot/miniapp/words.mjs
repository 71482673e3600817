/**
 * Writes src/shared/catalogue.d.ts from the Vietnamese sentences: every key, with the placeholders
 * its sentence has. Fails where the English ones have other keys or other placeholders.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parse } from "smol-toml";

const TYPES = new URL("src/shared/catalogue.d.ts", import.meta.url);

/** `[key, names of its placeholders]` of every sentence of a language, as sentences.ts joins them. */
function sentences(language) {
  const read = (path) => parse(readFileSync(new URL(path, import.meta.url), "utf-8"));
  const parts = ["voter", "committee"].map((part) => [part, read(`locales/${part}/${language}.toml`)]);
  const catalogue = { ...read(`locales/${language}.toml`), ...Object.fromEntries(parts) };
  const flat = (table, prefix) =>
    Object.entries(table).flatMap(([name, entry]) =>
      typeof entry === "string" ? [[prefix + name, placeholders(entry)]] : flat(entry, `${prefix}${name}.`),
    );
  return flat(catalogue, "");
}

function placeholders(sentence) {
  return [...new Set(sentence.match(/(?<=\{)[a-z_]+(?=\})/g))].sort();
}

const vietnamese = sentences("vi");
const english = new Map(sentences("en").map(([key, names]) => [key, String(names)]));
const differing = vietnamese.filter(([key, names]) => english.get(key) !== String(names)).map(([key]) => key);
const missing = [...english.keys()].filter((key) => !vietnamese.some(([name]) => name === key));
if (differing.length > 0 || missing.length > 0) {
  process.stderr.write(`words: vi.toml and en.toml differ in ${[...differing, ...missing].join(", ")}\n`);
  process.exit(1);
}

const lines = vietnamese.map(
  ([key, names]) => `  "${key}": ${names.map((name) => `"${name}"`).join(" | ") || "never"};`,
);
const types = `/** Written by words.mjs: each sentence's key and its placeholders. */
export interface Catalogue {
${lines.join("\n")}
}
`;
// Untouched where nothing changed: its time decides whether the pages are built again.
if (!existsSync(TYPES) || readFileSync(TYPES, "utf-8") !== types) writeFileSync(TYPES, types);
