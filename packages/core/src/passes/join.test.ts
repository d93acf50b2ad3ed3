import { describe, expect, it } from "vitest";
import { GraphError } from "../errors.js";
import { check } from "../graph/check.js";
import { GraphBuilder, nodeOf } from "../graph/graph.js";
import type { Model } from "../graph/model.js";
import { runModel } from "../testing/direct-runtime.js";
import { cut } from "./cut.js";
import { join } from "./join.js";

/** x [N, inputs] · kernel, all values 0.5, then relu; `prefix` begins every name but the input's. */
function affine(prefix: string, inputs: number, units: number, input = "x"): Model {
  const net = new GraphBuilder();
  net.add("Input", input, [], { shape: ["N", inputs] });
  net.add("Weight", `${prefix}/kernel`, [], { shape: [inputs, units], trainable: true });
  net.within({ name: prefix, className: "Dense" }, () => {
    net.add("Gemm", `${prefix}/product`, [input, `${prefix}/kernel`], { transA: 0, transB: 0 });
    net.add("Relu", prefix, [`${prefix}/product`], {});
  });
  const kernel = { shape: [inputs, units], data: new Float32Array(inputs * units).map((_, i) => 0.5 + i) };
  return { graph: net.build([prefix]), weights: new Map([[`${prefix}/kernel`, kernel]]) };
}

const trunk = affine("trunk", 2, 3);
const head = affine("head", 3, 4, "features");
const x = { shape: [2, 2], data: Float32Array.of(1, -0.5, 2, 4) };

describe("join", () => {
  it("gives what the head gives for what the trunk gives", async () => {
    const joined = join(trunk, head);
    expect(() => check(joined.graph)).not.toThrow();
    const features = (await runModel(trunk, { x }))["trunk"]!;
    const expected = await runModel(head, { features });
    expect(await runModel(joined, { x })).toEqual(expected);
  });

  it("keeps the nodes of both but the head's input, their layers and their weights", () => {
    const { graph, weights } = join(trunk, head);
    expect([...graph.nodes.keys()]).toEqual([...trunk.graph.nodes.keys(), ...[...head.graph.nodes.keys()].slice(1)]);
    expect(nodeOf(graph, "head/product").inputs).toEqual(["trunk", "head/kernel"]);
    expect(nodeOf(graph, "head").layer).toEqual(nodeOf(head.graph, "head").layer);
    for (const node of trunk.graph.nodes.values()) expect(nodeOf(graph, node.name)).toEqual(node);
    expect(weights).toEqual(new Map([...trunk.weights, ...head.weights]));
  });

  it("takes a head whose input bears the name of the trunk's", async () => {
    const joined = join(trunk, affine("head", 3, 4));
    expect(await runModel(joined, { x })).toEqual(await runModel(join(trunk, head), { x }));
  });

  it("gives the trunk's own output where the head passes it on", () => {
    const net = new GraphBuilder();
    const input = net.add("Input", "features", [], { shape: ["N", 3] });
    const { graph } = join(trunk, {
      graph: net.build([input, net.add("Tanh", "bent", [input], {})]),
      weights: new Map(),
    });
    expect(graph.outputs).toEqual(["trunk", "bent"]);
  });

  it.each<[string, Model, Model, string]>([
    ["shapes", trunk, affine("head", 4, 2, "features"), "join: trunk gives [N, 3], features reads [N, 4]"],
    ["names", trunk, affine("trunk", 3, 2, "features"), "trunk/kernel: a node with this name already exists"],
    [
      "a second output",
      cut(trunk, "trunk", "trunk/product"),
      head,
      "join: expected a trunk with one output and a head with one input, got 2 outputs, 1 inputs",
    ],
  ])("refuses where %s do not agree", (_, first, second, message) => {
    expect(() => join(first, second)).toThrow(GraphError);
    expect(() => join(first, second)).toThrow(message);
  });

  it("refuses a head with two inputs", () => {
    const net = new GraphBuilder();
    const [a, b] = ["a", "b"].map((name) => net.add("Input", name, [], { shape: ["N", 3] }));
    const two = { graph: net.build([net.add("Add", "sum", [a!, b!], {})]), weights: new Map() };
    expect(() => join(trunk, two)).toThrow("got 1 outputs, 2 inputs");
  });
});
