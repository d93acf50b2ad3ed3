import { describe, expect, it } from "vitest";
import { WeightsError } from "../errors.js";
import { GraphBuilder } from "../graph/graph.js";
import { bind, type Model } from "../graph/model.js";
import { batchNorm, conv, depthwiseConv, normalization, single } from "../models/layers.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenWeight } from "../testing/golden-values.js";
import { kerasLayers } from "./keras-layers.js";

function smallModel(): Model {
  const net = new GraphBuilder();
  let x = single(net, "InputLayer", "Input", "input_layer", [], { shape: ["N", 3, 8, 8] });
  x = normalization(net, x, "normalization", 3);
  x = conv(net, x, "stem_conv", { channels: 4, kernel: 3, bias: true });
  x = batchNorm(net, x, "stem_bn");
  return goldenModel(net.build([depthwiseConv(net, x, "block1a_dwconv", { kernel: 3 })]));
}

describe("kerasLayers", () => {
  it("lists every layer in order, its variables as Keras creates them and lays them out", () => {
    const layers = kerasLayers(smallModel());
    const shown = layers.map(({ name, className, variables }) => [
      name,
      className,
      ...variables.map(([variable, { shape }]) => `${variable} ${shape.join()}`),
    ]);
    expect(shown).toEqual([
      ["input_layer", "InputLayer"],
      ["normalization", "Normalization", "mean 3", "variance 3", "count "],
      ["stem_conv", "Conv2D", "kernel 3,3,3,4", "bias 4"],
      ["stem_bn", "BatchNormalization", "gamma 4", "beta 4", "moving_mean 4", "moving_variance 4"],
      ["block1a_dwconv", "DepthwiseConv2D", "kernel 3,3,4,1"],
    ]);
    for (const { name, variables } of layers) {
      for (const [variable, { shape, data }] of variables) {
        expect(data, `${name}/${variable}`).toEqual(goldenWeight(`${name}/${variable}`, shape));
      }
    }
  });

  it("refuses a graph with a node or a weight that is no layer's of Keras", () => {
    const net = new GraphBuilder();
    const x = single(net, "InputLayer", "Input", "input_layer", [], { shape: ["N", 3, 8, 8] });
    const graph = net.build([net.add("Sigmoid", "loose", [x], {})]);
    expect(() => kerasLayers(bind(graph, new Map()))).toThrow(WeightsError);
    expect(() => kerasLayers(bind(graph, new Map()))).toThrow("loose (Sigmoid): belongs to no layer");

    const other = new GraphBuilder();
    const layer = { name: "scale", className: "Multiply" };
    const input = single(other, "InputLayer", "Input", "input_layer", [], { shape: ["N", 3] });
    const output = other.within(layer, () => {
      other.add("Weight", "scale/alpha", [], { shape: [3], trainable: true });
      return other.add("Mul", "scale", [input, "scale/alpha"], {});
    });
    const weights = new Map([["scale/alpha", { shape: [3], data: new Float32Array(3) }]]);
    expect(() => kerasLayers(bind(other.build([output]), weights))).toThrow("scale/alpha: expected scale/ and one of");
  });
});
