import { describe, expect, it } from "vitest";
import { check } from "../graph/check.js";
import { GraphBuilder, nodeOf, nodesOf } from "../graph/graph.js";
import { efficientNet } from "../models/efficientnet.js";
import { SeededRandom } from "../seeded-random.js";
import { drawMask, maskDropout } from "./dropout-masks.js";

describe("maskDropout", () => {
  it("puts a product with an input in the place of each Dropout and leaves all else as it was", () => {
    const graph = efficientNet("efficientnet-b0", { height: 32, width: 32 });
    const { graph: masked, masks } = maskDropout(graph);
    check(masked);
    expect(nodesOf(masked, "Dropout")).toEqual([]);
    expect(masks).toHaveLength(nodesOf(graph, "Dropout").length);
    expect(masks.at(-1)).toEqual({ name: "top_dropout/mask", rate: 0.2, shape: ["N", 1280] });
    expect(nodeOf(masked, "top_dropout")).toMatchObject({ op: "Mul", inputs: ["avg_pool", "top_dropout/mask"] });
    for (const node of graph.nodes.values()) {
      if (node.op !== "Dropout") expect(masked.nodes.get(node.name)).toEqual(node);
    }
  });

  it("shares one decision per sample where the layer does", () => {
    const net = new GraphBuilder();
    net.add("Input", "x", [], { shape: ["N", 4, 3, 3] });
    net.add("Dropout", "drop", ["x"], { rate: 0.25, noise: "sample" });
    expect(maskDropout(net.build(["drop"])).masks).toEqual([{ name: "drop/mask", rate: 0.25, shape: ["N", 1, 1, 1] }]);
  });

  it("gives a graph without Dropout back, without masks", () => {
    const net = new GraphBuilder();
    net.add("Input", "x", [], { shape: ["N", 4] });
    const graph = net.build([net.add("Relu", "y", ["x"], {})]);
    expect(maskDropout(graph)).toEqual({ graph, masks: [] });
  });
});

describe("drawMask", () => {
  const mask = { name: "dropout/mask", rate: 0.3, shape: ["N", 500] } as const;

  it("holds 0 and 1 / (1 − rate) with mean 1", () => {
    const { shape, data } = drawMask(mask, 200, new SeededRandom(1));
    expect(shape).toEqual([200, 500]);
    expect([...new Set(data)].sort()).toEqual([0, Math.fround(1 / 0.7)]);
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    // The mean of 100,000 such values has a deviation of √(0.3 / 0.7 / 100,000) = 0.0021; four of them.
    expect(Math.abs(mean - 1)).toBeLessThan(0.0083);
  });

  it("draws the same from the same seed and other masks from one generator", () => {
    const random = new SeededRandom(1);
    const first = drawMask(mask, 2, random);
    expect(drawMask(mask, 2, new SeededRandom(1))).toEqual(first);
    expect(drawMask(mask, 2, random)).not.toEqual(first);
  });
});
