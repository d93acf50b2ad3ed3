import { beforeAll, describe, expect, it } from "vitest";
import { GraphError } from "../errors.js";
import { GraphBuilder, type Shape } from "../graph/graph.js";
import type { ConvAttrs, Pads } from "../graph/ops.js";
import { sizeOf } from "../graph/tensor.js";
import { encode } from "../onnx/encode.js";
import { batchStatistics } from "../passes/batch-statistics.js";
import { differentiate } from "../passes/differentiate.js";
import { foldPads } from "../passes/fold-pads.js";
import { fuseSums } from "../passes/fuse-sums.js";
import { probeBlock } from "../runtime/probe.js";
import { SeededRandom } from "../seeded-random.js";
import { directRuntime, runBytes } from "../testing/direct-runtime.js";
import { type Block, evaluateFloat64 } from "../testing/evaluate-float64.js";
import { blockedKernels } from "./blocked.js";
import { portableKernels } from "./portable.js";
import { lowerTraining, type TrainingLoweringOptions } from "./training.js";

const batch = 3;

/** Adds what stands in the graph and is drawn: a weight, or an input where the shape has the batch. */
type Given = (name: string, shape: Shape, range?: readonly [number, number]) => string;

interface Case {
  readonly title: string;
  /** Returns a map or a vector; everything given gets a gradient. */
  readonly build: (net: GraphBuilder, given: Given) => string;
  /** Given, but nothing trains them: nothing sends a gradient there. */
  readonly fixed?: readonly string[];
  readonly normalizesByBatch?: boolean;
  /** Unfolds the image itself, by which the blocked layout has no gradient, and training needs none. */
  readonly unfoldsImage?: boolean;
}

/** A map in the layout's own order, as an input is not: x times a gate for each channel of an image. */
function gated(net: GraphBuilder, given: Given, channels: number, [height, width]: readonly [number, number]): string {
  return net.add("Mul", "map", [given("x", ["N", channels, height, width]), given("gate", ["N", channels, 1, 1])], {});
}

interface ConvCase {
  readonly on: "planes" | "map";
  readonly channels: number;
  readonly filters: number;
  readonly kernel: readonly [number, number];
  readonly extents: readonly [number, number];
  readonly stride?: number;
  readonly pads?: Pads;
  readonly depthwise?: true;
  readonly bias?: true;
}

function convCase(conv: ConvCase): Case {
  const { on, channels, filters, kernel, extents, stride = 1, pads = [0, 0, 0, 0], depthwise, bias } = conv;
  const group = depthwise ? channels : 1;
  const attrs: ConvAttrs = { strides: [stride, stride], pads, dilations: [1, 1], group };
  return {
    unfoldsImage: on === "planes" && !depthwise && sizeOf(kernel) > 1,
    title:
      `${depthwise ? "depthwise " : ""}Conv ${kernel.join("×")} of ${channels} to ${filters} channels, ` +
      `stride ${stride}, pads ${pads}, ${on} of ${extents.join("×")}${bias ? ", with a bias" : ""}`,
    build: (net, given) => {
      const x = on === "map" ? gated(net, given, channels, extents) : given("x", ["N", channels, ...extents]);
      const w = given("w", [filters, channels / group, ...kernel]);
      return net.add("Conv", "y", [x, w, ...(bias ? [given("bias", [filters])] : [])], attrs);
    },
  };
}

