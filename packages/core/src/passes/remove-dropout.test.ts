import { describe, expect, it } from "vitest";
import { check } from "../graph/check.js";
import { type Graph, GraphBuilder, nodeOf } from "../graph/graph.js";
import { removeDropout } from "./remove-dropout.js";

/** x → relu → drop (sample) → add relu → element → again → y */
function network(outputs: readonly string[]): Graph {
  const net = new GraphBuilder();
  net.add("Input", "x", [], { shape: ["N", 4] });
  net.add("Relu", "relu", ["x"], {});
  net.add("Dropout", "branch", ["relu"], { rate: 0.2, noise: "sample" });
  net.add("Add", "sum", ["branch", "relu"], {});
  net.add("Dropout", "element", ["sum"], { rate: 0.5, noise: "element" });
  net.add("Dropout", "again", ["element"], { rate: 0, noise: "element" });
  net.add("Relu", "y", ["again"], {});
  return net.build(outputs);
}

describe("removeDropout", () => {
  it("joins what read a layer that goes to what that layer read, chains of them too", () => {
    const graph = removeDropout(network(["y"]), () => true);
    expect(() => check(graph)).not.toThrow();
    expect([...graph.nodes.keys()]).toEqual(["x", "relu", "sum", "y"]);
    expect(nodeOf(graph, "sum").inputs).toEqual(["relu", "relu"]);
    expect(nodeOf(graph, "y").inputs).toEqual(["sum"]);
  });

  it("removes what is not wanted alone, and leaves all else as it was", () => {
    const before = network(["y"]);
    const graph = removeDropout(before, ({ attrs }) => attrs.noise === "sample");
    expect([...graph.nodes.keys()]).toEqual(["x", "relu", "sum", "element", "again", "y"]);
    for (const name of ["x", "relu", "element", "again", "y"]) {
      expect(nodeOf(graph, name)).toEqual(nodeOf(before, name));
    }
    expect(removeDropout(before, () => false)).toEqual(before);
  });

  it("gives what an output that goes has read in its place", () => {
    expect(removeDropout(network(["again"]), () => true).outputs).toEqual(["sum"]);
  });
});
