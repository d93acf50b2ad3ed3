import { describe, expect, it } from "vitest";
import { nodesOf } from "../../graph/graph.js";
import { efficientNet } from "../../models/efficientnet.js";
import { layerRates } from "./layer-rates.js";

const graph = efficientNet("efficientnet-b0", { classes: 3 });
const trained = nodesOf(graph, "Weight").flatMap(({ name, attrs }) => (attrs.trainable ? [name] : []));

describe("layerRates", () => {
  it("takes a smaller part of the rate with every group of layers down to the stem", () => {
    const rates = layerRates(graph, trained, 0.5);
    expect(Object.keys(rates)).toEqual(trained);
    const expected = {
      "predictions/kernel": 1,
      "top_conv/kernel": 0.5,
      "block7a_se_reduce/bias": 0.25,
      "block6d_expand_conv/kernel": 0.125,
      "block6a_expand_bn/gamma": 0.125,
      "block1a_dwconv/depthwise_kernel": 2 ** -8,
      "stem_conv/kernel": 2 ** -9,
    };
    const known = Object.entries(expected).filter(([name]) => name in rates);
    expect(known.length).toBeGreaterThanOrEqual(6);
    for (const [name, rate] of known) expect(rates[name], name).toBe(rate);
  });

  it("gives what is asked for alone, and the whole rate without decay", () => {
    expect(layerRates(graph, ["top_conv/kernel"], 0.5)).toEqual({ "top_conv/kernel": 0.5 });
    expect(new Set(Object.values(layerRates(graph, trained, 1)))).toEqual(new Set([1]));
  });
});
