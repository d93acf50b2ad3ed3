import { describe, expect, it } from "vitest";
import { largestDifference } from "../explain/largest-difference.js";
import { check } from "../graph/check.js";
import { type Graph, GraphBuilder, nodeOf, nodesOf } from "../graph/graph.js";
import type { Model } from "../graph/model.js";
import type { ConvAttrs } from "../graph/ops.js";
import { efficientNet } from "../models/efficientnet.js";
import { SeededRandom } from "../seeded-random.js";
import { directConv, normalValues, perChannel, tensorOf } from "../testing/direct-maps.js";
import { planes, runModel } from "../testing/direct-runtime.js";
import type { Block } from "../testing/evaluate-float64.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";
import { foldBatchNorm } from "./fold-batch-norm.js";
import { foldGrayscale } from "./fold-grayscale.js";

const epsilon = 1e-3;
const plain: ConvAttrs = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], group: 1 };

/** Builds a graph on an input x [N, 2, 6, 7] and gives every weight normal values, variances positive ones. */
function randomModel(build: (net: GraphBuilder) => readonly string[]) {
  const net = new GraphBuilder();
  net.add("Input", "x", [], { shape: ["N", 2, 6, 7] });
  const graph = net.build(build(net));
  const random = new SeededRandom(4);
  const values = new Map(
    nodesOf(graph, "Weight").map(({ name, attrs: { shape } }): [string, Block] => {
      const { data } = normalValues(random, shape);
      return [name, { shape, data: name.endsWith("variance") ? data.map((v) => Math.fround(v * v + 0.1)) : data }];
    }),
  );
  const model: Model = { graph, weights: new Map([...values].map(([name, value]) => [name, tensorOf(value)])) };
  return { model, values, x: normalValues(random, [2, 2, 6, 7]) };
}

const weight = (net: GraphBuilder, name: string, shape: readonly number[]) =>
  net.add("Weight", name, [], { shape, trainable: true });

function addConv(net: GraphBuilder, name: string, shape: readonly number[], attrs = plain, hasBias = false): string {
  const kernel = weight(net, `${name}/kernel`, shape);
  const bias = hasBias ? [weight(net, `${name}/bias`, [shape[0]!])] : [];
  return net.add("Conv", name, ["x", kernel, ...bias], attrs);
}

function addNorm(net: GraphBuilder, name: string, x: string, channels: number): string {
  const vectors = ["gamma", "beta", "mean", "variance"].map((variable) =>
    weight(net, `${name}/${variable}`, [channels]),
  );
  return net.add("BatchNormalization", name, [x, ...vectors], { epsilon, momentum: 0.99 });
}

const opsOf = (graph: Graph) => [...graph.nodes.values()].map(({ op }) => op).filter((op) => op !== "Weight");

