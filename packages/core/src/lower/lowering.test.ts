import { describe, expect, it } from "vitest";
import { GraphError } from "../errors.js";
import { GraphBuilder } from "../graph/graph.js";
import type { Model } from "../graph/model.js";
import { encode } from "../onnx/encode.js";
import { cut } from "../passes/cut.js";
import { directRuntime, runModel } from "../testing/direct-runtime.js";
import { inference } from "./inference.js";
import { lower } from "./lowering.js";

/** x → dense → relu6 → top_dropout, and a second relu6 of x. */
function small(): Model {
  const net = new GraphBuilder();
  net.add("Input", "x", [], { shape: ["N", 2] });
  net.add("Weight", "kernel", [], { shape: [2, 2], trainable: true });
  net.add("Gemm", "dense", ["x", "kernel"], { transA: 0, transB: 0 });
  net.add("Clip", "relu6", ["dense"], { min: 0, max: 6 });
  net.add("Dropout", "top_dropout", ["relu6"], { rate: 0.5, noise: "element" });
  net.add("Clip", "other", ["x"], { min: 0, max: 6 });
  const kernel = { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
  return { graph: net.build(["top_dropout", "other"]), weights: new Map([["kernel", kernel]]) };
}

const model = small();
const x = { shape: [2, 2], data: Float32Array.of(1, 0.5, -1, 9) };

describe("lower", () => {
  it("names values after their nodes, those in between after node and operator", () => {
    const net = new GraphBuilder();
    const silu = net.add("Silu", "silu", [net.add("Input", "x", [], { shape: ["N", 2] })], {});
    const { nodes } = lower({ graph: net.build([silu]), weights: new Map() }, inference);
    expect(nodes.map(({ op, inputs, output }) => [op, inputs, output])).toEqual([
      ["Sigmoid", ["x"], "silu:Sigmoid_0"],
      ["Mul", ["x", "silu:Sigmoid_0"], "silu"],
    ]);
  });

  it("leaves Dropout out, but keeps its name where it is an output", async () => {
    const lowered = lower(cut(model, "relu6", "top_dropout"), inference);
    expect(lowered.nodes.map(({ op, output }) => [op, output])).toEqual([
      ["Gemm", "dense"],
      ["Clip", "relu6"],
      ["Identity", "top_dropout"],
    ]);
    const outputs = await runModel(cut(model, "top_dropout", "relu6"), { x });
    expect(Object.keys(outputs)).toEqual(["top_dropout", "relu6"]);
    expect(outputs["top_dropout"]).toEqual(outputs["relu6"]);
    expect([...outputs["relu6"]!.data]).toEqual([2.5, 4, 6, 6]);
  });

  it("gives outputs in the order of the graph, with its shapes", () => {
    const { inputs, outputs } = lower(model, inference);
    expect(inputs).toEqual([{ name: "x", shape: ["N", 2] }]);
    expect(outputs).toEqual([
      { name: "top_dropout", shape: ["N", 2] },
      { name: "other", shape: ["N", 2] },
    ]);
  });

  it("stores equal constants once", () => {
    const { constants, nodes } = lower(model, inference);
    expect([...constants.keys()]).toHaveLength(3); // the kernel, 0 and 6
    const [first, second] = nodes.filter(({ op }) => op === "Clip").map(({ inputs }) => inputs.slice(1));
    expect(first).toEqual(second);
  });

  it("stores a weight's values as they are", () => {
    expect(lower(model, inference).constants.get("kernel")).toBe(model.weights.get("kernel"));
  });

  it("leaves out what no ONNX node reads", () => {
    const net = new GraphBuilder();
    const names = [net.add("Input", "x", [], { shape: ["N", 1, 2, 2] })];
    for (const name of ["mean", "variance"]) {
      names.push(net.add("Weight", name, [], { shape: [1, 1, 1, 1], trainable: false }));
    }
    names.push(net.add("Weight", "count", [], { shape: [], trainable: false }));
    const graph = net.build([net.add("Normalization", "normalization", names, {})]);
    const values = { shape: [1, 1, 1, 1], data: Float32Array.of(1) };
    const weights = new Map([...["mean", "variance"].map((name) => [name, values] as const), ["count", values]]);
    const { constants } = lower({ graph, weights }, inference);
    expect([...constants.keys()].filter((name) => !name.startsWith("float"))).toEqual(["mean", "variance"]);
  });

  it("makes weights inputs where it is told, and computes the same", async () => {
    const lowered = lower({ graph: model.graph, weights: new Map() }, inference, ["kernel"]);
    expect(lowered.inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["x", ["N", 2]],
      ["kernel", [2, 2]],
    ]);
    expect(lowered.constants.has("kernel")).toBe(false);
    const session = await directRuntime.open(encode(lowered));
    await session.bind({ kernel: model.weights.get("kernel")! });
    expect(await session.run({ x })).toEqual(await runModel(model, { x }));
    await session.release();
  });

  it("refuses a weight without values that is no input", () => {
    const bare = () => lower({ graph: model.graph, weights: new Map() }, inference);
    expect(bare).toThrow(GraphError);
    expect(bare).toThrow("kernel: the model holds no values for this weight");
  });

  it("gives a constant and a weight as outputs too", async () => {
    const net = new GraphBuilder();
    net.add("Constant", "one", [], { shape: [], value_floats: [1] });
    net.add("Weight", "kernel", [], { shape: [2, 2], trainable: true });
    const outputs = await runModel({ graph: net.build(["one", "kernel"]), weights: model.weights }, {});
    expect([...outputs["one"]!.data]).toEqual([1]);
    expect([...outputs["kernel"]!.data]).toEqual([1, 2, 3, 4]);
  });
});
