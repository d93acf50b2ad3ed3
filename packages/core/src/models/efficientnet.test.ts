import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { summarize } from "../explain/summary.js";
import { check } from "../graph/check.js";
import { isOp, type Node, nodeOf } from "../graph/graph.js";
import type { Op } from "../graph/ops.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { type EfficientNetOptions, efficientNet, scaleChannels } from "./efficientnet.js";
import { type ModelName, modelNames } from "./variants.js";

interface GoldenLayer {
  name: string;
  className: string;
  outputShape: (number | null)[];
  params: number;
  trainableParams: number;
  inbound: string[];
  config: Record<string, unknown>;
}
interface Golden {
  totals: { total: number; trainable: number; nonTrainable: number };
  totalsNoTop: { total: number; trainable: number; nonTrainable: number };
  layersNotInNoTop: string[];
  layers: GoldenLayer[];
}

/** `EfficientNetV2B0` → `efficientnet-v2-b0`. */
const modelNameOf = (kerasName: string): ModelName =>
  kerasName.replace("EfficientNet", "efficientnet-").replace("V2", "v2-").toLowerCase() as ModelName;

const kerasNames = [
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((i) => `EfficientNetB${i}`),
  ...["B0", "B1", "B2", "B3", "S", "M", "L"].map((variant) => `EfficientNetV2${variant}`),
];

const find = <K extends Op>(nodes: readonly Node[], op: K): Node<K> => nodes.find((node) => isOp(node, op)) as Node<K>;

/** What our nodes say of a layer, in the words of its Keras configuration. */
const settingsOf: Readonly<Record<string, (nodes: readonly Node[]) => Record<string, unknown>>> = {
  Rescaling(nodes) {
    const { scale, offset } = find(nodes, "Rescaling").attrs;
    return { scale: scale.length === 1 ? scale[0] : scale, offset: offset[0] };
  },
  ZeroPadding2D(nodes) {
    const [top, left, bottom, right] = find(nodes, "Pad").attrs.pads;
    return {
      padding: [
        [top, bottom],
        [left, right],
      ],
    };
  },
  Conv2D(nodes) {
    const { strides } = find(nodes, "Conv").attrs;
    const isSilu = nodes.some(({ op }) => op === "Silu");
    const isSigmoid = nodes.some(({ op }) => op === "Sigmoid");
    return { strides, activation: isSilu ? "silu" : isSigmoid ? "sigmoid" : "linear" };
  },
  BatchNormalization: (nodes) => ({ ...find(nodes, "BatchNormalization").attrs }),
  Dropout: (nodes) => {
    const { rate, noise } = find(nodes, "Dropout").attrs;
    return { rate, noise_shape: noise === "sample" ? [null, 1, 1, 1] : null };
  },
};

const fixture = repositoryFolder("fixtures", "keras", "layers-EfficientNetB0.json");
const read = (path: string): Golden => JSON.parse(readFileSync(path, "utf8"));

/** Equal to what Keras 3.15 builds: names, classes, shapes, parameters, order, connections. */
function expectKerasLayers(name: ModelName, golden: Golden): void {
  const summary = summarize(efficientNet(name, { height: 128, width: 128 }));
  const { layers: counted, total, trainable, nonTrainable } = summary;
  const layers = counted.map(({ multiplyAdds: _, ...layer }) => layer); // Keras does not count them
  const expected = golden.layers.map(({ name, className, outputShape, params, trainableParams, inbound }) => {
    return { name, className, outputShape, params, trainableParams, inbound };
  });
  expect(layers).toEqual(expected);
  expect({ total, trainable, nonTrainable }).toEqual(golden.totals);
  const bare = summarize(efficientNet(name, { height: 128, width: 128, includeTop: false }));
  expect({ total: bare.total, trainable: bare.trainable, nonTrainable: bare.nonTrainable }).toEqual(golden.totalsNoTop);
}

