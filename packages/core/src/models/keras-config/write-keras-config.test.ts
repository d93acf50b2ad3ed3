import { describe, expect, it } from "vitest";
import { GraphError } from "../../errors.js";
import { type Graph, GraphBuilder, nodesOf } from "../../graph/graph.js";
import type { Op, Ops } from "../../graph/ops.js";
import { cut } from "../../passes/cut.js";
import { foldBatchNorm } from "../../passes/fold-batch-norm.js";
import { foldChannels } from "../../passes/fold-channels.js";
import { foldGrayscale } from "../../passes/fold-grayscale.js";
import { runModel } from "../../testing/direct-runtime.js";
import { goldenModel } from "../../testing/golden-model.js";
import { goldenGray } from "../../testing/golden-values.js";
import { efficientNet } from "../efficientnet.js";
import { readKerasConfig } from "./read-keras-config.js";
import { writeKerasConfig } from "./write-keras-config.js";

const size = { height: 33, width: 46 };
const small = { ...size, includeTop: false } as const;
const model = goldenModel(efficientNet("efficientnet-b0", small));
const stem = cut(model, "block1a_project_bn");

/** A graph of one operator on [N, 2, 4, 4], or on what `shape` says. */
function one<K extends Op>(op: K, attrs: Ops[K], shape: readonly number[] = [2, 4, 4], count = 1) {
  const net = new GraphBuilder();
  const x = net.add("Input", "x", [], { shape: ["N", ...shape] });
  return net.build([net.add(op, "y", Array(count).fill(x), attrs)]);
}

/** A folded kernel keeps the name of the convolution that it was of; read again it has its layer's: [new, old]. */
const foldedKernels = (graph: Graph) =>
  nodesOf(graph, "Weight").flatMap(({ name, layer }): (readonly [string, string])[] =>
    name.endsWith("/kernel") && layer ? [[`${layer.name}/kernel`, name]] : [],
  );

const layerNamed = (config: ReturnType<typeof writeKerasConfig>, name: string) =>
  config.config.layers.find((layer) => layer.name === name)!;