/** Odd and even sides, "same" padding as Keras has it for stride 2 (more at the end), channels that fill blocks and do not. */
const convolutions = (
  [
    { on: "map", channels: 17, filters: 20, kernel: [1, 1], extents: [5, 7], bias: true },
    { on: "planes", channels: 3, filters: 33, kernel: [1, 1], extents: [4, 3] },
    { on: "map", channels: 32, filters: 16, kernel: [1, 1], extents: [3, 3] },
    { on: "map", channels: 4, filters: 5, kernel: [1, 1], extents: [5, 4], stride: 2 },
    { on: "planes", channels: 18, filters: 7, kernel: [1, 1], extents: [1, 1], bias: true },
    { on: "planes", channels: 3, filters: 20, kernel: [3, 3], extents: [7, 8], stride: 2, pads: [0, 0, 1, 1] },
    {
      on: "planes",
      channels: 1,
      filters: 16,
      kernel: [3, 3],
      extents: [7, 5],
      stride: 2,
      pads: [1, 1, 1, 1],
      bias: true,
    },
    { on: "planes", channels: 2, filters: 3, kernel: [3, 3], extents: [5, 6], pads: [1, 1, 1, 1] },
    { on: "map", channels: 17, filters: 5, kernel: [3, 3], extents: [4, 5], pads: [1, 1, 1, 1], bias: true },
    { on: "map", channels: 17, filters: 20, kernel: [3, 3], extents: [6, 5], stride: 2, pads: [0, 1, 1, 1] },
    { on: "map", channels: 16, filters: 32, kernel: [3, 3], extents: [7, 7], stride: 2, pads: [1, 1, 1, 1] },
    { on: "map", channels: 3, filters: 4, kernel: [5, 5], extents: [8, 7], stride: 2, pads: [1, 2, 2, 2] },
    { on: "map", channels: 3, filters: 4, kernel: [2, 3], extents: [5, 6], pads: [0, 1, 1, 0] },
    { on: "map", channels: 5, filters: 18, kernel: [3, 3], extents: [3, 3] },
    { on: "map", channels: 5, filters: 6, kernel: [3, 3], extents: [2, 2], stride: 2, pads: [0, 0, 1, 1] },
    { on: "planes", channels: 17, filters: 5, kernel: [3, 3], extents: [1, 1], pads: [1, 1, 1, 1] },
    ...[
      { kernel: [3, 3], extents: [5, 7], pads: [1, 1, 1, 1], bias: true },
      { kernel: [3, 3], extents: [6, 8], stride: 2, pads: [0, 0, 1, 1] },
      { kernel: [5, 5], extents: [7, 5], stride: 2, pads: [2, 2, 2, 2], bias: true },
      { kernel: [5, 5], extents: [8, 6], stride: 2, pads: [1, 1, 2, 2] },
      { kernel: [3, 3], extents: [11, 9], pads: [1, 1, 1, 1], bias: true },
      { kernel: [5, 5], extents: [13, 12], stride: 2, pads: [2, 1, 2, 2] },
      { kernel: [3, 3], extents: [12, 14], stride: 2, pads: [0, 0, 1, 1] },
      { kernel: [3, 3], extents: [2, 2], stride: 2, pads: [0, 0, 1, 1] },
      { kernel: [3, 3], extents: [1, 4], pads: [1, 1, 1, 1] },
    ].flatMap((rest) => [
      { on: "map", channels: 18, filters: 18, depthwise: true, ...rest },
      { on: "planes", channels: 3, filters: 3, depthwise: true, ...rest },
    ]),
    { on: "planes", channels: 17, filters: 17, kernel: [5, 5], extents: [1, 1], pads: [2, 2, 2, 2], depthwise: true },
  ] as ConvCase[]
).map(convCase);

const mapExtents = [5, 3] as const;
const positive = [0.3, 1.5] as const;

const elementwise = (["Relu", "Sigmoid", "Tanh", "Silu"] as const).flatMap((op): Case[] => [
  { title: `${op} of a map`, build: (net, given) => net.add(op, "y", [gated(net, given, 17, mapExtents)], {}) },
  { title: `${op} of planes`, build: (net, given) => net.add(op, "y", [given("x", ["N", 2, ...mapExtents])], {}) },
  { title: `${op} of one pixel`, build: (net, given) => net.add(op, "y", [given("x", ["N", 17, 1, 1])], {}) },
]);

const pairs = (["Add", "Sub", "Mul", "Div"] as const).map(
  (op): Case => ({
    title: `${op} of a map and planes`,
    build: (net, given) =>
      net.add(op, "y", [gated(net, given, 17, mapExtents), given("b", ["N", 17, ...mapExtents], positive)], {}),
  }),
);

