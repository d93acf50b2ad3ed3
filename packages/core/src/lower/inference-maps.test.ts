import { describe, expect, it } from "vitest";
import { largestDifference } from "../explain/largest-difference.js";
import { GraphBuilder } from "../graph/graph.js";
import type { ConvAttrs, Op, Ops } from "../graph/ops.js";
import { SeededRandom } from "../seeded-random.js";
import {
  directConv,
  directPad,
  fill,
  normalValues,
  perChannel,
  perMap,
  tensorOf,
  valueAt,
} from "../testing/direct-maps.js";
import { runModel } from "../testing/direct-runtime.js";
import type { Block } from "../testing/evaluate-float64.js";

const random = new SeededRandom(11);
const normal = (...shape: number[]) => normalValues(random, shape);
const positive = (...shape: number[]): Block => {
  const { data } = normal(...shape);
  return { shape, data: data.map((value) => Math.fround(value * value + 0.1)) };
};

/** The output of one operator on ONNX Runtime; the first input is the graph's, the others are weights. */
async function run<K extends Op>(op: K, attrs: Ops[K], [x, ...rest]: readonly Block[]): Promise<Block> {
  const net = new GraphBuilder();
  net.add("Input", "x", [], { shape: ["N", ...x!.shape.slice(1)] });
  const names = rest.map(({ shape }, i) => net.add("Weight", `w${i}`, [], { shape, trainable: true }));
  const graph = net.build([net.add(op, "y", ["x", ...names], attrs)]);
  const weights = new Map(rest.map((values, i) => [`w${i}`, tensorOf(values)]));
  const { y } = await runModel({ graph, weights }, { x: tensorOf(x!) });
  return { shape: y!.shape, data: [...y!.data] };
}

/** Sums of at most 75 products in float32, 2⁻²⁴ of rounding each, against float64. */
const tolerance = 2e-6;

function expectClose(actual: Block, expected: Block): void {
  expect(actual.shape).toEqual(expected.shape);
  const { difference, scale } = largestDifference(actual.data, expected.data);
  expect(difference).toBeLessThanOrEqual(tolerance * scale);
}

const plain: ConvAttrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 };

