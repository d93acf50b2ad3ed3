import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { largestDifference } from "../explain/largest-difference.js";
import { check } from "../graph/check.js";
import { type Graph, GraphBuilder, isOp, nodeOf, nodesOf, type Shape } from "../graph/graph.js";
import { bind, type Model } from "../graph/model.js";
import { rewrite } from "../graph/rewrite.js";
import { sizeOf, type Tensor } from "../graph/tensor.js";
import { efficientNet } from "../models/efficientnet.js";
import { type ModelName, modelNames } from "../models/variants.js";
import { SeededRandom } from "../seeded-random.js";
import { planes, runModel } from "../testing/direct-runtime.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { cut, cutGraph } from "./cut.js";
import { foldBatchNorm } from "./fold-batch-norm.js";
import { foldGrayscale } from "./fold-grayscale.js";

interface FoldedStem {
  mean: number;
  min: number;
  max: number;
  corners: Record<string, number[]>;
}

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

  const recorded = sharedFolder("golden", "fold.json");
  const recordedModels: Record<string, FoldedStem> =
    recorded && existsSync(recorded) ? JSON.parse(readFileSync(recorded, "utf8")).models : {};
  it.for(["B0", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "V2B0", "V2B1", "V2B2", "V2B3", "V2S", "V2M", "V2L"])(
    "gives Keras' stem of %s for a gray image, corner by corner",
    async (variant, context) => {
      const stem = recordedModels[`EfficientNet${variant}`];
      if (!stem) return context.skip("the recorded stems are not beside this checkout");
      const name = `efficientnet-${variant.replace("V2", "v2-").toLowerCase()}` as ModelName;
      const bare = goldenModel(cutGraph(efficientNet(name, { height: 33, width: 46 }), "stem_conv"));
      const outputs = await runModel(foldGrayscale(bare), {
        input_layer: planes(goldenGray(1, 33, 46), [1, 33, 46], 1),
      });
      const { data, shape } = outputs["stem_conv"]!;
      const [, filters, rows, columns] = shape as [number, number, number, number];
      const scale = Math.max(-stem.min, stem.max);
      const corners = {
        topLeft: 0,
        topRight: columns - 1,
        bottomLeft: (rows - 1) * columns,
        bottomRight: rows * columns - 1,
      };
      for (const [corner, pixel] of Object.entries(corners)) {
        const actual = Array.from({ length: filters }, (_, m) => data[m * rows * columns + pixel]!);
        expect(largestDifference(actual, stem.corners[corner]!).difference / scale).toBeLessThan(stemTolerance);
      }
      const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
      expect(Math.abs(mean - stem.mean) / scale).toBeLessThan(stemTolerance);
    },
  );

  // Folding reorders sums of float32; 100 layers on, Keras' own float32 differs from float64 by up to 8.6e-6 of the largest value.
  it.each([
    ["efficientnet-b0", 33, 46],
    ["efficientnet-b0", 64, 65],
    ["efficientnet-lite0", 33, 46],
    ["efficientnet-lite0", 64, 65],
    ["efficientnet-b1", 47, 47],
    ["efficientnet-lite2", 32, 33],
    ["efficientnet-v2-b0", 33, 46],
    ["efficientnet-v2-s", 64, 65],
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
    const graph = efficientNet(name, { height: 64, width: 64, includeTop: false, pooling: "avg" });
    const stem = goldenModel(cutGraph(graph, "stem_conv"));
    const zeros = nodesOf(graph, "Weight").map(({ name, attrs: { shape } }) => {
      return [name, { shape, data: new Float32Array(sizeOf(shape)) }] as const;
    });
    const original = bind(graph, new Map([...zeros, ...stem.weights]));
    const folded = foldGrayscale(original);
    expect(() => check(folded.graph)).not.toThrow();
    expect(nodeOf(folded.graph, "input_layer").shape).toEqual(["N", 1, 64, 64]);
    const above = [...original.graph.nodes.values()].filter(({ name }) => /^(block|top_|stem_bn|avg_pool)/.test(name));
    for (const node of above) expect(folded.graph.nodes.get(node.name)).toEqual(node);
    expect(folded.weights.get("top_conv/kernel")).toBe(original.weights.get("top_conv/kernel"));
  });

  it("keeps a batch that is a number", () => {
    const three = goldenModel(withInput(cutGraph(efficientNet("efficientnet-b0"), "stem_conv"), [4, 3, 40, 50]));
    expect(nodeOf(foldGrayscale(three).graph, "input_layer").shape).toEqual([4, 1, 40, 50]);
  });

  it("refuses a model in which something else lies before the stem", () => {
    const net = new GraphBuilder();
    net.add("Input", "x", [], { shape: ["N", 3, 8, 8] });
    net.add("Silu", "bend", ["x"], {});
    expect(() => foldGrayscale({ graph: net.build(["bend"]), weights: new Map() })).toThrow(
      "foldGrayscale: bend (Silu) lies between input and stem, expected affine layers, then padding",
    );
  });

  it("refuses a model that gives out a layer on the way: folded, it would be another", () => {
    const lite = cut(model("efficientnet-lite0", 32, 32), "rescaling", "stem_conv");
    expect(() => foldGrayscale(lite)).toThrow(
      'foldGrayscale: "rescaling" must feed exactly one node, it feeds [Pad, output]',
    );
  });

  it("refuses padding before the preprocessing: its zeros would be levels", () => {
    const net = new GraphBuilder();
    net.add("Input", "x", [], { shape: ["N", 3, 8, 8] });
    net.add("Pad", "pad", ["x"], { pads: [1, 1, 1, 1] });
    net.add("Rescaling", "late", ["pad"], { scale: [1], offset: [1] });
    expect(() => foldGrayscale({ graph: net.build(["late"]), weights: new Map() })).toThrow(
      "foldGrayscale: late (Rescaling) lies between input and stem, expected affine layers, then padding",
    );
  });

  it("refuses a model with two inputs, and one without", () => {
    const net = new GraphBuilder();
    const inputs = ["a", "b"].map((name) => net.add("Input", name, [], { shape: ["N", 3, 8, 8] }));
    const two = { graph: net.build([net.add("Add", "sum", inputs, {})]), weights: new Map() };
    expect(() => foldGrayscale(two)).toThrow("foldGrayscale: expected one input, got 2");
    const none = net.build([net.add("Constant", "one", [], { shape: [], value_floats: [1] })]);
    expect(() => foldGrayscale({ graph: none, weights: new Map() })).toThrow(
      "foldGrayscale: expected one input, got 0",
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

/** Why gray images pass in Keras without anybody folding anything, and why they do not in every network. */
describe("a gray image in a network that was not folded", () => {
  it("becomes three equal channels in B0, where the mean broadcasts: the result is the same to the bit", async () => {
    const three = model("efficientnet-b0", 40, 51);
    const one = { ...three, graph: withInput(three.graph, ["N", 1, 40, 51]) };
    expect(nodeOf(one.graph, "rescaling").shape).toEqual(["N", 1, 40, 51]);
    expect(nodeOf(one.graph, "normalization").shape).toEqual(["N", 3, 40, 51]);
    const gray = goldenGray(2, 40, 51);
    const outputs = await runModel(one, { input_layer: planes(gray, [2, 40, 51], 1) });
    expect(outputs).toEqual(await runModel(three, { input_layer: planes(gray, [2, 40, 51], 3) }));
    expect(foldGrayscale(one)).toEqual(foldGrayscale(three));
  });

  it("stops at the stem of Lite0, where nothing broadcasts", () => {
    const lite = efficientNet("efficientnet-lite0", { height: 40, width: 51 });
    expect(() => withInput(lite, ["N", 1, 40, 51])).toThrow(
      "stem_conv (Conv): kernel [32, 3, 3, 3], group 1 needs 3 channels, got 1",
    );
  });
});

/** Any affine layers, any padding, any stem; each round draws another. */
describe("foldGrayscale of a random stem", () => {
  it.each(Array.from({ length: 30 }, (_, round) => round))("equals three equal channels, round %i", async (round) => {
    const random = new SeededRandom(round, "stem");
    const original = randomStem(random);
    const [, , height, width] = nodeOf(original.graph, "x").shape as readonly ["N", number, number, number];
    const gray = Array.from({ length: 2 * height * width }, () => random.integer(256));
    const folded = foldGrayscale(original);
    expect(() => check(folded.graph)).not.toThrow();
    const three = await runModel(original, { x: planes(gray, [2, height, width], 3) });
    const one = await runModel(folded, { x: planes(gray, [2, height, width], 1) });
    const { difference, scale } = largestDifference(one["stem"]!.data, three["stem"]!.data);
    // Both sums are float32, of up to 75 products with factors that may cancel: ten times what one sum rounds away.
    expect(difference / scale).toBeLessThan(5e-6);
  });
});

/** The graph with an input of another shape, traced anew. */
const withInput = (graph: Graph, shape: Shape): Graph =>
  rewrite(graph, (net, node) => isOp(node, "Input") && net.add("Input", node.name, [], { shape }) === node.name);

function randomStem(random: SeededRandom): Model {
  const net = new GraphBuilder();
  const between = (low: number, high: number) => low + random.integer(high - low + 1);
  const pair = (low: number, high: number) => [between(low, high), between(low, high)] as const;
  const numbers = (of: () => number) => Array.from({ length: random.next() < 0.5 ? 1 : 3 }, of);
  const weights = new Map<string, Tensor>();
  const weight = (name: string, shape: readonly number[], of: () => number) => {
    weights.set(name, { shape, data: Float32Array.from({ length: sizeOf(shape) }, of) });
    return net.add("Weight", name, [], { shape, trainable: true });
  };

  let x = net.add("Input", "x", [], { shape: ["N", 3, between(32, 70), between(32, 70)] });
  for (let layer = 0, layers = random.integer(4); layer < layers; layer++) {
    const name = `affine${layer}`;
    if (random.next() < 0.6) {
      const [scale, offset] = [numbers(() => random.normal()), numbers(() => 3 * random.normal())];
      x = net.add("Rescaling", name, [x], { scale, offset });
    } else {
      const mean = weight(`${name}/mean`, [1, 3, 1, 1], () => random.normal());
      const variance = weight(`${name}/variance`, [1, 3, 1, 1], () => 0.1 + random.next());
      x = net.add("Normalization", name, [x, mean, variance, weight(`${name}/count`, [], () => 0)], {});
    }
  }
  const pads = () => [...pair(0, 2), ...pair(0, 2)] as const;
  if (random.next() < 0.7) x = net.add("Pad", "pad", [x], { pads: pads() });
  const kernel = weight("kernel", [between(1, 8), 3, between(1, 5), between(1, 5)], () => random.normal());
  const attrs = { strides: pair(1, 3), pads: pads(), dilations: pair(1, 2), group: 1 };
  return { graph: net.build([net.add("Conv", "stem", [x, kernel], attrs)]), weights };
}

function channelsFirst(
  values: readonly number[],
  [, height, width, channels]: readonly [number, number, number, number],
) {
  return Array.from({ length: values.length }, (_, i) => {
    const channel = Math.floor(i / (height * width));
    return values[(i % (height * width)) * channels + channel]!;
  });
}
