import { describe, expect, it } from "vitest";
import { largestDifference } from "../explain/largest-difference.js";
import { GraphBuilder } from "../graph/graph.js";
import type { Op, Ops } from "../graph/ops.js";
import { SeededRandom } from "../seeded-random.js";
import { normalValues, tensorOf } from "../testing/direct-maps.js";
import { runModel } from "../testing/direct-runtime.js";
import type { Block } from "../testing/evaluate-float64.js";

const random = new SeededRandom(12);
const normal = (...shape: number[]) => normalValues(random, shape, 3);

/** The output of one operator whose inputs are all the graph's. */
async function run<K extends Op>(op: K, attrs: Ops[K], inputs: readonly Block[]): Promise<Block> {
  const net = new GraphBuilder();
  const names = inputs.map(({ shape }, i) => net.add("Input", `x${i}`, [], { shape }));
  const graph = net.build([net.add(op, "y", names, attrs)]);
  const feeds = Object.fromEntries(inputs.map((values, i) => [`x${i}`, tensorOf(values)]));
  const { y } = await runModel({ graph, weights: new Map() }, feeds);
  return { shape: y!.shape, data: [...y!.data] };
}

/** Float32's exp and tanh err by a few units in the last place, 6e-8 each; sums here have at most 30 terms. */
const tolerance = 2e-6;

function expectClose(actual: Block, shape: readonly number[], expected: readonly number[]): void {
  expect(actual.shape).toEqual(shape);
  const { difference, scale } = largestDifference(actual.data, expected);
  expect(difference).toBeLessThanOrEqual(tolerance * scale);
}

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
const softmax = (row: readonly number[]) => {
  const powers = row.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
};
const rowsOf = ({ shape, data }: Block) =>
  Array.from({ length: shape[0]! }, (_, n) => data.slice(n * shape[1]!, (n + 1) * shape[1]!));

