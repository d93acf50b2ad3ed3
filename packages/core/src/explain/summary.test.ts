import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GraphBuilder, nodesOf } from "../graph/graph.js";
import { bind, type Model } from "../graph/model.js";
import { sizeOf } from "../graph/tensor.js";
import { type EfficientNetOptions, efficientNet } from "../models/efficientnet.js";
import type { ModelName } from "../models/variants.js";
import { cutGraph } from "../passes/cut.js";
import { foldBatchNorm } from "../passes/fold-batch-norm.js";
import { foldGrayscale } from "../passes/fold-grayscale.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { initialize } from "../weights/initialize.js";
import { type Summary, summarize } from "./summary.js";

interface GoldenLayer {
  outputShape: (number | null)[];
  weights: { kernel?: number[] };
}

const build = (name: ModelName, options: EfficientNetOptions) =>
  efficientNet(name, { height: 64, width: 96, ...options });

function expectTotals({ layers, total, trainable, nonTrainable }: Summary): void {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  expect(total).toBe(sum(layers.map(({ params }) => params)));
  expect(trainable).toBe(sum(layers.map(({ trainableParams }) => trainableParams)));
  expect(nonTrainable).toBe(total - trainable);
}

describe("summarize", () => {
  it.each<[string, EfficientNetOptions, string, readonly (number | null)[]]>([
    ["with top", {}, "predictions", [null, 1000]],
    ["with another number of classes", { classes: 9, classifierActivation: "none" }, "predictions", [null, 9]],
    ["without top", { includeTop: false }, "top_activation", [null, 2, 3, 1280]],
    ["with pooling by mean", { includeTop: false, pooling: "avg" }, "avg_pool", [null, 1280]],
    ["with pooling by maximum", { includeTop: false, pooling: "max" }, "max_pool", [null, 1280]],
    ["with top, whatever pooling says, as in Keras", { pooling: "max" }, "predictions", [null, 1000]],
  ])("ends in what was asked for: %s", (_, options, name, outputShape) => {
    const summary = summarize(build("efficientnet-b0", options));
    expect(summary.layers.at(-1)).toMatchObject({ name, outputShape });
    expectTotals(summary);
  });

  // 4,049,571 of Keras' B0 without top, and 1280 · classes + classes.
  it.each([
    [{ includeTop: false }, 4_049_571],
    [{ includeTop: false, pooling: "max" }, 4_049_571],
    [{ classes: 9 }, 4_049_571 + 1281 * 9],
    [{}, 5_330_571],
  ] as const)("counts the parameters of B0 with %j: %i", (options, total) => {
    expect(summarize(build("efficientnet-b0", options)).total).toBe(total);
  });

  it("takes a node of no layer for one of its own, named after its operator", () => {
    const net = new GraphBuilder();
    const x = net.add("Input", "x", [], { shape: ["N", 4] });
    const kernel = net.add("Weight", "w", [], { shape: [4, 2], trainable: false });
    net.add("Gemm", "y", [x, kernel], { transA: 0, transB: 0 });
    const nothing = { params: 0, trainableParams: 0, multiplyAdds: 0 };
    expect(summarize(net.build(["y"])).layers).toEqual([
      { name: "x", className: "Input", outputShape: [null, 4], ...nothing, inbound: [] },
      { name: "w", className: "Weight", outputShape: [4, 2], ...nothing, params: 8, inbound: [] },
      { name: "y", className: "Gemm", outputShape: [null, 2], ...nothing, multiplyAdds: 8, inbound: ["x", "w"] },
    ]);
  });
});

