/** Bundles test/exchange.ts for node; the outDir comes from the command line. */

import { defineConfig } from "vite";

export default defineConfig({
  logLevel: "error",
  ssr: { noExternal: true },
  build: { ssr: "test/exchange.ts", target: "es2022", copyPublicDir: false },
});