describe("the inference lowering, value by value", () => {
  it.each<[Op, Ops[Op], (x: number) => number]>([
    ["Relu", {}, (x) => Math.max(x, 0)],
    ["Clip", { min: 0, max: 6 }, (x) => Math.min(Math.max(x, 0), 6)],
    ["Clip", { min: -1, max: 0.5 }, (x) => Math.min(Math.max(x, -1), 0.5)],
    ["Sigmoid", {}, sigmoid],
    ["Tanh", {}, (x) => (Math.exp(2 * x) - 1) / (Math.exp(2 * x) + 1)],
    ["Silu", {}, (x) => x * sigmoid(x)],
    ["Dropout", { rate: 0.5, noise: "element" }, (x) => x],
  ])("computes %s %j", async (op, attrs, of) => {
    const x = normal(2, 3, 4, 5);
    const edges = { ...x, data: [0, -1, 0.5, 6, -30, 30, ...x.data.slice(6)] };
    expectClose(await run(op, attrs, [edges]), x.shape, edges.data.map(of));
  });

  it.each<[Op, Ops[Op], (x: number, dy: number) => number]>([
    ["ReluGrad", {}, (x, dy) => (x > 0 ? dy : 0)],
    ["ClipGrad", { min: 0, max: 6 }, (x, dy) => (x > 0 && x < 6 ? dy : 0)],
    ["SigmoidGrad", {}, (y, dy) => dy * y * (1 - y)],
    ["TanhGrad", {}, (y, dy) => dy * (1 - y * y)],
  ])("computes %s %j", async (op, attrs, of) => {
    const [x, dy] = [normal(3, 10), normal(3, 10)];
    const edges = { ...x, data: [0, 6, -1, 7, ...x.data.slice(4)] };
    const expected = edges.data.map((value, i) => of(value, dy.data[i]!));
    expectClose(await run(op, attrs, [edges, dy]), x.shape, expected);
  });

  it("computes SiluGrad from x and the saved y", async () => {
    const [x, dy] = [normal(3, 10), normal(3, 10)];
    const y = { ...x, data: x.data.map((value) => Math.fround(value * sigmoid(value))) };
    const expected = x.data.map((value, i) => dy.data[i]! * sigmoid(value) * (1 + value * (1 - sigmoid(value))));
    expectClose(await run("SiluGrad", {}, [x, y, dy]), x.shape, expected);
  });

  it.each<[string, readonly number[], readonly number[], readonly number[]]>([
    ["equal shapes", [2, 3], [2, 3], [2, 3]],
    ["a row", [2, 3], [3], [2, 3]],
    ["a scalar", [2, 3], [], [2, 3]],
    ["columns against rows", [2, 1], [1, 3], [2, 3]],
    ["a gate per channel", [2, 3, 2, 2], [2, 3, 1, 1], [2, 3, 2, 2]],
  ])("adds and multiplies %s", async (_, shapeA, shapeB, shape) => {
    const [a, b] = [normal(...shapeA), normal(...shapeB)];
    const pairs = Array.from({ length: shape.reduce((p, q) => p * q, 1) }, (_, i) => [
      a.data[source(i, shape, shapeA)]!,
      b.data[source(i, shape, shapeB)]!,
    ]);
    expectClose(
      await run("Add", {}, [a, b]),
      shape,
      pairs.map(([p, q]) => p! + q!),
    );
    expectClose(
      await run("Mul", {}, [a, b]),
      shape,
      pairs.map(([p, q]) => p! * q!),
    );
  });

  it.each([
    [0, 0, true],
    [0, 0, false],
    [1, 0, true],
    [0, 1, false],
    [1, 1, true],
  ] as const)("multiplies matrices, transA %i, transB %i, bias %j", async (transA, transB, hasBias) => {
    const [rows, inner, units] = [3, 5, 4];
    const a = transA ? normal(inner, rows) : normal(rows, inner);
    const b = transB ? normal(units, inner) : normal(inner, units);
    const bias = hasBias ? normal(units) : undefined;
    const expected = Array.from({ length: rows * units }, (_, at) => {
      const [i, k] = [Math.floor(at / units), at % units];
      let sum = bias?.data[k] ?? 0;
      for (let j = 0; j < inner; j++) {
        sum += a.data[transA ? j * rows + i : i * inner + j]! * b.data[transB ? k * inner + j : j * units + k]!;
      }
      return sum;
    });
    expectClose(await run("Gemm", { transA, transB }, bias ? [a, b, bias] : [a, b]), [rows, units], expected);
  });

  it("sums over the axes it is told, which stay or go", async () => {
    const x = normal(2, 3, 4);
    const sums = [0, 1, 2].map((c) => {
      const own = x.data.filter((_, i) => Math.floor(i / 4) % 3 === c);
      return own.reduce((a, b) => a + b);
    });
    expectClose(await run("ReduceSum", { axes: [0, 2], keepdims: 1 }, [x]), [1, 3, 1], sums);
    expectClose(await run("ReduceSum", { axes: [0, 2], keepdims: 0 }, [x]), [3], sums);
  });

  it("keeps the values and their order where only the shape changes", async () => {
    const x = normal(2, 3, 2, 2);
    expect(await run("Flatten", {}, [x])).toEqual({ shape: [2, 12], data: x.data });
    expect(await run("Reshape", { shape: [2, 6, 2] }, [x])).toEqual({ shape: [2, 6, 2], data: x.data });
  });

  it("puts channels behind each other, sample by sample", async () => {
    const [a, b] = [normal(2, 2, 2, 2), normal(2, 1, 2, 2)];
    const expected = [0, 1].flatMap((n) => [...a.data.slice(8 * n, 8 * n + 8), ...b.data.slice(4 * n, 4 * n + 4)]);
    expect(await run("Concat", { axis: 1 }, [a, b])).toEqual({ shape: [2, 3, 2, 2], data: expected });
  });

  it("turns rows of logits into probabilities, large ones too", async () => {
    const logits = { shape: [2, 3], data: [1, -2, 0.5, 90, 88, -90] };
    expectClose(await run("Softmax", {}, [logits]), [2, 3], rowsOf(logits).flatMap(softmax));
  });

  // Targets need not sum to 1: a weighted sample, label smoothing.
  it("computes the cross entropy and its gradient", async () => {
    const [logits, drawn] = [normal(4, 3), normal(4, 3)];
    const targets = { ...drawn, data: drawn.data.map(Math.abs) };
    const scale = { shape: [], data: [0.25] };
    const pairs = rowsOf(logits).map((row, n) => [softmax(row), rowsOf(targets)[n]!] as const);
    const loss = pairs.map(([p, t]) => -t.reduce((sum, target, k) => sum + target * Math.log(p[k]!), 0));
    const inputs = [logits, targets, scale];
    expectClose(await run("SoftmaxCrossEntropy", {}, inputs), [], [0.25 * loss.reduce((a, b) => a + b)]);
    const gradient = pairs.flatMap(([p, t]) => {
      const mass = t.reduce((a, b) => a + b);
      return p.map((probability, k) => 0.25 * (probability * mass - t[k]!));
    });
    expectClose(await run("SoftmaxCrossEntropyGrad", {}, inputs), [4, 3], gradient);
  });
});

/** Where the value at flat position `i` of `shape` comes from in a tensor of `from` that broadcasts to it. */
function source(i: number, shape: readonly number[], from: readonly number[]): number {
  let [rest, step, position] = [i, 1, 0];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const own = from[axis - shape.length + from.length] ?? 1;
    if (own > 1) position += (rest % shape[axis]!) * step;
    step *= own;
    rest = Math.floor(rest / shape[axis]!);
  }
  return position;
}
