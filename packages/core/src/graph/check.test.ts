import { describe, expect, it } from "vitest";
import { GraphError } from "../errors.js";
import { check } from "./check.js";
import { type Graph, GraphBuilder, type Node, nodeOf } from "./graph.js";

function small(): Graph {
  const net = new GraphBuilder();
  net.add("Input", "x", [], { shape: ["N", 2, 5, 5] });
  net.add("Weight", "kernel", [], { shape: [4, 2, 3, 3], trainable: true });
  const attrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 } as const;
  net.add("Conv", "conv", ["x", "kernel"], attrs);
  return net.build([net.add("Relu", "relu", ["conv"], {})]);
}

const graph = small();

/** The graph with other nodes, as no builder would make it. */
const tampered = (change: (nodes: [string, Node][]) => [string, Node][], outputs = graph.outputs): Graph => ({
  nodes: new Map(change([...graph.nodes])),
  outputs,
});

const withNode = (name: string, changes: Partial<Node>) =>
  tampered((nodes) => nodes.map(([key, node]) => [key, key === name ? ({ ...node, ...changes } as Node) : node]));

describe("check", () => {
  it("accepts what a builder made", () => expect(() => check(graph)).not.toThrow());

  it.each<[string, Graph, string]>([
    [
      "a wrong shape",
      withNode("conv", { shape: ["N", 4, 5, 5] }),
      "conv (Conv): shape [N, 4, 5, 5], traced [N, 4, 3, 3]",
    ],
    [
      "attributes that no longer fit the shape",
      withNode("kernel", { attrs: { shape: [4, 3, 3, 3], trainable: true } }),
      "conv (Conv): kernel [4, 3, 3, 3], group 1 needs 3 channels, got 2",
    ],
    [
      "an input that is not there",
      withNode("relu", { inputs: ["cone"] }),
      'relu (Relu): no node named "cone" has been',
    ],
    ["a wrong order", tampered((nodes) => nodes.reverse()), 'relu (Relu): no node named "conv" has been added yet'],
    [
      "a loop",
      withNode("conv", { inputs: ["relu", "kernel"] }),
      'conv (Conv): no node named "relu" has been added yet',
    ],
    [
      "a node under another name",
      tampered((nodes) => nodes.map(([key, node]) => [key === "x" ? "y" : key, node])),
      'x (Input): stands under the name "y"',
    ],
    [
      "a node that no output reaches",
      tampered((nodes) => [...nodes, ["lost", { ...nodeOf(graph, "relu"), name: "lost" }]]),
      "lost (Relu): no output reaches this node",
    ],
    ["an output that is not there", tampered((nodes) => nodes, ["top"]), 'no node named "top" can be an output'],
    [
      "one node twice",
      tampered((nodes) => [...nodes, ["again", nodeOf(graph, "relu")]]),
      "relu: a node with this name already exists",
    ],
  ])("refuses %s", (_, broken, message) => {
    expect(() => check(broken)).toThrow(GraphError);
    expect(() => check(broken)).toThrow(message);
  });
});
