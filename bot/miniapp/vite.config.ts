/** Builds the pages into dist/: the same sources and lockfile give the same bytes. */

import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { defineConfig, type Plugin } from "vite";

/** locales/*.toml as modules. */
function toml(): Plugin {
  return {
    name: "toml",
    load(id) {
      if (!id.endsWith(".toml")) return null;
      return { code: `export default ${JSON.stringify(parse(readFileSync(id, "utf-8")))}`, moduleType: "js" };
    },
  };
}

export default defineConfig({
  base: "/",
  publicDir: "public",
  plugins: [toml()],
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
