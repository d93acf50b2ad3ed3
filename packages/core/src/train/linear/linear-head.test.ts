import { expect, it } from "vitest";
import { check } from "../../graph/check.js";
import { runModel } from "../../testing/direct-runtime.js";
import { linearHead } from "./linear-head.js";

it("gives the softmax of a linear map of the features", async () => {
  const head = linearHead(Float32Array.of(1, 2, 3, -1, 0, 0.5), Float32Array.of(0.1, 0, -0.2), 2, 3);
  check(head.graph);
  const { predictions } = await runModel(head, { features: { shape: [1, 2], data: Float32Array.of(0.5, 2) } });
  const powers = [0.5 - 2 + 0.1, 1, 1.5 + 1 - 0.2].map(Math.exp);
  const sum = powers.reduce((a, b) => a + b, 0);
  for (const [k, power] of powers.entries()) expect(predictions!.data[k]).toBeCloseTo(power / sum, 6);
});

it("refuses a kernel of another size", () => {
  expect(() => linearHead(new Float32Array(5), new Float32Array(3), 2, 3)).toThrow(
    "linear head: expected [2, 3] and [3], got 5 and 3 values",
  );
});
