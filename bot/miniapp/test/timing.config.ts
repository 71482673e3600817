/** Bundles test/timing.ts and its worker for node; the outDir comes from the command line. */

import { defineConfig } from "vite";

export default defineConfig({
  logLevel: "error",
  ssr: { noExternal: true },
  build: {
    ssr: true,
    target: "es2022",
    copyPublicDir: false,
    rolldownOptions: { input: ["test/timing.ts", "test/judging_node.ts"] },
  },
});
