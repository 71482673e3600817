/** Bundles test/measure.ts as one module for browsers; the outDir comes from the command line. */

import { defineConfig } from "vite";

export default defineConfig({
  logLevel: "error",
  build: {
    lib: { entry: "test/measure.ts", formats: ["es"], fileName: "measure" },
    target: ["es2022"],
    copyPublicDir: false,
  },
});