const normalization = (net: GraphBuilder, given: Given, x: string, channels: number) => {
  const vectors = [
    ["gamma", positive],
    ["beta", [-1, 1]],
    ["mean", [-1, 1]],
    ["variance", positive],
  ] as const;
  const names = vectors.map(([name, range]) => given(name, [channels], range));
  return net.add("BatchNormalization", "y", [x, ...names], { epsilon: 1e-3, momentum: 0.99 });
};

const normalizations: Case[] = [
  {
    title: "BatchNormalization of a map, by all five",
    build: (net, given) => normalization(net, given, gated(net, given, 17, mapExtents), 17),
  },
  {
    title: "BatchNormalization of planes",
    build: (net, given) => normalization(net, given, given("x", ["N", 2, ...mapExtents]), 2),
  },
  {
    title: "BatchNormalization of one pixel",
    build: (net, given) => normalization(net, given, given("x", ["N", 18, 1, 1]), 18),
  },
  ...[mapExtents, [1, 1] as const].map(
    (extents): Case => ({
      title: `BatchNormalization by the batch's own statistics, maps of ${extents.join("×")}`,
      build: (net, given) => normalization(net, given, given("x", ["N", 17, ...extents]), 17),
      fixed: ["mean", "variance"],
      normalizesByBatch: true,
    }),
  ),
];

const pools = (["GlobalAveragePool", "GlobalMaxPool"] as const).flatMap((op): Case[] => [
  { title: `${op} of a map`, build: (net, given) => net.add(op, "y", [gated(net, given, 17, mapExtents)], {}) },
  { title: `${op} of planes`, build: (net, given) => net.add(op, "y", [given("x", ["N", 2, ...mapExtents])], {}) },
  { title: `${op} of one pixel`, build: (net, given) => net.add(op, "y", [given("x", ["N", 17, 1, 1])], {}) },
]);

const others: Case[] = [
  {
    title: "Clip of a map",
    build: (net, given) => net.add("Clip", "y", [gated(net, given, 17, mapExtents)], { min: -0.4, max: 0.7 }),
  },
  {
    title: "a mask for each image, [N, 1, 1, 1]",
    build: (net, given) => net.add("Mul", "y", [gated(net, given, 17, mapExtents), given("mask", ["N", 1, 1, 1])], {}),
    fixed: ["mask"], // nothing trains below a mask: it is drawn
  },
  {
    title: "a gate before what it gates",
    build: (net, given) =>
      net.add("Mul", "y", [given("gate2", ["N", 17, 1, 1]), gated(net, given, 17, mapExtents)], {}),
  },
  {
    title: "Pad before a convolution, folded and not",
    unfoldsImage: true,
    build: (net, given) => {
      const plane = given("x", ["N", 2, 5, 6]);
      const pads: Pads = [0, 1, 1, 2];
      const attrs: ConvAttrs = { strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 };
      net.add("Conv", "first", [net.add("Pad", "padded", [plane], { pads }), given("w", [5, 2, 3, 3])], attrs);
      net.add("Pad", "wide", [plane], { pads });
      return net.add("Add", "y", [net.add("GlobalMaxPool", "most", ["first"], {}), pooled(net, given)], {});
    },
  },
  {
    title: "Rescaling and Normalization, from one plane to three",
    build: (net, given) => {
      net.add("Rescaling", "scaled", [given("x", ["N", 1, 4, 5])], { scale: [0.5, 2, 1.5], offset: [0.1, -0.2, 0] });
      const mean = net.add("Constant", "mean", [], { shape: [1, 3, 1, 1], value_floats: [0.1, 0.2, -0.3] });
      const variance = net.add("Constant", "variance", [], { shape: [1, 3, 1, 1], value_floats: [0.5, 2, 1] });
      return net.add("Normalization", "y", ["scaled", mean, variance], {});
    },
  },
  {
    title: "an inverted block with squeeze and excite, residual and mask",
    build: (net, given) => {
      const pointwise: ConvAttrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 };
      const x = gated(net, given, 6, [4, 5]);
      const conv = (name: string, from: string, to: number, of: number) =>
        net.add("Conv", name, [from, given(`${name}/w`, [to, of, 1, 1]), given(`${name}/b`, [to])], pointwise);
      const wide = net.add("Silu", "wide", [conv("expand", x, 18, 6)], {});
      const deep = net.add("Conv", "deep", [wide, given("deep/w", [18, 1, 3, 3])], {
        ...pointwise,
        pads: [1, 1, 1, 1],
        group: 18,
      });
      const bent = net.add("Silu", "bent", [deep], {});
      const mean = net.add("GlobalAveragePool", "squeeze", [bent], {});
      const reduced = net.add("Silu", "reduced", [conv("reduce", mean, 3, 18)], {});
      const gate = net.add("Sigmoid", "excite", [conv("restore", reduced, 18, 3)], {});
      const shut = net.add("Mul", "shut", [bent, gate], {});
      const masked = net.add("Mul", "masked", [conv("project", shut, 6, 18), given("mask", ["N", 1, 1, 1])], {});
      return net.add("Add", "y", [masked, x], {});
    },
    fixed: ["mask"],
  },
  {
    title: "a map read by a mask and by a pool",
    build: (net, given) => {
      const x = gated(net, given, 5, mapExtents);
      const masked = net.add("Mul", "masked", [x, given("mask", ["N", 1, 1, 1])], {});
      const mean = net.add("GlobalAveragePool", "mean", [x], {});
      return net.add("Mul", "y", [masked, mean], {});
    },
    fixed: ["mask"],
  },
  {
    title: "a map read by another map's product and by a pool",
    build: (net, given) => {
      const x = gated(net, given, 5, mapExtents);
      const product = net.add("Mul", "product", [x, given("b", ["N", 5, ...mapExtents])], {});
      return net.add("Mul", "y", [product, net.add("GlobalAveragePool", "mean", [x], {})], {});
    },
  },
  {
    title: "a squeeze whose gate stands first, its map read a third time",
    build: (net, given) => {
      const x = gated(net, given, 5, mapExtents);
      const gate = net.add("Sigmoid", "gate2", [net.add("GlobalAveragePool", "mean", [x], {})], {});
      return net.add("Add", "y", [net.add("Mul", "shut", [gate, x], {}), x], {});
    },
  },
];

