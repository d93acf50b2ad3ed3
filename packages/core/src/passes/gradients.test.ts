import { expect, it } from "vitest";
import { GraphBuilder, type Shape } from "../graph/graph.js";
import { sizeOf } from "../graph/tensor.js";
import { SeededRandom } from "../seeded-random.js";
import { runModel } from "../testing/direct-runtime.js";
import { type Block, evaluateFloat64 } from "../testing/evaluate-float64.js";
import { differentiate } from "./differentiate.js";

const batch = 3;

interface Case {
  readonly title: string;
  /** Adds inputs named `x`, `w`, … by `given` and returns the logits, of rank 2; all that is given gets a gradient. */
  readonly build: (net: GraphBuilder, given: (name: string, shape: Shape) => string) => string;
}

const elementwise = (["Relu", "Sigmoid", "Tanh", "Silu"] as const).map(
  (op): Case => ({ title: op, build: (net, given) => net.add(op, "y", [given("x", ["N", 4])], {}) }),
);

const products = ([0, 1] as const).flatMap((transA) =>
  ([0, 1] as const).map(
    (transB): Case => ({
      title: `Gemm with transA ${transA}, transB ${transB} and a bias`,
      build: (net, given) => {
        const x = given("x", transA ? [5, "N"] : ["N", 5]);
        const w = given("w", transB ? [4, 5] : [5, 4]);
        return net.add("Gemm", "y", [x, w, given("bias", [4])], { transA, transB });
      },
    }),
  ),
);

const broadcasts = (["Add", "Mul"] as const).flatMap((op) =>
  (
    [
      [
        ["N", 4],
        ["N", 4],
      ],
      [["N", 4], [4]],
      [
        ["N", 4],
        [1, 4],
      ],
      [
        ["N", 1],
        ["N", 4],
      ],
      [["N", 4], []],
      [
        ["N", 4],
        [1, 1],
      ],
      [
        [1, 4],
        ["N", 1],
      ],
    ] as const
  ).map(
    ([a, b]): Case => ({
      title: `${op} of [${a}] and [${b}]`,
      build: (net, given) => net.add(op, "y", [given("a", a), given("b", b)], {}),
    }),
  ),
);

const others: Case[] = [
  {
    title: "Gemm without bias",
    build: (net, given) => net.add("Gemm", "y", [given("x", ["N", 5]), given("w", [5, 4])], { transA: 0, transB: 0 }),
  },
  { title: "Clip", build: (net, given) => net.add("Clip", "y", [given("x", ["N", 4])], { min: -0.4, max: 0.7 }) },
  {
    title: "Flatten, Reshape and back",
    build: (net, given) => {
      net.add("Flatten", "flat", [given("x", ["N", 2, 3, 2])], {});
      net.add("Reshape", "map", ["flat"], { shape: ["N", 3, 4] });
      return net.add("Flatten", "y", ["map"], {});
    },
  },
  {
    title: "Dropout, the identity unless masked",
    build: (net, given) => net.add("Dropout", "y", [given("x", ["N", 4])], { rate: 0.5, noise: "element" }),
  },
  {
    title: "Mul with one value per channel of a map and per image",
    build: (net, given) => {
      net.add("Mul", "gated", [given("x", ["N", 2, 3, 2]), given("gate", ["N", 2, 1, 1])], {});
      net.add("Add", "shifted", ["gated", given("shift", [2, 1, 1])], {});
      return net.add("Flatten", "y", ["shifted"], {});
    },
  },
  {
    title: "a node with several readers, twice read by one",
    build: (net, given) => {
      const x = given("x", ["N", 4]);
      net.add("Mul", "square", [x, x], {});
      net.add("Tanh", "bent", [x], {});
      net.add("Add", "sum", ["square", "bent"], {});
      return net.add("Add", "y", ["sum", x], {});
    },
  },
  {
    title: "two dense layers",
    build: (net, given) => {
      const x = given("x", ["N", 5]);
      net.add("Gemm", "first", [x, given("w1", [5, 6]), given("b1", [6])], { transA: 0, transB: 0 });
      net.add("Silu", "hidden", ["first"], {});
      return net.add("Gemm", "y", ["hidden", given("w2", [6, 4]), given("b2", [4])], { transA: 0, transB: 0 });
    },
  },
];

/**
 * Central differences with h = 1e-5 in float64 are right to about 1e-10; what ONNX Runtime computes from the same float32
 * values has rounded a few dozen times, 6e-8 each, of values up to 2.
 */
const tolerance = 2e-6;

it.each([...elementwise, ...products, ...broadcasts, ...others])(
  "gives the slope of the loss by all that is given: $title",
  async ({ build }) => {
    const random = new SeededRandom(7, "gradients");
    const net = new GraphBuilder();
    const values = new Map<string, Block>();
    const given = (name: string, shape: Shape) => {
      const extents = shape.map((extent) => (extent === "N" ? batch : extent));
      const draw = () => Math.fround(1.5 * (2 * random.next() - 1));
      values.set(name, { shape: extents, data: Array.from({ length: sizeOf(extents) }, draw) });
      return net.add("Input", name, [], { shape });
    };
    const y = build(net, given);
    const trainable = [...values.keys()];
    given("targets", net.shape(y));
    given("scale", []);
    net.add("SoftmaxCrossEntropy", "loss", [y, "targets", "scale"], {});
    const graph = net.build(["loss"]);

    const derived = differentiate(graph, "loss", trainable);
    const feeds = [...values].map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]);
    const outputs = await runModel({ graph: derived.graph, weights: new Map() }, Object.fromEntries(feeds));
    const loss = evaluateFloat64(graph, values, "loss").data[0]!;
    expect(Math.abs(outputs["loss"]!.data[0]! - loss)).toBeLessThan(tolerance);
    for (const name of trainable) {
      const gradient = outputs[derived.gradients.get(name)!]!;
      expect(gradient.shape).toEqual(values.get(name)!.shape);
      for (const [i, slope] of slopes(
        name,
        values,
        (moved) => evaluateFloat64(graph, moved, "loss").data[0]!,
      ).entries()) {
        expect(Math.abs(gradient.data[i]! - slope), `${name}[${i}]: ${gradient.data[i]}, ${slope}`).toBeLessThan(
          tolerance,
        );
      }
    }
  },
);

/** Central differences of the loss by each value of one block. */
function slopes(
  name: string,
  values: ReadonlyMap<string, Block>,
  lossOf: (values: ReadonlyMap<string, Block>) => number,
): number[] {
  const { shape, data } = values.get(name)!;
  const h = 1e-5;
  const at = (i: number, step: number) => {
    const moved = data.map((value, j) => (i === j ? value + step : value));
    return lossOf(new Map(values).set(name, { shape, data: moved }));
  };
  return data.map((_, i) => (at(i, h) - at(i, -h)) / (2 * h));
}
