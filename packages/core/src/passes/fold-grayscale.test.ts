import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { largestDifference } from "../explain/largest-difference.js";
import { check } from "../graph/check.js";
import { GraphBuilder, nodeOf } from "../graph/graph.js";
import { efficientNet, type ModelName, modelNames } from "../models/efficientnet.js";
import { planes, runModel } from "../testing/direct-runtime.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { cut } from "./cut.js";
import { foldBatchNorm } from "./fold-batch-norm.js";
import { foldGrayscale } from "./fold-grayscale.js";

const fold = JSON.parse(readFileSync(repositoryFolder("fixtures", "keras", "fold-EfficientNetB0.json"), "utf8"));

/** float32 sums of 54 products of the stem, against Keras' float64: rounding leaves 1e-6 of the largest value. */
const stemTolerance = 2e-6;

const model = (name: ModelName, height: number, width: number) =>
  goldenModel(efficientNet(name, { height, width, includeTop: false, pooling: "avg" }));

describe("foldGrayscale", () => {
  it("gives Keras' stem of B0 for a gray image, border included", async () => {
    const folded = cut(foldGrayscale(model("efficientnet-b0", 33, 46)), "stem_conv");
    const { stem_conv } = await runModel(folded, { input_layer: planes(goldenGray(1, 33, 46), [1, 33, 46], 1) });
    const expected = channelsFirst(fold.models.EfficientNetB0.values, fold.models.EfficientNetB0.shape);
    const { difference, scale } = largestDifference(stem_conv!.data, expected);
    expect(difference / scale).toBeLessThan(stemTolerance);
  });

  // Folding reorders sums of float32; 100 layers on, Keras' own float32 differs from float64 by up to 8.6e-6 of the largest value.
  it.each([
    ["efficientnet-b0", 33, 46],
    ["efficientnet-b0", 64, 65],
    ["efficientnet-lite0", 33, 46],
    ["efficientnet-lite0", 64, 65],
    ["efficientnet-b1", 47, 47],
    ["efficientnet-lite2", 32, 33],
  ] as const)(
    "equals three equal channels for %s at %i × %i, with BatchNorm folded too",
    async (name, height, width) => {
      const original = model(name, height, width);
      const gray = goldenGray(2, height, width);
      const three = await runModel(original, { input_layer: planes(gray, [2, height, width], 3) });
      const folded = foldBatchNorm(foldGrayscale(original));
      const one = await runModel(folded, { input_layer: planes(gray, [2, height, width], 1) });
      const { difference, scale } = largestDifference(one["avg_pool"]!.data, three["avg_pool"]!.data);
      expect(difference / scale).toBeLessThan(1e-5);
    },
  );

  it("sums the kernels and shifts the plane where all channels are prepared alike", () => {
    const folded = foldGrayscale(model("efficientnet-lite0", 64, 64));
    expect(folded.weights.get("stem_conv/kernel")!.shape).toEqual([32, 1, 3, 3]);
    expect(nodeOf(folded.graph, "rescaling").attrs).toEqual({ scale: [1], offset: [-127] });
  });

  it.each(modelNames)("holds together and keeps every layer above the stem: %s", (name) => {
    const original = model(name, 64, 64);
    const folded = foldGrayscale(original);
    expect(() => check(folded.graph)).not.toThrow();
    expect(nodeOf(folded.graph, "input_layer").shape).toEqual(["N", 1, 64, 64]);
    const above = [...original.graph.nodes.values()].filter(({ name }) => /^(block|top_|stem_bn|avg_pool)/.test(name));
    for (const node of above) expect(folded.graph.nodes.get(node.name)).toEqual(node);
    expect(folded.weights.get("top_conv/kernel")).toBe(original.weights.get("top_conv/kernel"));
  });

  it("refuses a model in which something else lies before the stem", () => {
    const net = new GraphBuilder();
    net.add("Input", "x", [], { shape: ["N", 3, 8, 8] });
    net.add("Silu", "bend", ["x"], {});
    expect(() => foldGrayscale({ graph: net.build(["bend"]), weights: new Map() })).toThrow(
      "foldGrayscale: bend (Silu) lies between input and stem, expected affine layers, then padding",
    );
  });

  it("refuses an input that two nodes read", () => {
    const net = new GraphBuilder();
    net.add("Input", "x", [], { shape: ["N", 3, 8, 8] });
    net.add("Add", "twice", [net.add("Silu", "a", ["x"], {}), net.add("Relu", "b", ["x"], {})], {});
    expect(() => foldGrayscale({ graph: net.build(["twice"]), weights: new Map() })).toThrow(
      'foldGrayscale: "x" must feed exactly one node, it feeds [Silu, Relu]',
    );
  });
});

function channelsFirst(
  values: readonly number[],
  [, height, width, channels]: readonly [number, number, number, number],
) {
  return Array.from({ length: values.length }, (_, i) => {
    const channel = Math.floor(i / (height * width));
    return values[(i % (height * width)) * channels + channel]!;
  });
}