/** A second way from `wide` (a Pad that stays, as a pool reads it), [N, 5, 1, 1]. */
function pooled(net: GraphBuilder, given: Given): string {
  const mean = net.add("GlobalAveragePool", "mean", ["wide"], {});
  const attrs: ConvAttrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 };
  return net.add("Conv", "mixed", [mean, given("w2", [5, 2, 1, 1])], attrs);
}

/**
 * Of the largest value of the gradient. Central differences with h = 1e-5 in float64 are right to 1e-9 here; sums of up to a
 * thousand float32 products, each rounded by 6e-8, come out 1e-6 apart in two orders.
 */
const tolerance = 5e-6;

let block: number | undefined;
beforeAll(async () => {
  block = await probeBlock(directRuntime);
});

describe.each(["portable", "blocked"] as const)("a training step, maps %s", (layout) => {
  it.for([...convolutions, ...elementwise, ...pairs, ...normalizations, ...pools, ...others])(
    "gives the slopes of the loss: $title",
    async (tested, context) => {
      if (layout === "blocked" && block === undefined) return context.skip("the runtime has no blocked operators");
      const isSpared = layout === "blocked" && tested.unfoldsImage;
      await compare(isSpared ? { ...tested, fixed: ["x"] } : tested, kernelsOf(layout));
    },
  );

  it("parts the gradient of a largest value among those that share it", async (context) => {
    if (layout === "blocked" && block === undefined) return context.skip("the runtime has no blocked operators");
    const net = new GraphBuilder();
    net.add("Input", "x", [], { shape: ["N", 1, 2, 3] });
    net.add("Flatten", "logits", [net.add("GlobalMaxPool", "most", ["x"], {})], {});
    net.add("Input", "targets", [], { shape: ["N", 1] });
    net.add("Input", "scale", [], { shape: [] });
    // One class has no loss to speak of, so the logits stand twice: as they are and doubled.
    net.add("Constant", "both", [], { shape: [1, 2], value_floats: [1, 2] });
    net.add("Gemm", "pair", ["logits", "both"], { transA: 0, transB: 0 });
    net.add("Input", "pairTargets", [], { shape: ["N", 2] });
    net.add("SoftmaxCrossEntropy", "loss", ["pair", "pairTargets", "scale"], {});
    const { graph, gradients } = differentiate(net.build(["loss"]), "loss", ["x"]);
    const lowered = lowerTraining({ graph, weights: new Map() }, { batch: 2, trained: [], kernels: kernelsOf(layout) });
    const outputs = await runBytes(encode(lowered.onnx), {
      x: { shape: [2, 1, 2, 3], data: Float32Array.of(1, 0, 1, 0.5, 1, -1, 2, 2, 2, 2, 2, 2) },
      pairTargets: { shape: [2, 2], data: Float32Array.of(1, 0, 1, 0) },
      scale: { shape: [], data: Float32Array.of(1) },
    });
    // d loss / d most = softmax([m, 2m]) · [1, 2] − 1
    const slope = (most: number) => {
      const first = 1 / (1 + Math.exp(most));
      return first + 2 * (1 - first) - 1;
    };
    const expected = [
      ...[1, 0, 1, 0, 1, 0].map((part) => (part * slope(1)) / 3),
      ...new Array<number>(6).fill(slope(2) / 6),
    ];
    const dx = outputs[gradients.get("x")!]!;
    for (const [i, value] of expected.entries()) expect(dx.data[i]).toBeCloseTo(value, 6);
  });

  it.each([
    ["dilated", { dilations: [2, 2], group: 1 }, [4, 4, 3, 3]],
    ["in groups of several channels", { dilations: [1, 1], group: 2 }, [4, 2, 3, 3]],
    ["depthwise with several filters a channel", { dilations: [1, 1], group: 4 }, [8, 1, 3, 3]],
  ] as const)("names the convolution that has no form: %s", (_, rest, shape) => {
    const net = new GraphBuilder();
    net.add("Input", "x", [], { shape: ["N", 4, 7, 7] });
    net.add("Weight", "w", [], { shape, trainable: true });
    net.add("Conv", "conv", ["x", "w"], { strides: [1, 1], pads: [0, 0, 0, 0], ...rest });
    const model = { graph: net.build(["conv"]), weights: new Map() };
    const lowering = () => lowerTraining(model, { batch: 2, trained: ["w"], kernels: kernelsOf(layout) });
    expect(lowering).toThrow(GraphError);
    expect(lowering).toThrow(/conv \(Conv\).*no form for training/);
  });

  it("has a gradient by an image that a convolution unfolds, or says that it has none", () => {
    const net = new GraphBuilder();
    net.add("Input", "x", [], { shape: ["N", 3, 5, 5] });
    net.add("Weight", "w", [], { shape: [4, 3, 3, 3], trainable: true });
    const attrs: ConvAttrs = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], group: 1 };
    net.add("Conv", "y", ["x", "w"], attrs);
    net.add("ConvInputGrad", "dx", ["y", "w"], { ...attrs, extents: [5, 5] });
    const model = { graph: net.build(["dx"]), weights: new Map() };
    const lowering = () => lowerTraining(model, { batch: 2, trained: ["w"], kernels: kernelsOf(layout) });
    if (layout === "portable") expect(lowering).not.toThrow();
    else expect(lowering).toThrow("dx (ConvInputGrad): the gradient by an image has no form in the blocked layout");
  });

  it("names a sum over a map, which is in no order that a file knows", () => {
    const net = new GraphBuilder();
    net.add("Input", "x", [], { shape: ["N", 4, 3, 3] });
    net.add("Input", "gate", [], { shape: ["N", 4, 1, 1] });
    net.add("Mul", "map", ["x", "gate"], {});
    net.add("ReduceSum", "sum", ["map"], { axes: [0, 2, 3], keepdims: 0 });
    const model = { graph: net.build(["sum"]), weights: new Map() };
    const lowering = () => lowerTraining(model, { batch: 2, trained: [], kernels: kernelsOf(layout) });
    expect(lowering).toThrow(/sum \(ReduceSum\).*no form for training/);
  });
});