describe("the inference lowering, against float64", () => {
  it.each<[string, ConvAttrs, Block, Block, boolean]>([
    ["1 × 1", plain, normal(2, 3, 4, 5), normal(6, 3, 1, 1), false],
    ["same padding with bias", { ...plain, pads: [1, 1, 1, 1] }, normal(1, 2, 7, 5), normal(3, 2, 3, 3), true],
    ["stride 2, odd sizes", { ...plain, strides: [2, 2] }, normal(2, 3, 9, 7), normal(4, 3, 3, 3), false],
    ["stride 2, even sizes", { ...plain, strides: [2, 2] }, normal(3, 2, 8, 10), normal(4, 2, 3, 3), true],
    ["unequal strides", { ...plain, strides: [1, 3] }, normal(1, 2, 6, 11), normal(2, 2, 2, 3), false],
    [
      "zeros after, not before",
      { ...plain, strides: [2, 2], pads: [0, 0, 1, 1] },
      normal(2, 3, 8, 6),
      normal(4, 3, 3, 3),
      false,
    ],
    ["four different pads", { ...plain, pads: [0, 1, 2, 3] }, normal(1, 2, 5, 4), normal(3, 2, 3, 3), true],
    ["two groups", { ...plain, group: 2 }, normal(2, 4, 5, 5), normal(6, 2, 3, 3), true],
    [
      "depthwise, 5 × 5",
      { ...plain, group: 6, strides: [2, 2], pads: [1, 1, 2, 2] },
      normal(2, 6, 8, 9),
      normal(6, 1, 5, 5),
      false,
    ],
    ["dilations", { ...plain, dilations: [2, 3] }, normal(1, 3, 9, 10), normal(2, 3, 3, 3), false],
    ["one pixel", { ...plain, pads: [1, 1, 1, 1] }, normal(1, 1, 1, 1), normal(1, 1, 3, 3), true],
  ])("convolves: %s", async (_, attrs, x, kernel, hasBias) => {
    const bias = hasBias ? normal(kernel.shape[0]!) : undefined;
    const inputs = bias ? [x, kernel, bias] : [x, kernel];
    expectClose(await run("Conv", attrs, inputs), directConv(x, kernel, bias?.data, attrs));
  });

  it.each([[[0, 0, 1, 1]], [[1, 2, 3, 4]], [[0, 0, 0, 0]]] as const)("pads with zeros: %j", async (pads) => {
    const x = normal(2, 3, 4, 5);
    expect(await run("Pad", { pads }, [x])).toEqual(directPad(x, pads));
  });

  it.each<[string, number, Ops["Rescaling"]]>([
    ["one number each", 3, { scale: [1 / 128], offset: [-127 / 128] }],
    ["one number per channel", 3, { scale: [0.5, 2, -3], offset: [1, 0, -1] }],
    ["scale alone", 3, { scale: [2, 3, 4], offset: [0] }],
    ["offset alone", 3, { scale: [1], offset: [5] }],
    ["nothing at all", 3, { scale: [1], offset: [0] }],
    ["1 channel to 3 by the scale", 1, { scale: [1, 2, 3], offset: [0] }],
    ["1 channel to 3 by the offset", 1, { scale: [1], offset: [1, 2, 3] }],
    ["1 channel to 3 equal ones", 1, { scale: [1, 1, 1], offset: [0, 0, 0] }],
  ])("rescales: %s", async (_, channels, attrs) => {
    const x = normal(2, channels, 3, 4);
    const at = (values: readonly number[], c: number) => values[values.length === 1 ? 0 : c]!;
    const wide = Math.max(channels, attrs.scale.length, attrs.offset.length);
    const expected = fill([2, wide, 3, 4], (n, c, i, j) => {
      return valueAt(x, n, channels === 1 ? 0 : c, i, j) * at(attrs.scale, c) + at(attrs.offset, c);
    });
    expectClose(await run("Rescaling", attrs, [x]), expected);
  });

  it.each([3, 1])("normalizes %i channels to 3 by mean and variance", async (channels) => {
    const [x, mean, variance] = [normal(2, channels, 3, 4), normal(1, 3, 1, 1), positive(1, 3, 1, 1)];
    const expected = fill([2, 3, 3, 4], (n, c, i, j) => {
      return (valueAt(x, n, channels === 1 ? 0 : c, i, j) - mean.data[c]!) / Math.sqrt(variance.data[c]!);
    });
    expectClose(await run("Normalization", {}, [x, mean, variance, { shape: [], data: [0] }]), expected);
  });

  it("divides by 1e-7 where a variance is zero, as Keras does", async () => {
    const [zero, one] = [0, 1].map((value) => ({ shape: [1, 1, 1, 1], data: [value] }));
    const normalized = await run("Normalization", {}, [one!, zero!, zero!, { shape: [], data: [0] }]);
    expect(normalized.data[0]! / 1e7).toBeCloseTo(1, 6);
  });

  it("normalizes a batch by its statistics, epsilon under the root", async () => {
    const x = normal(2, 4, 3, 5);
    const [gamma, beta, mean, variance] = [normal(4), normal(4), normal(4), positive(4)];
    const epsilon = 0.25;
    const expected = perChannel(x, (value, c) => {
      return (gamma.data[c]! * (value - mean.data[c]!)) / Math.sqrt(variance.data[c]! + epsilon) + beta.data[c]!;
    });
    expectClose(
      await run("BatchNormalization", { epsilon, momentum: 0.99 }, [x, gamma, beta, mean, variance]),
      expected,
    );
  });

  it.each([1, 3])("makes a plane of ones of the extents of %i channels, whatever their values", async (channels) => {
    const x = normal(3, channels, 4, 5);
    const nan = { ...x, data: x.data.map((value, i) => (i % 7 === 0 ? Number.NaN : value)) };
    expect(await run("OnesPlane", {}, [nan])).toEqual(fill([3, 1, 4, 5], () => 1));
  });

  it("pools whole maps, by mean and by maximum", async () => {
    const x = normal(2, 3, 5, 7);
    const mean = perMap(x, (values) => values.reduce((sum, value) => sum + value, 0) / values.length);
    expectClose(await run("GlobalAveragePool", {}, [x]), mean);
    expect(await run("GlobalMaxPool", {}, [x])).toEqual(perMap(x, (values) => Math.max(...values)));
  });
});
