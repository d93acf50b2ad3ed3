import { describe, expect, it } from "vitest";
import { check } from "../graph/check.js";
import { GraphBuilder, isOp, nodeOf } from "../graph/graph.js";
import type { ConvAttrs, Pads } from "../graph/ops.js";
import { SeededRandom } from "../seeded-random.js";
import { normalValues } from "../testing/direct-maps.js";
import { evaluateFloat64 } from "../testing/evaluate-float64.js";
import { foldPads } from "./fold-pads.js";

const attrs = (pads: Pads, stride = 1): ConvAttrs => ({ strides: [stride, stride], pads, dilations: [1, 1], group: 1 });

function start(): GraphBuilder {
  const net = new GraphBuilder();
  net.add("Input", "x", [], { shape: ["N", 2, 5, 6] });
  net.add("Weight", "w", [], { shape: [3, 2, 3, 3], trainable: true });
  net.add("Pad", "pad", ["x"], { pads: [0, 1, 1, 2] });
  return net;
}

describe("foldPads", () => {
  it.each([1, 2])("pads in the convolutions themselves, with the same sums, stride %i", (stride) => {
    const net = start();
    net.add("Conv", "first", ["pad", "w"], attrs([1, 0, 2, 1], stride));
    net.add("Conv", "second", ["pad", "w"], attrs([1, 0, 2, 1], stride));
    net.add("Add", "y", ["first", "second"], {});
    const graph = net.build(["y"]);
    const folded = foldPads(graph);
    expect(() => check(folded)).not.toThrow();
    expect([...folded.nodes.keys()]).toEqual(["x", "w", "first", "second", "y"]);
    expect(nodeOf(folded, "first").attrs).toEqual(attrs([1, 1, 3, 3], stride));
    const random = new SeededRandom(1);
    const values = new Map([
      ["x", normalValues(random, [2, 2, 5, 6])],
      ["w", normalValues(random, [3, 2, 3, 3])],
    ]);
    // The same products in the same order: zeros do not round.
    expect(evaluateFloat64(folded, values, "y")).toEqual(evaluateFloat64(graph, values, "y"));
  });

  it.each<[string, (net: GraphBuilder) => readonly string[]]>([
    [
      "another operator reads it too",
      (net) => [net.add("Conv", "y", ["pad", "w"], attrs([0, 0, 0, 0])), net.add("Relu", "z", ["pad"], {})],
    ],
    ["it is an output", (net) => [net.add("Conv", "y", ["pad", "w"], attrs([0, 0, 0, 0])), "pad"]],
    [
      "it is the sum of a convolution",
      (net) => {
        net.add("Weight", "bias", [], { shape: [2], trainable: true });
        net.add("Weight", "w2", [], { shape: [2, 2, 1, 1], trainable: true });
        return [net.add("Conv", "y", ["pad", "w2", "bias", "pad"], attrs([0, 0, 0, 0]))];
      },
    ],
  ])("stays where %s", (_, build) => {
    const net = start();
    const graph = net.build(build(net));
    expect(foldPads(graph)).toEqual(graph);
    expect([...foldPads(graph).nodes.values()].some((node) => isOp(node, "Pad"))).toBe(true);
  });

  it("folds one of two layers of zeros behind one another, the one that a convolution reads", () => {
    const net = start();
    net.add("Pad", "wider", ["pad"], { pads: [1, 1, 1, 1] });
    net.add("Conv", "y", ["wider", "w"], attrs([0, 0, 0, 0]));
    expect([...foldPads(net.build(["y"])).nodes.keys()]).toEqual(["x", "w", "pad", "y"]);
  });
});
