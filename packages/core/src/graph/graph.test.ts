import { describe, expect, it } from "vitest";
import { GraphError } from "../errors.js";
import { GraphBuilder, isOp, nodeOf, nodesOf, readersOf } from "./graph.js";
import { rewrite } from "./rewrite.js";

/** x → double → (left, right) → sum, the two in the middle in a layer. */
function diamond(): { net: GraphBuilder; sum: string } {
  const net = new GraphBuilder();
  net.add("Input", "x", [], { shape: ["N", 4] });
  net.add("Add", "double", ["x", "x"], {});
  net.within({ name: "branches", className: "Branches" }, () => {
    net.add("Relu", "left", ["double"], {});
    net.add("Tanh", "right", ["double"], {});
  });
  return { net, sum: net.add("Add", "sum", ["left", "right"], {}) };
}

describe("GraphBuilder", () => {
  it("keeps nodes in the order in which they were added", () => {
    const { net, sum } = diamond();
    expect([...net.build([sum]).nodes.keys()]).toEqual(["x", "double", "left", "right", "sum"]);
  });

  it("refuses a name that is taken", () => {
    const { net } = diamond();
    expect(() => net.add("Relu", "left", ["x"], {})).toThrow(GraphError);
    expect(() => net.add("Relu", "left", ["x"], {})).toThrow("left: a node with this name already exists");
  });

  it("refuses an input that nobody added, by the name of its reader", () => {
    const add = () => diamond().net.add("Relu", "late", ["early"], {});
    expect(add).toThrow(GraphError);
    expect(add).toThrow('late (Relu): no node named "early" has been added yet');
  });

  it("adds nothing where a node does not fit", () => {
    const { net } = diamond();
    expect(() => net.add("Flatten", "flat", ["missing"], {})).toThrow(GraphError);
    expect(() => net.shape("flat")).toThrow('no node named "flat" has been added yet');
    expect(net.add("Flatten", "flat", ["x"], {})).toBe("flat");
  });

  it("keeps the cause of an error", () => {
    const net = new GraphBuilder();
    net.add("Input", "x", [], { shape: ["N", 4] });
    try {
      net.add("Pad", "pad", ["x"], { pads: [0, 0, 0, 0] });
      expect.unreachable();
    } catch (error) {
      expect((error as GraphError).cause).toBeInstanceOf(Error);
    }
  });

  it("drops what no output reaches", () => {
    const graph = diamond().net.build(["left"]);
    expect([...graph.nodes.keys()]).toEqual(["x", "double", "left"]);
    expect(graph.outputs).toEqual(["left"]);
  });

  it("refuses an unknown output, and one that is named twice", () => {
    const { net } = diamond();
    expect(() => net.build(["middle"])).toThrow('no node named "middle" can be an output');
    expect(() => net.build(["sum", "left", "sum"])).toThrow("sum: expected once among the outputs, got it twice");
  });

  it("leaves a finished graph as it is when more nodes come", () => {
    const { net, sum } = diamond();
    const graph = net.build([sum]);
    net.add("Relu", "more", [sum], {});
    expect(graph.nodes.has("more")).toBe(false);
    expect(net.build(["more"]).nodes.has("more")).toBe(true);
  });

  it("gives nodes the innermost layer, and returns to the outer one even after an error", () => {
    const net = new GraphBuilder();
    const [outer, inner] = ["outer", "inner"].map((name) => ({ name, className: "Any" }));
    net.within(outer, () => {
      net.add("Constant", "a", [], { shape: [], value_floats: [1] });
      net.within(inner, () => net.add("Constant", "b", [], { shape: [], value_floats: [1] }));
      expect(() => net.within(inner, () => net.add("Relu", "bad", ["?"], {}))).toThrow(GraphError);
      net.add("Constant", "c", [], { shape: [], value_floats: [1] });
    });
    net.add("Constant", "d", [], { shape: [], value_floats: [1] });
    const { nodes } = net.build(["a", "b", "c", "d"]);
    expect([...nodes.values()].map(({ layer }) => layer?.name)).toEqual(["outer", "inner", "outer", undefined]);
  });
});

describe("a graph", () => {
  const { net, sum } = diamond();
  const graph = net.build([sum]);

  it("answers for nodes by name, by operator and by what they read", () => {
    expect(nodeOf(graph, "left").op).toBe("Relu");
    expect(() => nodeOf(graph, "lost")).toThrow('no node named "lost"');
    expect(nodesOf(graph, "Add").map(({ name }) => name)).toEqual(["double", "sum"]);
    expect(readersOf(graph, "double").map(({ name }) => name)).toEqual(["left", "right"]);
    expect(readersOf(graph, "x").map(({ name }) => name)).toEqual(["double"]);
    expect(isOp(nodeOf(graph, "left"), "Relu")).toBe(true);
  });
});

describe("rewrite", () => {
  const { net, sum } = diamond();
  const graph = net.build([sum]);

  it("gives an equal graph where nothing is replaced", () => {
    expect(rewrite(graph, () => false)).toEqual(graph);
  });

  it("puts new nodes into the layer of the one they replace, and keeps the layers of the rest", () => {
    const rewritten = rewrite(graph, (builder, node) => {
      if (node.name !== "left") return false;
      builder.add("Relu", "left:relu", node.inputs, {});
      builder.add("Clip", "left", ["left:relu"], { min: 0, max: 6 });
      return true;
    });
    const layers = [...rewritten.nodes.values()].map(({ name, layer }) => [name, layer?.name]);
    expect(layers).toEqual([
      ["x", undefined],
      ["double", undefined],
      ["left:relu", "branches"],
      ["left", "branches"],
      ["right", "branches"],
      ["sum", undefined],
    ]);
  });

  it("traces shapes anew above a replaced node, and leaves the graph it was given", () => {
    const wide = rewrite(graph, (builder, node) => {
      if (node.op !== "Input") return false;
      builder.add("Input", node.name, [], { shape: ["N", 7] });
      return true;
    });
    expect(nodeOf(wide, "sum").shape).toEqual(["N", 7]);
    expect(nodeOf(graph, "sum").shape).toEqual(["N", 4]);
  });

  it("takes other outputs and drops what they do not reach", () => {
    expect([...rewrite(graph, () => false, ["right"]).nodes.keys()]).toEqual(["x", "double", "right"]);
  });
});
