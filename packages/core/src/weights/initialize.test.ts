import { describe, expect, it } from "vitest";
import { GraphError } from "../errors.js";
import { type Graph, GraphBuilder } from "../graph/graph.js";
import { efficientNet } from "../models/efficientnet.js";
import { conv, dense, depthwiseConv, globalPool, normalization } from "../models/layers.js";
import { initialize } from "./initialize.js";

/** One layer of each kind, with enough weights for statistics. */
function layers(): Graph {
  const net = new GraphBuilder();
  const x = net.add("Input", "x", [], { shape: ["N", 1, 9, 9] });
  const stem = conv(net, x, "stem", { channels: 1024, kernel: 5 });
  const depthwise = depthwiseConv(net, stem, "depthwise", { kernel: 5 });
  const project = conv(net, depthwise, "project", { channels: 48, kernel: 1, bias: true });
  return net.build([dense(net, globalPool(net, project, "pool", "avg"), "predictions", 500)]);
}

const weights = initialize(layers(), 7);
const valuesOf = (name: string, from = weights) => from.get(name)!.data;

function moments(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance, largest: values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) };
}

/** Of −1 … 1; independent values stay within ±5/√n, but for one case in a million. */
function correlation(a: Float32Array, b: Float32Array): number {
  const product = a.reduce((sum, value, i) => sum + value * b[i]!, 0) / a.length;
  return product / Math.sqrt(moments(a).variance * moments(b).variance);
}

describe("initialize", () => {
  // Keras' VarianceScaling(2, "fan_out", "truncated_normal"): variance 2 / fan out, where fan out is k · k · filters, and k · k for a
  // depthwise kernel, whose last axis is 1. Nothing lies beyond two deviations of the normal that was cut, which is
  // 1 / 0.8796 = 1.137 times wider. Five standard errors: √(1/n) of the mean, less than √(2/n) of the variance.
  it.each([
    ["stem/kernel", 5 * 5 * 1024], // one input channel, but not depthwise
    ["depthwise/kernel", 5 * 5],
    ["project/kernel", 48],
  ])("draws %s as Keras does, cut normal by fan out", (name, fanOut) => {
    const values = valuesOf(name);
    const { mean, variance, largest } = moments(values);
    const expected = 2 / fanOut;
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(expected / values.length));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / values.length));
    const limit = 2 * 1.1368472 * Math.sqrt(expected);
    expect(largest).toBeLessThanOrEqual(limit * (1 + 1e-6));
    expect(largest).toBeGreaterThan(0.99 * limit);
  });

  // VarianceScaling(1/3, "fan_out", "uniform"): within ±√(3 · (1/3) / units), so of variance 1 / (3 · units).
  it("draws a dense kernel uniformly by fan out", () => {
    const values = valuesOf("predictions/kernel");
    const { mean, variance, largest } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(1 / 1500 / values.length));
    expect(Math.abs(1500 * variance - 1)).toBeLessThan(5 * Math.sqrt(2 / values.length));
    expect(largest).toBeLessThanOrEqual(Math.sqrt(1 / 500) * (1 + 1e-6));
    expect(largest).toBeGreaterThan(0.999 * Math.sqrt(1 / 500));
  });

  it("gives the same bytes for the same seed", () => {
    expect(initialize(layers(), 7)).toEqual(weights);
  });

  it("gives unrelated values for another seed, and for another layer", () => {
    const other = initialize(layers(), 8);
    const limit = 5 / Math.sqrt(valuesOf("depthwise/kernel").length);
    for (const name of ["stem/kernel", "depthwise/kernel", "predictions/kernel"]) {
      expect(Math.abs(correlation(valuesOf(name), valuesOf(name, other)))).toBeLessThan(limit);
    }
    expect(Math.abs(correlation(valuesOf("stem/kernel"), valuesOf("depthwise/kernel")))).toBeLessThan(limit);
  });

  it("does not depend on the order of layers, nor on which there are", () => {
    const pair = (names: readonly string[]) => {
      const net = new GraphBuilder();
      const x = net.add("Input", "x", [], { shape: ["N", 4, 5, 5] });
      return initialize(net.build(names.map((name) => conv(net, x, name, { channels: 6, kernel: 3 }))), 1);
    };
    const [forwards, backwards, alone] = [pair(["a", "b"]), pair(["b", "a"]), pair(["b"])];
    expect(new Map([...backwards].sort())).toEqual(new Map([...forwards].sort()));
    expect(alone.get("b/kernel")).toEqual(forwards.get("b/kernel"));
  });

  it("starts biases at 0 and normalizes by nothing", () => {
    const drawn = initialize(efficientNet("efficientnet-lite0", { height: 32, width: 32, includeTop: false }), 0);
    const starts = { gamma: 1, beta: 0, moving_mean: 0, moving_variance: 1 };
    for (const [variable, start] of Object.entries(starts)) {
      expect(new Set(valuesOf(`block3a_project_bn/${variable}`, drawn))).toEqual(new Set([start]));
    }
    expect(new Set(valuesOf("project/bias"))).toEqual(new Set([0]));
  });

  it("prepares inputs by ImageNet's statistics in the topology that belongs to them, else leaves them as Keras does", () => {
    const input = (topology: "imagenet" | "none") => {
      const drawn = initialize(
        efficientNet("efficientnet-b0", { height: 32, width: 32, includeTop: false, topology }),
        0,
      );
      return ["mean", "variance", "count"].map((variable) => [...valuesOf(`normalization/${variable}`, drawn)]);
    };
    expect(input("imagenet")).toEqual(
      [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225], [0]].map((values) => values.map(Math.fround)),
    );
    expect(input("none")).toEqual([[0, 0, 0], [1, 1, 1], [0]]);
  });

  it("refuses a variable that it does not know, and a weight of no layer", () => {
    const net = new GraphBuilder();
    const x = net.add("Input", "x", [], { shape: ["N", 3, 4, 4] });
    const add = () => net.add("Weight", "own/momentum", [], { shape: [3], trainable: true });
    net.within({ name: "own", className: "Own" }, add);
    expect(() => initialize(net.build([x, "own/momentum"]), 0)).toThrow(GraphError);
    expect(() => initialize(net.build([x, "own/momentum"]), 0)).toThrow("own/momentum: no rule to draw random values");
    net.add("Weight", "loose", [], { shape: [3], trainable: true });
    expect(() => initialize(net.build(["loose"]), 0)).toThrow("loose: belongs to no layer");
    expect(normalization(net, x, "normalization", 3)).toBe("normalization");
  });
});
