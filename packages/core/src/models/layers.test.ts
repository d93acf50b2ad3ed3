import { describe, expect, it } from "vitest";
import { summarize } from "../explain/summary.js";
import { GraphBuilder, nodeOf } from "../graph/graph.js";
import { batchNorm, conv, dense, depthwiseConv, globalPool, normalization, samePads } from "./layers.js";

const sizes = Array.from({ length: 64 }, (_, i) => i + 1);

/** TensorFlow's guide on padding: `tf.nn`, "SAME": zeros by the rest of size ÷ stride, the odd one after. */
function tensorflowPads(size: number, kernel: number, stride: number): [number, number] {
  const total = size % stride === 0 ? Math.max(kernel - stride, 0) : Math.max(kernel - (size % stride), 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** `correct_pad` in keras/src/applications/imagenet_utils.py, Keras 3.15: what its EfficientNets pad before stride 2. */
function kerasPads(size: number, kernel: number): [number, number] {
  const adjust = 1 - (size % 2);
  const correct = Math.floor(kernel / 2);
  return [correct - adjust, correct];
}

describe("samePads", () => {
  const cases = [1, 3, 5].flatMap((kernel) => [1, 2].map((stride) => [kernel, stride] as const));

  it.each(cases)("pads as TensorFlow does, kernel %i, stride %i, every size up to 64", (kernel, stride) => {
    expect(sizes.map((size) => samePads(size, kernel, stride))).toEqual(
      sizes.map((size) => tensorflowPads(size, kernel, stride)),
    );
  });

  it.each([3, 5])("pads as Keras' EfficientNets do before stride 2, kernel %i, every size up to 64", (kernel) => {
    expect(sizes.map((size) => samePads(size, kernel, 2))).toEqual(sizes.map((size) => kerasPads(size, kernel)));
  });

  it.each(cases)("leaves ⌈size / stride⌉ positions, kernel %i, stride %i", (kernel, stride) => {
    for (const size of sizes) {
      const [before, after] = samePads(size, kernel, stride);
      expect(Math.floor((size + before + after - kernel) / stride) + 1).toBe(Math.ceil(size / stride));
    }
  });
});

function image(channels = 6, height = 9, width = 12) {
  const net = new GraphBuilder();
  return { net, x: net.add("Input", "x", [], { shape: ["N", channels, height, width] }) };
}

/** Weights of a graph with their shapes. */
const weightsOf = (net: GraphBuilder, output: string) =>
  [...net.build([output]).nodes.values()].filter(({ op }) => op === "Weight").map(({ name, shape }) => [name, shape]);

describe("layers", () => {
  it("convolve with a kernel [channels, C, k, k], a bias if asked, and an activation under the layer's name", () => {
    const { net, x } = image();
    conv(net, x, "c", { channels: 8, kernel: 3, stride: 2, bias: true, activation: { op: "Clip", min: 0, max: 6 } });
    const graph = net.build(["c"]);
    expect(weightsOf(net, "c")).toEqual([
      ["c/kernel", [8, 6, 3, 3]],
      ["c/bias", [8]],
    ]);
    expect(nodeOf(graph, "c")).toMatchObject({ op: "Clip", inputs: ["c/conv"], attrs: { min: 0, max: 6 } });
    expect(nodeOf(graph, "c/conv").attrs).toMatchObject({ strides: [2, 2], pads: [1, 0, 1, 1] });
    expect(nodeOf(graph, "c").shape).toEqual(["N", 8, 5, 6]);
    expect(summarize(graph).layers.map(({ name, className }) => [name, className])).toEqual([
      ["x", "Input"],
      ["c", "Conv2D"],
    ]);
  });

  it("convolve each channel by itself", () => {
    const { net, x } = image();
    depthwiseConv(net, x, "d", { kernel: 5, padding: "valid" });
    expect(weightsOf(net, "d")).toEqual([["d/kernel", [6, 1, 5, 5]]]);
    expect(nodeOf(net.build(["d"]), "d")).toMatchObject({ attrs: { group: 6 }, shape: ["N", 6, 5, 8] });
  });

  it("count gamma and beta as trainable, statistics not", () => {
    const { net, x } = image();
    const { trainable, nonTrainable } = summarize(net.build([batchNorm(net, x, "bn")]));
    expect([trainable, nonTrainable]).toEqual([12, 12]);
    const normalized = summarize(net.build([normalization(net, x, "n", 6)]));
    expect([normalized.trainable, normalized.nonTrainable]).toEqual([0, 13]);
  });

  it.each(["avg", "max"] as const)("pool maps to vectors: %s", (pooling) => {
    const { net, x } = image();
    expect(net.shape(globalPool(net, x, "pool", pooling))).toEqual(["N", 6]);
  });

  it("connect all features to all units", () => {
    const { net, x } = image();
    dense(net, globalPool(net, x, "pool", "avg"), "head", 4, { op: "Softmax" });
    expect(weightsOf(net, "head")).toEqual([
      ["head/kernel", [6, 4]],
      ["head/bias", [4]],
    ]);
    expect(nodeOf(net.build(["head"]), "head")).toMatchObject({ op: "Softmax", inputs: ["head/logits"] });
  });

  it("refuse inputs of another rank", () => {
    const { net, x } = image();
    expect(() => dense(net, x, "head", 4)).toThrow("head (Dense): expected [N, inputs], got [N, 6, 9, 12]");
    const pooled = globalPool(net, x, "pool", "avg");
    expect(() => conv(net, pooled, "c", { channels: 1, kernel: 1 })).toThrow("pool: expected [N, C, H, W], got [N, 6]");
  });
});
