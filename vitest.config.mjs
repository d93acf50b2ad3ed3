import { defineConfig } from "vitest/config";

// The tests run as compiled, from dist: what is tested is what ships, and a worker thread loads the same files as in production.
export default defineConfig({
  test: {
    include: ["packages/*/dist/**/*.test.js", "examples/dist/**/*.test.js", "scripts/**/*.test.mjs"],
    env: { ORT_DISABLE_TELEMETRY: "1" }, // the tests that call ONNX Runtime without grayling send nothing either
    exclude: ["**/node_modules/**", "**/*.slow.test.js"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ["default", "./scripts/closing-line-reporter.mjs"],
  },
});
