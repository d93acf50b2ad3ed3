import { defineConfig } from "vitest/config";

// The tests run as compiled, from dist: what is tested is what ships, and a worker thread loads the same files as in production.
export default defineConfig({
  test: {
    include: ["packages/*/dist/**/*.test.js", "examples/dist/**/*.test.js", "scripts/**/*.test.mjs"],
    exclude: ["**/node_modules/**"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ["default", "./scripts/closing-line-reporter.mjs"],
  },
});
