/**
 * Gradients by maps on ONNX Runtime, against what makes them gradients: of a linear y = A·x, ⟨A·x, dy⟩ = ⟨x, Aᵀ·dy⟩ for all x
 * and dy. Sums in float64 of numbers that float32 has rounded.
 */
import { expect, it } from "vitest";
import { GraphBuilder } from "../graph/graph.js";
import type { ConvAttrs, Op, Ops } from "../graph/ops.js";
import { SeededRandom } from "../seeded-random.js";
import { directConv, directPad, normalValues, tensorOf } from "../testing/direct-maps.js";
import { runModel } from "../testing/direct-runtime.js";
import type { Block } from "../testing/evaluate-float64.js";

const random = new SeededRandom(5);
const normal = (...shape: number[]) => normalValues(random, shape);

async function run<K extends Op>(op: K, attrs: Ops[K], inputs: readonly Block[]): Promise<Block> {
  const net = new GraphBuilder();
  const names = inputs.map(({ shape }, i) => {
    if (op === "ConvInputGrad" && i === 1) return net.add("Weight", `x${i}`, [], { shape, trainable: true });
    return net.add("Input", `x${i}`, [], { shape: shape.length === 1 ? shape : ["N", ...shape.slice(1)] });
  });
  const graph = net.build([net.add(op, "y", names, attrs)]);
  const tensors = inputs.map((values, i) => [`x${i}`, tensorOf(values)] as const);
  const weights = new Map(tensors.filter(([name]) => graph.nodes.get(name)!.op === "Weight"));
  const feeds = Object.fromEntries(tensors.filter(([name]) => !weights.has(name)));
  const { y } = await runModel({ graph, weights }, feeds);
  return { shape: y!.shape, data: [...y!.data] };
}

const dot = (a: Block, b: Block) => a.data.reduce((sum, value, i) => sum + value * b.data[i]!, 0);
const norm = (a: Block) => Math.sqrt(dot(a, a));

/** 2⁻²⁴ of rounding for each of up to 75 products, relative to the lengths of both vectors. */
const tolerance = 5e-6;

const plain: ConvAttrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 };

it.each<[string, ConvAttrs, readonly number[], readonly number[]]>([
  ["1 × 1", plain, [3, 4, 5, 6], [7, 4, 1, 1]],
  ["depthwise 5 × 5, four different pads", { ...plain, pads: [0, 1, 2, 3], group: 3 }, [2, 3, 6, 5], [3, 1, 5, 5]],
  ["more zeros around than a window reaches", { ...plain, pads: [3, 3, 3, 3] }, [1, 2, 4, 4], [3, 2, 3, 3]],
  ["3 × 3 with zeros around", { ...plain, pads: [1, 1, 1, 1] }, [2, 3, 5, 4], [6, 3, 3, 3]],
  [
    "depthwise, stride 2, odd extents",
    { ...plain, strides: [2, 2], pads: [1, 1, 1, 1], group: 4 },
    [2, 4, 7, 9],
    [4, 1, 3, 3],
  ],
  [
    "depthwise 5 × 5, stride 2, unequal zeros",
    { ...plain, strides: [2, 2], pads: [1, 1, 2, 2], group: 3 },
    [3, 3, 8, 8],
    [3, 1, 5, 5],
  ],
  ["stride 2 that leaves pixels out", { ...plain, strides: [2, 3] }, [1, 2, 8, 9], [3, 2, 3, 3]],
  ["two groups", { ...plain, group: 2 }, [2, 4, 4, 4], [6, 2, 3, 3]],
  ["dilated", { ...plain, dilations: [2, 1] }, [1, 2, 7, 5], [2, 2, 3, 3]],
])("sends back through a convolution: %s", async (_, attrs, shape, kernel) => {
  const [x, w] = [normal(...shape), normal(...kernel)];
  const y = directConv(x, w, undefined, attrs);
  const dy = normal(...y.shape);
  const dx = await run("ConvInputGrad", { ...attrs, extents: [shape[2]!, shape[3]!] }, [dy, w]);
  expect(dx.shape).toEqual(shape);
  expect(Math.abs(dot(y, dy) - dot(x, dx))).toBeLessThan(tolerance * norm(x) * norm(dx));
  const sum = normal(...shape);
  const added = await run("ConvInputGrad", { ...attrs, extents: [shape[2]!, shape[3]!] }, [dy, w, sum]);
  for (const [i, value] of added.data.entries()) expect(value).toBeCloseTo(dx.data[i]! + sum.data[i]!, 4);
});

it("crops what Pad added", async () => {
  const pads = [1, 2, 3, 0] as const;
  const x = normal(2, 3, 4, 5);
  const y = directPad(x, pads);
  const dy = normal(...y.shape);
  const dx = await run("Crop", { pads }, [dy]);
  expect(dx.shape).toEqual(x.shape);
  expect(dot(x, dx)).toBeCloseTo(dot(y, dy), 10);
});

it("spreads the gradient of a mean over the map", async () => {
  const dx = await run("GlobalAveragePoolGrad", { extents: [2, 4] }, [{ shape: [2, 1, 1, 1], data: [8, -16] }]);
  expect(dx).toEqual({ shape: [2, 1, 2, 4], data: [...Array(8).fill(1), ...Array(8).fill(-2)] });
});

it("sends the gradient of a largest value to where it is, in equal parts", async () => {
  const x = { shape: [2, 1, 2, 2], data: [1, 7, 7, 0, -5, -4, -9, -8] };
  const dx = await run("GlobalMaxPoolGrad", {}, [
    x,
    { shape: [2, 1, 1, 1], data: [7, -4] },
    { shape: [2, 1, 1, 1], data: [6, 3] },
  ]);
  expect(dx.data).toEqual([0, 3, 3, 0, 0, 3, 0, 0]);
});

it("scales and shifts by image and channel, and by channel", async () => {
  const x = { shape: [1, 2, 1, 2], data: [1, 2, 3, 4] };
  const byImage = [2, 10].map((value) => ({ shape: [1, 2, 1, 1], data: [value, -value] }));
  expect((await run("ImageAffine", {}, [x, ...byImage])).data).toEqual([12, 14, -16, -18]);
  const byChannel = [2, 10].map((value) => ({ shape: [2], data: [value, -value] }));
  expect((await run("ChannelAffine", {}, [x, ...byChannel])).data).toEqual([12, 14, -16, -18]);
});