const kernelsOf = (layout: "portable" | "blocked"): TrainingLoweringOptions["kernels"] =>
  layout === "portable" ? portableKernels : (onnx, images) => blockedKernels(onnx, images, block ?? 16);

async function compare({ build, fixed = [], normalizesByBatch }: Case, kernels: TrainingLoweringOptions["kernels"]) {
  const random = new SeededRandom(7, "training");
  const net = new GraphBuilder();
  const values = new Map<string, Block>();
  const weights: string[] = [];
  const given: Given = (name, shape, [from, to] = [-1.5, 1.5]) => {
    const extents = shape.map((extent) => (extent === "N" ? batch : extent));
    const draw = () => Math.fround(from + (to - from) * random.next());
    values.set(name, { shape: extents, data: Array.from({ length: sizeOf(extents) }, draw) });
    if (shape.length === 0 || shape[0] === "N") return net.add("Input", name, [], { shape });
    weights.push(name);
    return net.add("Weight", name, [], { shape: extents, trainable: true });
  };
  const y = net.add("Flatten", "logits", [build(net, given)], {});
  const trainable = [...values.keys()].filter((name) => !fixed.includes(name));
  given("targets", net.shape(y));
  given("scale", []);
  net.add("SoftmaxCrossEntropy", "loss", [y, "targets", "scale"], {});
  const built = net.build(["loss"]);
  const graph = normalizesByBatch ? batchStatistics(built).graph : built;

  const derived = differentiate(foldPads(graph), "loss", trainable);
  const model = { graph: fuseSums(derived.graph), weights: new Map() };
  const lowered = lowerTraining(model, { batch, trained: weights, kernels });
  const read = new Set(lowered.onnx.inputs.map(({ name }) => name));
  const feeds = [...values]
    .filter(([name]) => read.has(name))
    .map(([name, { shape, data }]) => {
      const tensor = { shape, data: Float32Array.from(data) };
      if (!weights.includes(name)) return [name, tensor] as const;
      const packed = lowered.pack(name, tensor);
      return [name, { shape: [packed.length], data: packed }] as const;
    });
  const outputs = await runBytes(encode(lowered.onnx), Object.fromEntries(feeds));
  const lossOf = (moved: ReadonlyMap<string, Block>) => evaluateFloat64(graph, moved, "loss").data[0]!;
  const terms = sizeOf(values.get("targets")!.shape); // of about 10 each, and signs that cancel
  expect(Math.abs(outputs["loss"]!.data[0]! - lossOf(values))).toBeLessThan(1e-6 * terms);
  for (const name of trainable) {
    const { shape, data } = values.get(name)!;
    const output = outputs[derived.gradients.get(name)!]!;
    const gradient = weights.includes(name) ? lowered.unpack(name, output.data) : output;
    expect(gradient.shape).toEqual(shape);
    const size = gradient.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const direction of directions(data.length, random)) {
      const expected = slope(values, name, direction, lossOf);
      const actual = direction.reduce((sum, step, i) => sum + step * gradient.data[i]!, 0);
      const length = Math.hypot(...direction);
      expect(Math.abs(actual - expected), `${name}: ${actual}, expected ${expected}`).toBeLessThan(
        tolerance * Math.max(size, 0.01) * length,
      );
    }
  }
}

/** Single values, the first and the last among them, and one direction that moves all. */
function directions(length: number, random: SeededRandom): number[][] {
  const single = (at: number) => Array.from({ length }, (_, i) => (i === at ? 1 : 0));
  const drawn = Array.from({ length: 6 }, () => random.integer(length));
  const all = Array.from({ length }, () => (random.next() < 0.5 ? -1 : 1));
  return [...[...new Set([0, length - 1, ...drawn])].map(single), all];
}

/** The central difference of the loss along a direction. */
function slope(
  values: ReadonlyMap<string, Block>,
  name: string,
  direction: readonly number[],
  lossOf: (values: ReadonlyMap<string, Block>) => number,
): number {
  const { shape, data } = values.get(name)!;
  const h = 1e-5 / Math.hypot(...direction);
  const at = (step: number) =>
    lossOf(new Map(values).set(name, { shape, data: data.map((value, i) => value + step * direction[i]!) }));
  return (at(h) - at(-h)) / (2 * h);
}
