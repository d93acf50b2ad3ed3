import { defineConfig } from "vitest/config";
import quick from "./vitest.config.mjs";

// What takes minutes: all fifteen networks layer by layer, fuzzing, and the checks with real Keras and PyTorch.
export default defineConfig({
  ...quick,
  test: {
    ...quick.test,
    include: ["packages/*/dist/**/*.slow.test.js"],
    exclude: ["**/node_modules/**"],
    testTimeout: 1_800_000,
  },
});
