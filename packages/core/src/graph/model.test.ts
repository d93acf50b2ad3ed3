import { describe, expect, it } from "vitest";
import { GraphError } from "../errors.js";
import { GraphBuilder } from "./graph.js";
import { bind, weightOf } from "./model.js";
import type { Tensor } from "./tensor.js";

const net = new GraphBuilder();
net.add("Input", "x", [], { shape: ["N", 3] });
net.add("Weight", "kernel", [], { shape: [3, 2], trainable: true });
net.add("Weight", "bias", [], { shape: [2], trainable: true });
net.add("Gemm", "dense", ["x", "kernel", "bias"], { transA: 0, transB: 0 });
const graph = net.build(["dense"]);

const tensor = (...shape: number[]): Tensor => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });

describe("bind", () => {
  it("takes just the weights that the graph reads, as they are", () => {
    const kernel = tensor(3, 2);
    const { weights } = bind(graph, new Map(Object.entries({ other: tensor(9), bias: tensor(2), kernel })));
    expect([...weights.keys()]).toEqual(["kernel", "bias"]);
    expect(weights.get("kernel")).toBe(kernel);
  });

  it("refuses a graph whose weight has no values", () => {
    const without = () => bind(graph, new Map([["kernel", tensor(3, 2)]]));
    expect(without).toThrow(GraphError);
    expect(without).toThrow("bias: no values given, expected [2]");
  });

  // The same six values: only the extents tell that they are transposed.
  it("refuses values of another shape", () => {
    const transposed = () => bind(graph, new Map(Object.entries({ kernel: tensor(2, 3), bias: tensor(2) })));
    expect(transposed).toThrow(GraphError);
    expect(transposed).toThrow("kernel: expected values of [3, 2], got [2, 3]");
  });
});

describe("weightOf", () => {
  it("gives a weight's values, and refuses a name without any", () => {
    const kernel = tensor(3, 2);
    const model = { graph, weights: new Map([["kernel", kernel]]) };
    expect(weightOf(model, "kernel")).toBe(kernel);
    expect(() => weightOf(model, "bias")).toThrow("bias: the model holds no values for this weight");
  });
});
