/** The sentences that people read, as modules for the pages. */

import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import type { Plugin } from "vite";

/**
 * The sentences of a language by dotted key, as the module virtual:sentences/LANGUAGE: those of
 * locales/ itself, and under its name those of one folder in it.
 */
export function sentences(folder: "voter" | "committee"): Plugin {
  const id = "virtual:sentences/";
  const read = (file: string) => parse(readFileSync(new URL(`locales/${file}.toml`, import.meta.url), "utf-8"));
  return {
    name: "sentences",
    resolveId: (source) => (source.startsWith(id) ? `\0${source}` : null),
    load(resolved) {
      if (!resolved.startsWith(`\0${id}`)) return null;
      const language = resolved.slice(id.length + 1);
      const all = Object.fromEntries(flat({ ...read(language), [folder]: read(`${folder}/${language}`) }, ""));
      return { code: `export default ${JSON.stringify(all)}`, moduleType: "js" };
    },
  };
}

function flat(table: object, prefix: string): [string, string][] {
  return Object.entries(table).flatMap(([name, entry]) =>
    typeof entry === "string" ? [[prefix + name, entry]] : flat(entry, `${prefix}${name}.`),
  );
}