describe("efficientNet", () => {
  it("builds B0 layer by layer as Keras does", () => expectKerasLayers("efficientnet-b0", read(fixture)));

  it.for(kerasNames)("builds %s layer by layer as Keras does", (kerasName, context) => {
    const path = sharedFolder("golden", "layers", `${kerasName}.json`);
    if (!path || !existsSync(path)) return context.skip("the recorded layers are not beside this checkout");
    expectKerasLayers(modelNameOf(kerasName), read(path));
  });

  it.for(kerasNames)("gives %s's layers the settings that Keras gives them", (kerasName, context) => {
    const path = sharedFolder("golden", "layers", `${kerasName}.json`);
    if (!path || !existsSync(path)) return context.skip("the recorded layers are not beside this checkout");
    const graph = efficientNet(modelNameOf(kerasName), { height: 128, width: 128 });
    for (const { name, className, config } of read(path).layers) {
      const nodes = [...graph.nodes.values()].filter(({ layer }) => layer?.name === name);
      const settings = Object.hasOwn(settingsOf, className) ? settingsOf[className] : undefined;
      for (const [what, value] of Object.entries(settings?.(nodes) ?? {})) {
        expect(value, `${name}.${what}`).toEqual(config[what]);
      }
    }
  });

  it("leaves out the second rescaling without ImageNet weights", () => {
    const names = (topology: "imagenet" | "none") =>
      summarize(efficientNet("efficientnet-b0", { topology })).layers.map((layer) => layer.name);
    expect(names("imagenet").filter((name) => !names("none").includes(name))).toEqual(["rescaling_1"]);
  });

  // Parameters of timm 1.0's tf_efficientnet_lite0–4, whose tables are Google's (million, rounded in its results: 4.65,
  // 5.42, 6.09, 8.20, 13.01); with BatchNorm's statistics, which Keras counts and PyTorch does not, subtracted here.
  it.each([
    ["efficientnet-lite0", 4.65],
    ["efficientnet-lite1", 5.42],
    ["efficientnet-lite2", 6.09],
    ["efficientnet-lite3", 8.2],
    ["efficientnet-lite4", 13.01],
  ] as const)("gives %s %d million trainable parameters", (name, millions) => {
    expect(summarize(efficientNet(name)).trainable / 1e6).toBeCloseTo(millions, 2);
  });

  it.each(modelNames)("holds together for odd sizes: %s", (name) => {
    const graph = efficientNet(name, { height: 75, width: 101, includeTop: false, pooling: "avg" });
    expect(() => check(graph)).not.toThrow();
    const top = nodeOf(graph, "top_activation").shape;
    expect(top.slice(2)).toEqual([3, 4]);
  });

  it("prepares a V2 B0 that is declared with one channel as Keras does: not by ImageNet's mean", () => {
    const { layers } = summarize(efficientNet("efficientnet-v2-b0", { channels: 1, height: 64, width: 64 }));
    expect(layers.slice(0, 3).map(({ name, params }) => [name, params])).toEqual([
      ["input_layer", 0],
      ["rescaling", 0],
      ["stem_conv", 3 * 3 * 1 * 32],
    ]);
    const { attrs } = nodeOf(efficientNet("efficientnet-v2-b0", { channels: 1 }), "rescaling");
    expect(attrs).toEqual({ scale: [1 / 128], offset: [-1] });
  });

  it("normalizes the one channel of a B0 that is declared so and has no ImageNet weights", () => {
    const { layers } = summarize(efficientNet("efficientnet-b0", { channels: 1, topology: "none" }));
    expect(layers.find(({ name }) => name === "normalization")?.params).toBe(3);
    expect(layers.find(({ name }) => name === "stem_conv")?.params).toBe(3 * 3 * 1 * 32);
  });

  it.each([
    ["keras", [0, 0, 1, 1], 1e-3, 38],
    ["timm-tf", [0, 0, 1, 1], 1e-3, 38],
    ["keras-unsized", [0, 0, 1, 1], 1e-3, 37],
    ["timm", [1, 1, 1, 1], 1e-5, 38],
    ["torchvision", [1, 1, 1, 1], 1e-5, 38],
  ] as const)("pads and normalizes B0 as %s does", (convention, pads, epsilon, columns) => {
    const graph = efficientNet("efficientnet-b0", { convention, height: 64, width: 75 });
    const even = efficientNet("efficientnet-b0", { convention, height: 64, width: 64 });
    expect(nodeOf(even, "stem_conv_pad").attrs).toEqual({ pads });
    expect(nodeOf(even, "stem_bn").attrs).toMatchObject({ epsilon });
    expect(nodeOf(graph, "stem_conv").shape).toEqual(["N", 32, 32, columns]);
  });

  it("refuses a network that a convention does not know", () => {
    expect(() => efficientNet("efficientnet-lite0", { convention: "torchvision" })).toThrow(
      "efficientnet-lite0: torchvision has no such network",
    );
  });

  it("keeps the batch symbolic", () => {
    expect(nodeOf(efficientNet("efficientnet-lite0"), "predictions").shape).toEqual(["N", 1000]);
  });

  it.each<[EfficientNetOptions, string]>([
    [{ height: 31 }, "Input size must be at least 32x32; Received: input_shape=(31, 224, 3)"],
    [{ width: 31 }, "Input size must be at least 32x32; Received: input_shape=(224, 31, 3)"],
    [{ channels: 1, topology: "imagenet" }, "The input must have 3 channels; Received `input_shape=(224, 224, 1)`"],
    [{ height: 64.5 }, "input_layer: height 64.5, expected a whole number of at least 1"],
    [{ channels: 0 }, "input_layer: channels 0, expected a whole number of at least 1"],
  ])("refuses %j as Keras does", (options, message) => {
    expect(() => efficientNet("efficientnet-b0", options)).toThrow(message);
  });

  it.each([
    ["softmax", "Softmax"],
    ["sigmoid", "Sigmoid"],
    ["none", "Gemm"],
  ] as const)("ends in the classifier activation %s", (classifierActivation, op) => {
    const graph = efficientNet("efficientnet-b0", { classifierActivation, classes: 9 });
    expect(nodeOf(graph, "predictions")).toMatchObject({ op, shape: ["N", 9] });
  });

  it.each([
    [1, 32, 1.1, 32],
    [1, 40, 1.1, 48],
    [1, 24, 1.2, 32],
    [1, 16, 1.2, 24],
    [2, 16, 1.2, 16],
    [1, 1280, 1.6, 2048],
  ] as const)("of version %i scales %i channels by %d to %i as Keras does", (version, channels, width, expected) => {
    expect(scaleChannels(channels, width, { version })).toBe(expected);
  });
});
