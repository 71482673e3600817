/** Tests of one thread share the modules that they test, but for those that count what a module does. */

import { defineConfig } from "vitest/config";

const COUNTING = "test/operations.test.ts";

export default defineConfig({
  test: {
    pool: "threads",
    projects: [
      { extends: "./vite.config.ts", test: { name: "counting", include: [COUNTING] } },
      { extends: "./vite.config.ts", test: { name: "shared", exclude: [COUNTING, "node_modules"], isolate: false } },
    ],
  },
});
