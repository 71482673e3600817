/** Builds the pages into dist/: the same sources and lockfile give the same bytes. */

import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { defineConfig, type Plugin } from "vite";

/** The sentences of a language in locales/, by dotted key, as the module virtual:sentences/LANGUAGE. */
function sentences(): Plugin {
  const id = "virtual:sentences/";
  const read = (file: string) => parse(readFileSync(new URL(`locales/${file}.toml`, import.meta.url), "utf-8"));
  return {
    name: "sentences",
    resolveId: (source) => (source.startsWith(id) ? `\0${source}` : null),
    load(resolved) {
      if (!resolved.startsWith(`\0${id}`)) return null;
      const language = resolved.slice(id.length + 1);
      const all = Object.fromEntries(flat({ ...read(language), voter: read(`voter/${language}`) }, ""));
      return { code: `export default ${JSON.stringify(all)}`, moduleType: "js" };
    },
  };
}

function flat(table: object, prefix: string): [string, string][] {
  return Object.entries(table).flatMap(([name, entry]) =>
    typeof entry === "string" ? [[prefix + name, entry]] : flat(entry, `${prefix}${name}.`),
  );
}

/** src/voter/first.js as it stands, before all other scripts of the voter's page: Vite would make a module of it. */
function first(): Plugin {
  const source = readFileSync(new URL("src/voter/first.js", import.meta.url));
  return {
    name: "first",
    apply: "build",
    buildStart() {
      this.emitFile({ type: "asset", name: "first.js", source });
    },
    transformIndexHtml: {
      order: "post",
      handler(_, { path, bundle }) {
        const file = Object.values(bundle ?? {}).find((output) => output.fileName.includes("/first-"))?.fileName;
        if (path !== "/voter.html" || file === undefined) return [];
        return [{ tag: "script", attrs: { src: `/${file}`, defer: true }, injectTo: "head-prepend" }];
      },
    },
  };
}

export default defineConfig({
  base: "/",
  publicDir: "public",
  plugins: [sentences(), first()],
  worker: { format: "iife" },
  build: {
    target: ["es2022", "chrome94", "safari15.4", "firefox100"],
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_, deps, { hostType }) => (hostType === "html" ? deps : []),
    },
    rolldownOptions: {
      input: { voter: "voter.html", hall: "hall.html", home: "home.html" },
    },
  },
});
