/** Builds the pages into dist/, all but the committee's: the same sources and lockfile give the same bytes. */

import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";
import { sentences } from "./sentences.ts";

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
  logLevel: "warn",
  plugins: [sentences("voter"), first()],
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
