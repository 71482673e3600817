/** Bundles test/exchange.ts for node; the outDir comes from the command line. */

import { defineConfig } from "vite";

const REMEMBERED = `${import.meta.dirname}/remembered_group.ts`;

export default defineConfig({
  logLevel: "error",
  plugins: [
    {
      name: "remembered-group",
      enforce: "pre",
      resolveId: (source, importer) =>
        source.endsWith("/group.ts") && importer !== REMEMBERED ? REMEMBERED : undefined,
    },
  ],
  ssr: { noExternal: true },
  build: { ssr: "test/exchange.ts", target: "es2022", copyPublicDir: false },
});