describe("multiply-adds", () => {
  it("are those of Keras' layers of B0: each weight of a kernel at each position", () => {
    const { layers, ...totals } = summarize(efficientNet("efficientnet-b0", { height: 128, width: 128 }));
    const golden = JSON.parse(
      readFileSync(repositoryFolder("fixtures", "keras", "layers-EfficientNetB0.json"), "utf8"),
    );
    let total = 0;
    for (const [i, { outputShape, weights }] of (golden.layers as GoldenLayer[]).entries()) {
      const positions = outputShape.length === 4 ? outputShape[1]! * outputShape[2]! : 1;
      const expected = weights.kernel ? weights.kernel.reduce((product, extent) => product * extent, positions) : 0;
      expect(layers[i]!.multiplyAdds, layers[i]!.name).toBe(expected);
      total += expected;
    }
    expect(totals.multiplyAdds).toBe(total);
  });

  // Tan & Le 2019, table 2, and 2021, table 7 (billions): what they round. Their counts include a little more than ours.
  it.each([
    ["efficientnet-b0", 0.39],
    ["efficientnet-b1", 0.7],
    ["efficientnet-b4", 4.2],
    ["efficientnet-b7", 37],
    ["efficientnet-v2-s", 8.8],
    ["efficientnet-v2-m", 24],
  ] as const)("counts the multiply-adds of %s as the paper does: %d billion", (name, billions) => {
    const counted = summarize(efficientNet(name)).multiplyAdds / 1e9;
    expect(counted / billions).toBeGreaterThan(0.9);
    expect(counted / billions).toBeLessThan(1.05);
  });
});

describe.each(["efficientnet-b0", "efficientnet-lite0"] as const)("the summary of %s, folded", (name) => {
  const original = modelOf(name);
  const whole = summarize(original.graph);
  const gray = summarize(foldGrayscale(original).graph);
  const folded = summarize(foldBatchNorm(foldGrayscale(original)).graph);

  it("has totals that are the sums of its rows", () => {
    expectTotals(gray);
    expectTotals(folded);
  });

  // B0 keeps two planes, gray and ones, and loses the normalization's 7 parameters; Lite keeps one.
  it("has a stem of fewer channels after the fold for gray, and nothing else changed", () => {
    const removed = name === "efficientnet-b0" ? 1 * 32 * 9 + 7 : 2 * 32 * 9;
    expect(gray.total).toBe(whole.total - removed);
    const after = ({ layers }: Summary) => layers.slice(layers.findIndex((layer) => layer.name === "stem_bn"));
    expect(after(gray)).toEqual(after(whole));
  });

  it("has one vector per filter where a normalization had four, and shows convolutions in their place", () => {
    const norms = gray.layers.filter(({ className }) => className === "BatchNormalization");
    const removed = norms.reduce((sum, { params }) => sum + (params / 4) * 3, 0);
    expect(folded.total).toBe(gray.total - removed);
    expect(folded.trainable).toBe(folded.total);
    expect(folded.layers).toHaveLength(gray.layers.length - norms.length);
    const channels = name === "efficientnet-b0" ? 2 : 1;
    expect(folded.layers.find((layer) => layer.name === "stem_bn")).toEqual({
      name: "stem_bn",
      className: "Conv2D",
      outputShape: [null, 32, 48, 32],
      params: channels * 32 * 9 + 32,
      trainableParams: channels * 32 * 9 + 32,
      multiplyAdds: 32 * 48 * 32 * channels * 9,
      inbound: ["stem_conv_pad"],
    });
  });

  it("connects only layers that it lists", () => {
    const names = new Set(folded.layers.map((layer) => layer.name));
    for (const { inbound } of folded.layers) for (const layer of inbound) expect(names).toContain(layer);
    expect(names.size).toBe(folded.layers.length);
  });
});

/** Zeros, which are enough to count; only what the fold for gray reads has values. */
function modelOf(name: ModelName): Model {
  const graph = build(name, { includeTop: false });
  const zeros = nodesOf(graph, "Weight").map(({ name, attrs: { shape } }) => {
    return [name, { shape, data: new Float32Array(sizeOf(shape)) }] as const;
  });
  return bind(graph, new Map([...zeros, ...initialize(cutGraph(graph, "stem_conv"), 0)]));
}
