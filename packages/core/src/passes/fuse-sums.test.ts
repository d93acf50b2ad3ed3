import { describe, expect, it } from "vitest";
import { check } from "../graph/check.js";
import { type Graph, GraphBuilder, nodeOf, type Shape } from "../graph/graph.js";
import type { ConvAttrs } from "../graph/ops.js";
import { fuseSums } from "./fuse-sums.js";

const attrs: ConvAttrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 };
const extents = [3, 5] as const;

/** A graph on maps x, z [N, 4, 3, 5], weights of a pointwise and a depthwise convolution, and a gate. */
function graphOf(build: (net: GraphBuilder) => readonly string[]): Graph {
  const net = new GraphBuilder();
  const inputs: Record<string, Shape> = {
    x: ["N", 4, ...extents],
    z: ["N", 4, ...extents],
    gate: ["N", 4, 1, 1],
    dmean: ["N", 4, 1, 1],
    mask: ["N", 1, 1, 1],
  };
  for (const [name, shape] of Object.entries(inputs)) net.add("Input", name, [], { shape });
  net.add("Weight", "w", [], { shape: [4, 4, 1, 1], trainable: true });
  net.add("Weight", "deep", [], { shape: [4, 1, 1, 1], trainable: true });
  net.add("Weight", "bias", [], { shape: [4], trainable: true });
  return net.build(build(net));
}

const relu = (net: GraphBuilder, x: string) => net.add("Relu", "relu", [x], {});
const conv = (net: GraphBuilder) => net.add("Conv", "conv", ["x", "w", "bias"], attrs);
const spread = (net: GraphBuilder) => net.add("GlobalAveragePoolGrad", "spread", ["dmean"], { extents });

describe("fuseSums", () => {
  it.each([
    ["first", ["conv", "z"]],
    ["last", ["z", "conv"]],
  ] as const)("adds a residual in the convolution that makes the term that stands %s", (_, terms) => {
    const graph = graphOf((net) => {
      conv(net);
      return [relu(net, net.add("Add", "sum", terms, {}))];
    });
    const fused = fuseSums(graph);
    expect(() => check(fused)).not.toThrow();
    expect(fused.nodes.has("conv")).toBe(false);
    expect(nodeOf(fused, "sum")).toMatchObject({ op: "Conv", inputs: ["x", "w", "bias", "z"], attrs });
    expect(nodeOf(fused, "relu")).toEqual(nodeOf(graph, "relu"));
    expect(fuseSums(fused)).toEqual(fused);
  });

  it("takes the sum into the later of two convolutions, as the other exists by then", () => {
    const fused = fuseSums(
      graphOf((net) => {
        conv(net);
        net.add("Conv", "later", ["z", "w", "bias"], attrs);
        return [net.add("Add", "sum", ["later", "conv"], {})];
      }),
    );
    expect(nodeOf(fused, "sum").inputs).toEqual(["z", "w", "bias", "conv"]);
    expect(fused.nodes.has("later")).toBe(false);
  });

  it("adds gradients in the one that comes last", () => {
    const fused = fuseSums(
      graphOf((net) => {
        net.add("ConvInputGrad", "dx", ["x", "w"], { ...attrs, extents });
        return [net.add("Add", "sum", ["z", "dx"], {})];
      }),
    );
    expect(() => check(fused)).not.toThrow();
    expect(nodeOf(fused, "sum")).toMatchObject({ op: "ConvInputGrad", inputs: ["x", "w", "z"] });
  });

  it("makes of a gated map and what its squeeze sends back one affine map", () => {
    const fused = fuseSums(
      graphOf((net) => {
        net.add("Mul", "product", ["x", "gate"], {});
        return [net.add("Add", "sum", ["product", spread(net)], {})];
      }),
    );
    expect(() => check(fused)).not.toThrow();
    expect(nodeOf(fused, "sum")).toMatchObject({ op: "ImageAffine", inputs: ["x", "gate", "sum/shift"] });
    expect(nodeOf(fused, "sum/share").attrs).toEqual({ shape: [1], value_floats: [1 / 15] });
    expect(nodeOf(fused, "sum/shift").inputs).toEqual(["dmean", "sum/share"]);
    expect([fused.nodes.has("product"), fused.nodes.has("spread")]).toEqual([false, false]);
  });

  it.each<[string, (net: GraphBuilder) => readonly string[]]>([
    ["the convolution has another reader", (net) => [net.add("Add", "sum", [conv(net), "z"], {}), relu(net, "conv")]],
    ["the convolution is an output", (net) => [net.add("Add", "sum", [conv(net), "z"], {}), "conv"]],
    ["a convolution is added to itself", (net) => [net.add("Add", "sum", [conv(net), "conv"], {})]],
    [
      "the convolution is depthwise",
      (net) => {
        net.add("Conv", "conv", ["x", "deep", "bias"], { ...attrs, group: 4 });
        return [net.add("Add", "sum", ["conv", "z"], {})];
      },
    ],
    ["one term is broadcast", (net) => [net.add("Add", "sum", [conv(net), "gate"], {})]],
    [
      "the product is by one value an image",
      (net) => [net.add("Add", "sum", [net.add("Mul", "product", ["x", "mask"], {}), spread(net)], {})],
    ],
    [
      "the product is by a map",
      (net) => [net.add("Add", "sum", [net.add("Mul", "product", ["x", "z"], {}), spread(net)], {})],
    ],
    [
      "the gate stands first, as no gradient has it",
      (net) => [net.add("Add", "sum", [net.add("Mul", "product", ["gate", "x"], {}), spread(net)], {})],
    ],
    [
      "the gated map has another reader",
      (net) => [
        net.add("Add", "sum", [net.add("Mul", "product", ["x", "gate"], {}), spread(net)], {}),
        relu(net, "product"),
      ],
    ],
  ])("leaves a sum where %s", (_, build) => {
    const graph = graphOf(build);
    expect(fuseSums(graph)).toEqual(graph);
  });
});
