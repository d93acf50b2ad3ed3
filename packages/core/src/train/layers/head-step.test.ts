import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { GraphError } from "../../errors.js";
import { largestDifference } from "../../explain/largest-difference.js";
import { GraphBuilder } from "../../graph/graph.js";
import type { Tensor } from "../../graph/tensor.js";
import { efficientNet } from "../../models/efficientnet.js";
import { dense } from "../../models/layers.js";
import { directRuntime, planes, runModel } from "../../testing/direct-runtime.js";
import { goldenModel } from "../../testing/golden-model.js";
import { goldenGray, goldenWeight } from "../../testing/golden-values.js";
import { repositoryFolder } from "../../testing/repository-folder.js";
import { buildHead } from "./build-head.js";
import { openHeadStep } from "./head-step.js";
import { initialOptimizerState, optimizers } from "./optimizers.js";

interface Recorded {
  losses: number[];
  firstGradient: Record<"head/kernel" | "head/bias", { l2: number; first: number[] }>;
  kernelAfterFirst12: number[];
  biasAfter: number[];
}
type Golden = { featuresFirst8: number[][]; probabilities: number[][] } & Record<
  "headSgd" | "headAdam" | "headAdamW",
  Recorded
>;

const golden: Golden = JSON.parse(readFileSync(repositoryFolder("fixtures", "keras", "head-training.json"), "utf8"));

/**
 * Keras computed in float64, printed with 9 digits. Our features are right to 2e-6 of the largest, 4; losses, gradients and
 * five updates are sums over 1280 of them, where most of that cancels: seen are 1.2e-7, 4e-7 and 1.3e-8.
 */
const lossTolerance = 1e-6;
const gradientTolerance = 2e-6; // relative to the norm
const valueTolerance = 1e-7;

describe("five updates of B0's head, against Keras in float64", () => {
  let features: Tensor;
  beforeAll(async () => {
    const trunk = goldenModel(
      efficientNet("efficientnet-b0", { height: 64, width: 64, includeTop: false, pooling: "avg" }),
    );
    const { avg_pool } = await runModel(trunk, { input_layer: planes(goldenGray(8, 64, 64), [8, 64, 64], 3) });
    features = avg_pool!;
  });

  it("starts from Keras' features", () => {
    const first = golden.featuresFirst8.flatMap((_, n) => [...features.data.subarray(n * 1280, n * 1280 + 8)]);
    const { difference, scale } = largestDifference(first, golden.featuresFirst8.flat());
    expect(difference / scale).toBeLessThan(2.6e-5);
  });

  it.each([
    ["headSgd", optimizers.sgd(), 0.01],
    ["headAdam", optimizers.adam(), 1e-3],
    ["headAdamW", optimizers.adamw({ weightDecay: 0.05 }), 1e-3],
  ] as const)("gives the losses, gradients and weights of %s", async (key, update, rate) => {
    const recorded = golden[key];
    const step = await openHeadStep(directRuntime, buildHead([], 1280, 3));
    const targets = {
      shape: [8, 3],
      data: Float32Array.from({ length: 24 }, (_, i) => (i % 3 === Math.floor(i / 3) % 3 ? 1 : 0)),
    };
    const variables = {
      "predictions/kernel": goldenWeight("head/kernel", [1280, 3]),
      "predictions/bias": goldenWeight("head/bias", [3]),
    };
    const weights = {
      "predictions/kernel": { shape: [1280, 3], data: variables["predictions/kernel"] },
      "predictions/bias": { shape: [3], data: variables["predictions/bias"] },
    };
    let state = initialOptimizerState;
    for (const [t, loss] of recorded.losses.entries()) {
      const result = await step.run({ features, targets, masks: {} }, weights);
      expect(Math.abs(result.loss - loss)).toBeLessThan(lossTolerance);
      for (const variable of t === 0 ? (["kernel", "bias"] as const) : []) {
        const gradient = result.gradients[`predictions/${variable}`]!;
        const { l2, first } = recorded.firstGradient[`head/${variable}`];
        expect(Math.abs(Math.hypot(...gradient) - l2) / l2).toBeLessThan(gradientTolerance);
        expect(largestDifference(gradient.subarray(0, first.length), first).difference / l2).toBeLessThan(
          gradientTolerance,
        );
      }
      if (t < recorded.losses.length - 1) state = update(variables, result.gradients, rate, state);
    }
    await step.release();
    const kernel = largestDifference(variables["predictions/kernel"].subarray(0, 12), recorded.kernelAfterFirst12);
    expect(kernel.difference).toBeLessThan(valueTolerance);
    expect(largestDifference(variables["predictions/bias"], recorded.biasAfter).difference).toBeLessThan(
      valueTolerance,
    );
  });
});

describe("openHeadStep", () => {
  it("weighs an image by the sum of its targets: one of weight 0 has no say", async () => {
    const step = await openHeadStep(directRuntime, buildHead([], 2, 2));
    const weights = {
      "predictions/kernel": { shape: [2, 2], data: Float32Array.of(0.5, -1, 2, 0.25) },
      "predictions/bias": { shape: [2], data: Float32Array.of(0.1, 0.2) },
    };
    const batch = (features: number[], targets: number[]) => ({
      features: { shape: [features.length / 2, 2], data: Float32Array.from(features) },
      targets: { shape: [targets.length / 2, 2], data: Float32Array.from(targets) },
      masks: {},
    });
    const alone = await step.run(batch([1, 2], [0, 1]), weights);
    const beside = await step.run(batch([1, 2, 9, -9], [0, 2, 0, 0]), weights);
    await step.release();
    // Twice the weight in a mean over twice the images.
    expect(beside.loss).toBeCloseTo(alone.loss, 6);
    expect(
      largestDifference(beside.gradients["predictions/kernel"]!, alone.gradients["predictions/kernel"]!).difference,
    ).toBeLessThan(1e-6);
  });

  it("refuses a head that does not end in softmax", async () => {
    const net = new GraphBuilder();
    net.add("Input", "features", [], { shape: ["N", 3] });
    const head = net.build([dense(net, "features", "predictions", 2, { op: "Sigmoid" })]);
    await expect(openHeadStep(directRuntime, head)).rejects.toThrow(GraphError);
  });
});
