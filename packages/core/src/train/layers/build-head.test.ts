import { describe, expect, it } from "vitest";
import { check } from "../../graph/check.js";
import { nodeOf } from "../../graph/graph.js";
import { expectedWeights } from "../../weights/expected-weights.js";
import { buildHead, initialHead } from "./build-head.js";
import { parseHead } from "./head-spec.js";

const layersOf = (text: string) => parseHead(text, 9) as Exclude<ReturnType<typeof parseHead>, "linear">;

describe("buildHead", () => {
  const graph = buildHead(layersOf("flatten dense(256, relu) dropout(0.5) dense(64, silu) dropout(0.2)"), 40, 9);

  it("names and numbers the layers as Keras does", () => {
    check(graph);
    const layers = new Map([...graph.nodes.values()].map(({ layer }) => [layer!.name, layer!.className]));
    expect([...layers]).toEqual([
      ["features", "InputLayer"],
      ["flatten", "Flatten"],
      ["dense", "Dense"],
      ["dropout", "Dropout"],
      ["dense_1", "Dense"],
      ["dropout_1", "Dropout"],
      ["predictions", "Dense"],
    ]);
    expect(graph.outputs).toEqual(["predictions"]);
    expect(nodeOf(graph, "features").shape).toEqual(["N", 40]);
    expect(nodeOf(graph, "predictions")).toMatchObject({ op: "Softmax", shape: ["N", 9] });
  });

  it("draws Glorot's uniform kernels and zero biases from the seed", () => {
    const { weights } = initialHead(graph, 1);
    expect([...weights.keys()]).toEqual(expectedWeights(graph).map(({ name }) => name));
    for (const [name, { shape, data }] of weights) {
      if (name.endsWith("/bias")) {
        expect(data.every((value) => value === 0)).toBe(true);
        continue;
      }
      const limit = Math.sqrt(6 / (shape[0]! + shape[1]!));
      const variance = data.reduce((sum, value) => sum + value ** 2, 0) / data.length;
      expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(limit);
      // Of a uniform distribution limit²/3; the smallest kernel has 576 values, which leaves 4 % of deviation.
      expect(variance / (limit ** 2 / 3)).toBeGreaterThan(0.85);
      expect(variance / (limit ** 2 / 3)).toBeLessThan(1.15);
    }
    expect(initialHead(graph, 1)).toEqual(initialHead(graph, 1));
    expect(initialHead(graph, 2)).not.toEqual(initialHead(graph, 1));
  });
});