describe("foldBatchNorm", () => {
  // 18 products in float32 at most, and the rounding of the folded kernel: a few times 2⁻²⁴.
  it.each<[string, readonly number[], ConvAttrs, boolean]>([
    ["same padding", [3, 2, 3, 3], plain, false],
    ["a bias", [3, 2, 3, 3], plain, true],
    ["stride 2 and zeros after", [4, 2, 3, 3], { ...plain, strides: [2, 2], pads: [0, 0, 1, 1] }, true],
    ["a depthwise kernel", [2, 1, 3, 3], { ...plain, group: 2 }, false],
    ["two groups of two filters", [4, 1, 1, 1], { ...plain, pads: [0, 0, 0, 0], group: 2 }, true],
  ])("gives what both gave in float64, with %s", async (_, shape, attrs, hasBias) => {
    const channels = shape[0]!;
    const { model, values, x } = randomModel((net) => [
      addNorm(net, "norm", addConv(net, "conv", shape, attrs, hasBias), channels),
    ]);
    const [gamma, beta, mean, variance] = ["gamma", "beta", "mean", "variance"].map(
      (v) => values.get(`norm/${v}`)!.data,
    );
    const convolved = directConv(x, values.get("conv/kernel")!, values.get("conv/bias")?.data, attrs);
    const expected = perChannel(convolved, (value, c) => {
      return (gamma![c]! * (value - mean![c]!)) / Math.sqrt(variance![c]! + epsilon) + beta![c]!;
    });

    const folded = foldBatchNorm(model);
    expect(opsOf(folded.graph)).toEqual(["Input", "Conv"]);
    expect([...folded.weights.keys()]).toEqual(["conv/kernel", "norm/bias"]);
    expect(() => check(folded.graph)).not.toThrow();
    const { norm } = await runModel(folded, { x: tensorOf(x) });
    const { difference, scale } = largestDifference(norm!.data, expected.data);
    expect(difference / scale).toBeLessThan(1e-6);
  });

  it.each<[string, (net: GraphBuilder) => readonly string[]]>([
    [
      "the convolution has another reader",
      (net) => {
        const conv = addConv(net, "conv", [2, 2, 3, 3]);
        return [net.add("Add", "sum", [addNorm(net, "norm", conv, 2), conv], {})];
      },
    ],
    ["the convolution is an output", (net) => [addNorm(net, "norm", addConv(net, "conv", [2, 2, 3, 3]), 2), "conv"]],
    ["it follows another operator", (net) => [addNorm(net, "norm", net.add("Relu", "relu", ["x"], {}), 2)]],
    [
      "two convolutions share a kernel",
      (net) => {
        const conv = addConv(net, "conv", [2, 2, 3, 3]);
        const twin = net.add("Conv", "twin", ["x", "conv/kernel"], plain);
        return [addNorm(net, "norm", conv, 2), addNorm(net, "twin_norm", twin, 2)];
      },
    ],
    [
      "the kernel is computed",
      (net) => {
        const kernel = net.add("Relu", "positive", [weight(net, "kernel", [2, 2, 3, 3])], {});
        return [addNorm(net, "norm", net.add("Conv", "conv", ["x", kernel], plain), 2)];
      },
    ],
  ])("leaves a normalization where %s", (_, build) => {
    const { model } = randomModel(build);
    const folded = foldBatchNorm(model);
    expect(folded.graph).toEqual(model.graph);
    expect(folded.weights).toEqual(model.weights);
  });

  it("folds one of two normalizations in a row, and keeps the second", () => {
    const { model } = randomModel((net) => [
      addNorm(net, "second", addNorm(net, "first", addConv(net, "conv", [3, 2, 3, 3]), 3), 3),
    ]);
    expect(opsOf(foldBatchNorm(model).graph)).toEqual(["Input", "Conv", "BatchNormalization"]);
  });

  it("leaves the model it was given as it was", () => {
    const { model } = randomModel((net) => [addNorm(net, "norm", addConv(net, "conv", [3, 2, 3, 3]), 3)]);
    const [kernel, before] = [model.weights.get("conv/kernel")!, model.weights.get("conv/kernel")!.data.slice()];
    foldBatchNorm(model);
    expect(model.weights.get("conv/kernel")).toBe(kernel);
    expect(kernel.data).toEqual(before);
  });
});

// Another order of float32 sums, through 80 layers: Keras' own float32 differs from float64 by up to 8.6e-6.
describe.each(["efficientnet-b0", "efficientnet-lite0"] as const)("foldBatchNorm of %s, whole", (name) => {
  const [height, width] = [33, 46];
  const original = goldenModel(efficientNet(name, { height, width, includeTop: false, pooling: "avg" }));
  const folded = foldBatchNorm(original);

  it("folds every normalization, and what is left holds together", () => {
    expect(nodesOf(folded.graph, "BatchNormalization")).toEqual([]);
    expect(nodesOf(folded.graph, "Conv")).toHaveLength(nodesOf(original.graph, "Conv").length);
    expect(() => check(folded.graph)).not.toThrow();
  });

  it("gives the features that the unfolded network gives", async () => {
    const x = planes(goldenGray(2, height, width), [2, height, width], 3);
    const [before, after] = [await runModel(original, { input_layer: x }), await runModel(folded, { input_layer: x })];
    const { difference, scale } = largestDifference(after["avg_pool"]!.data, before["avg_pool"]!.data);
    expect(difference / scale).toBeLessThan(1e-5);
  });

  it("leaves every other node and its values as they were", () => {
    const touched = /_bn(\/|$)|conv\/kernel$|conv$/;
    const others = [...original.graph.nodes.values()].filter((node) => !touched.test(node.name));
    expect(others.length).toBeGreaterThan(50);
    for (const node of others) expect(folded.graph.nodes.get(node.name)).toEqual(node);
    for (const { name } of nodesOf(folded.graph, "Weight").filter((node) => !touched.test(node.name))) {
      expect(folded.weights.get(name)).toBe(original.weights.get(name));
    }
  });

  it("makes one layer of two, of the normalization's name and the convolution's class", () => {
    const { layer } = nodeOf(folded.graph, "block1a_bn");
    expect(layer).toEqual({ name: "block1a_bn", className: "DepthwiseConv2D" });
    expect(nodeOf(folded.graph, "block1a_dwconv/kernel").layer).toEqual(layer);
    expect(nodeOf(folded.graph, "block1a_bn/bias").layer).toEqual(layer);
  });

  it("commutes with folding for gray, up to the rounding of the kernel", () => {
    const [first, second] = [foldBatchNorm(foldGrayscale(original)), foldGrayscale(folded)];
    expect(second.graph).toEqual(first.graph);
    const { difference, scale } = largestDifference(
      second.weights.get("stem_conv/kernel")!.data,
      first.weights.get("stem_conv/kernel")!.data,
    );
    expect(difference / scale).toBeLessThan(3e-7);
  });
});