describe("the description that is written", () => {
  it("is Keras 3's, with the model's own name, layer for layer", () => {
    const config = writeKerasConfig(efficientNet("efficientnet-b0", { classes: 7 }), { name: "efficientnetb0" });
    expect(config).toMatchObject({
      module: "keras.src.models.functional",
      class_name: "Functional",
      config: { name: "efficientnetb0", input_layers: ["input_layer", 0, 0], output_layers: ["predictions", 0, 0] },
    });
    expect(layerNamed(config, "block1a_se_excite")).toEqual({
      module: "keras.layers",
      class_name: "Multiply",
      config: { name: "block1a_se_excite", dtype: "float32", trainable: true },
      registered_name: null,
      name: "block1a_se_excite",
      inbound_nodes: [
        {
          args: [
            [
              {
                class_name: "__keras_tensor__",
                config: { shape: [null, 112, 112, 32], dtype: "float32", keras_history: ["block1a_activation", 0, 0] },
              },
              {
                class_name: "__keras_tensor__",
                config: { shape: [null, 1, 1, 32], dtype: "float32", keras_history: ["block1a_se_expand", 0, 0] },
              },
            ],
          ],
          kwargs: {},
        },
      ],
    });
    expect(layerNamed(config, "block2b_drop").config).toMatchObject({ rate: 0.025, noise_shape: [null, 1, 1, 1] });
    expect(layerNamed(config, "predictions").config).toMatchObject({ units: 7, activation: "softmax", use_bias: true });
  });

  it("of a folded model declares one channel and brings the plane of ones by a layer of Keras", () => {
    const config = writeKerasConfig(foldGrayscale(stem).graph);
    expect(config.config.layers.slice(0, 4).map(({ class_name, name, config }) => [class_name, name, config])).toEqual([
      [
        "InputLayer",
        "input_layer",
        { name: "input_layer", dtype: "float32", batch_shape: [null, 33, 46, 1], sparse: false },
      ],
      [
        "Rescaling",
        "rescaling_1_ones",
        { name: "rescaling_1_ones", dtype: "float32", trainable: true, scale: 0, offset: 1 },
      ],
      ["Concatenate", "rescaling_1", { name: "rescaling_1", dtype: "float32", trainable: true, axis: -1 }],
      expect.arrayContaining(["ZeroPadding2D", "stem_conv_pad"]),
    ]);
  });

  it.each([
    ["folded to one channel", foldGrayscale(stem)],
    ["with folded normalizations", foldBatchNorm(stem)],
    ["folded both ways", foldBatchNorm(foldGrayscale(stem))],
    [
      "V2 of timm, whose convolutions pad on both sides",
      cut(
        goldenModel(efficientNet("efficientnet-v2-s", { ...small, convention: "timm" })),
        "block2a_expand_activation",
      ),
    ],
  ])("describes a model that computes the same: %s", async (_, { graph, weights }) => {
    const { graph: again } = readKerasConfig(JSON.parse(JSON.stringify(writeKerasConfig(graph))));
    const channels = graph.nodes.get("input_layer")!.shape[1] as number; // an image
    const plane = Float32Array.from(goldenGray(1, 33, 46));
    const data = Float32Array.from({ length: channels * plane.length }, (_, i) => plane[i % plane.length]!);
    const x = { input_layer: { shape: [1, channels, 33, 46], data } };
    const bound = new Map([
      ...weights,
      ...foldedKernels(graph).map(([name, old]) => [name, weights.get(old)!] as const),
    ]);
    const before = await runModel({ graph, weights }, x);
    const after = await runModel({ graph: again, weights: bound }, x);
    expect(after).toEqual(before); // the same operators on the same numbers
  });

  it("says where an output is inside a layer, and knows several outputs", () => {
    const top = efficientNet("efficientnet-lite0", { classes: 3 });
    const { nodes } = top;
    expect(() => writeKerasConfig({ nodes, outputs: ["predictions", "block1a_dwconv"] })).not.toThrow();
    const config = writeKerasConfig({ nodes, outputs: ["predictions", "block1a_dwconv"] });
    expect(config.config["output_layers"]).toEqual([
      ["predictions", 0, 0],
      ["block1a_dwconv", 0, 0],
    ]);
    const logits = writeKerasConfig({ nodes, outputs: ["predictions", "predictions/logits"] });
    // The logits come out, so that the softmax on them is a layer of its own.
    expect(logits.config["output_layers"]).toEqual([
      ["predictions", 0, 0],
      ["predictions_logits", 0, 0],
    ]);
    expect(() => writeKerasConfig({ nodes, outputs: ["avg_pool", "predictions/kernel"] })).toThrow(
      "the output: reads predictions/kernel, which is inside a layer of Keras",
    );
  });

  it.each([
    ["ReduceSum", one("ReduceSum", { axes: [1], keepdims: 1 }), "y (ReduceSum): no layer of Keras computes this"],
    ["a gradient", one("ReluGrad", {}, [2, 4, 4], 2), "y (ReluGrad): no layer of Keras computes this"],
    ["limits from −1", one("Clip", { min: -1, max: 1 }), "y (Clip): limits values to -1 … 1, expected 0 and more"],
    ["softmax over columns", one("Softmax", {}), "y (Softmax): softmax over the columns of a map"],
    [
      "a reshape that moves values",
      one("Reshape", { shape: ["N", 4, 2, 4] }),
      "y (Reshape): values lie in another order",
    ],
    ["a flattened map", one("Flatten", {}), "y (Flatten): flattens a map of more than one pixel and channel"],
    ["ones beside two channels", one("OnesPlane", {}), "y (OnesPlane): a plane of ones beside 2 channels, expected 1"],
  ])("refuses what no layer of Keras computes: %s", (_, graph, message) => {
    expect(() => writeKerasConfig(graph)).toThrow(GraphError);
    expect(() => writeKerasConfig(graph)).toThrow(message);
  });

  it("refuses a model for several channels that are not three, whose ones no layer of Keras makes", () => {
    expect(() => writeKerasConfig(foldChannels(stem, 5).graph)).toThrow(
      "(OnesPlane): a plane of ones beside 5 channels",
    );
  });

  it("refuses arithmetic with a value of the graph", () => {
    const net = new GraphBuilder();
    const x = net.add("Input", "x", [], { shape: ["N", 3] });
    const c = net.add("Constant", "c", [], { shape: [1], value_floats: [2] });
    const graph = net.build([net.add("Mul", "y", [x, c], {})]);
    expect(() => writeKerasConfig(graph)).toThrow("y (Mul): computes with the value c, which no layer of Keras does");
  });
});
