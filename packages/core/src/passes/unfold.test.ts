import { describe, expect, it } from "vitest";
import { largestDifference } from "../explain/largest-difference.js";
import { bind, type Model } from "../graph/model.js";
import { isSameTensor } from "../graph/tensor.js";
import { efficientNet } from "../models/efficientnet.js";
import type { ModelName } from "../models/variants.js";
import { SeededRandom } from "../seeded-random.js";
import { planes, runModel } from "../testing/direct-runtime.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";
import { foldBatchNorm } from "./fold-batch-norm.js";
import { foldGrayscale } from "./fold-grayscale.js";
import { unfoldBatchNorm } from "./unfold-batch-norm.js";
import { unfoldGrayscale } from "./unfold-grayscale.js";

const size = { height: 45, width: 62 };
const build = (name: ModelName) => goldenModel(efficientNet(name, { ...size, includeTop: false, pooling: "avg" }));
const fold = (model: Model) => foldBatchNorm(foldGrayscale(model));
const unfold = (trained: Model, before: Model) =>
  unfoldGrayscale(unfoldBatchNorm(trained, foldGrayscale(before)), before);

/** Every weight moved by a few percent, as training moves them. */
function train(model: Model): Model {
  const random = new SeededRandom(5);
  const weights = [...model.weights].map(([name, { shape, data }]) => {
    return [
      name,
      { shape, data: data.map((value) => value * (1 + 0.05 * random.normal()) + 0.001 * random.normal()) },
    ] as const;
  });
  return bind(model.graph, new Map(weights));
}

const networks = ["efficientnet-b0", "efficientnet-v2-b0", "efficientnet-v2-s", "efficientnet-lite0"] as const;
const one = goldenGray(1, 45, 62);

describe("unfolding", () => {
  it.each(networks)("gives back every weight of %s bit for bit when nothing was trained", (name) => {
    const before = build(name);
    const after = unfold(fold(before), before);
    expect(after.graph).toBe(before.graph);
    expect([...after.weights.keys()]).toEqual([...before.weights.keys()]);
    for (const [weight, tensor] of after.weights)
      expect(isSameTensor(tensor, before.weights.get(weight)!), weight).toBe(true);
  });

  // float32 rounding of kernels, once divided and once multiplied, through some 80 layers; as for folding.
  it.each(networks)("gives a %s for gray three times what the trained one gives for gray", async (name) => {
    const before = build(name);
    const trained = train(fold(before));
    const after = unfold(trained, before);
    const gray = (channels: number) => ({ input_layer: planes(one, [1, 45, 62], channels) });
    const expected = (await runModel(trained, gray(1)))["avg_pool"]!.data;
    const actual = (await runModel(after, gray(3)))["avg_pool"]!.data;
    const untrained = (await runModel(before, gray(3)))["avg_pool"]!.data;
    const { difference, scale } = largestDifference(actual, expected);
    expect(difference / scale).toBeLessThan(2e-5);
    expect(largestDifference(untrained, expected).difference / scale).toBeGreaterThan(0.01); // the training was no trifle
  });

  it("keeps what training may not touch: statistics, and the scale of each normalization", () => {
    const before = build("efficientnet-b0");
    const after = unfold(train(fold(before)), before);
    for (const [name, tensor] of before.weights) {
      if (/\/(gamma|moving_mean|moving_variance)$/.test(name)) expect(after.weights.get(name), name).toEqual(tensor);
    }
  });

  it("stays as near to the kernel before as the gray image leaves open", () => {
    const before = build("efficientnet-b0");
    const trained = train(fold(before));
    const after = unfold(trained, before).weights.get("stem_conv/kernel")!.data;
    const original = before.weights.get("stem_conv/kernel")!.data;
    // What is added lies in the plane that the two factors span: its part along their cross product is nothing.
    const scale = [0.229, 0.224, 0.225].map((std) => 1 / 255 / std);
    const offset = [0.485, 0.456, 0.406].map((mean, c) => -mean / [0.229, 0.224, 0.225][c]!);
    const normal = [0, 1, 2].map((c) => {
      const [a, b] = [(c + 1) % 3, (c + 2) % 3];
      return scale[a]! * offset[b]! - scale[b]! * offset[a]!;
    });
    const length = Math.hypot(...normal);
    for (let m = 0; m < 32; m++) {
      for (let tap = 0; tap < 9; tap++) {
        const moved = [0, 1, 2].map((c) => after[(m * 3 + c) * 9 + tap]! - original[(m * 3 + c) * 9 + tap]!);
        const along = moved.reduce((sum, value, c) => sum + (value * normal[c]!) / length, 0);
        expect(Math.abs(along)).toBeLessThan(1e-6); // the kernel's float32, of values up to 0.5
      }
    }
  });

  it("revives a filter that a gamma of 0 had switched off", () => {
    const original = build("efficientnet-lite0");
    const gamma = { shape: [32], data: new Float32Array(32).fill(1) };
    gamma.data[3] = 0;
    const before = bind(original.graph, new Map([...original.weights, ["stem_bn/gamma", gamma]]));
    const trained = train(foldBatchNorm(before));
    const after = unfoldBatchNorm(trained, before);
    const folded = foldBatchNorm(after);
    for (const name of ["stem_conv/kernel", "stem_bn/bias"]) {
      const { difference, scale } = largestDifference(folded.weights.get(name)!.data, trained.weights.get(name)!.data);
      expect(difference / scale, name).toBeLessThan(1e-6);
    }
  });

  it("refuses a stem that is not folded", () => {
    const before = build("efficientnet-b0");
    expect(() => unfoldGrayscale(before, before)).toThrow(
      "unfoldGrayscale: stem_conv/kernel: expected the folded kernel [32, 2, 3, 3], got [32, 3, 3, 3]",
    );
  });
});
