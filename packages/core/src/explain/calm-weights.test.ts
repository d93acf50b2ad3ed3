import { describe, expect, it } from "vitest";
import { check } from "../graph/check.js";
import { bind, weightOf } from "../graph/model.js";
import { efficientNet } from "../models/efficientnet.js";
import { calmWeights } from "./calm-weights.js";

const graph = efficientNet("efficientnet-b0", { height: 32, width: 32, includeTop: false });

describe("calmWeights", () => {
  it("has every weight, and ImageNet's statistics where the network holds them", () => {
    const model = bind(graph, calmWeights(graph, 0));
    check(model.graph);
    expect([...weightOf(model, "normalization/mean").data]).toEqual([...Float32Array.from([0.485, 0.456, 0.406])]);
  });

  it("draws kernels of variance 2 / fan-in", () => {
    const { shape, data } = calmWeights(graph, 0).get("block6b_expand_conv/kernel")!;
    const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length;
    // 4,093 different values: the sample's variance is off by 1.4 % of itself at one standard deviation.
    expect(variance * shape[1]!).toBeGreaterThan(1.9);
    expect(variance * shape[1]!).toBeLessThan(2.1);
  });

  it("gives the same again for the same seed, and other values for another", () => {
    const kernel = (seed: number) => calmWeights(graph, seed).get("stem_conv/kernel")!.data;
    expect(kernel(3)).toEqual(kernel(3));
    expect(kernel(3)).not.toEqual(kernel(4));
  });
});
