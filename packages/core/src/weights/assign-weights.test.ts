import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { WeightsError } from "../errors.js";
import { sizeOf, type Tensor } from "../graph/tensor.js";
import { goldenWeight } from "../testing/golden-values.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { assignWeights } from "./assign-weights.js";
import type { ExpectedWeight } from "./expected-weights.js";
import { readKerasH5 } from "./keras-h5.js";
import { fromKeras } from "./layout.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";
import { writeKerasNames } from "./write-keras-names.js";

const weight = (name: string, className: string, shape: readonly number[]): ExpectedWeight => {
  return { name, layer: name.split("/")[0]!, className, shape };
};

const normalization = [
  weight("normalization/mean", "Normalization", [1, 3, 1, 1]),
  weight("normalization/variance", "Normalization", [1, 3, 1, 1]),
  weight("normalization/count", "Normalization", []),
];
const stem = weight("stem_conv/kernel", "Conv2D", [4, 3, 3, 3]);
const blocks = [
  ...["gamma", "beta", "moving_mean", "moving_variance"].map((name) =>
    weight(`stem_bn/${name}`, "BatchNormalization", [4]),
  ),
  weight("block1a_dwconv/kernel", "DepthwiseConv2D", [4, 1, 3, 3]),
];
const top = [weight("predictions/kernel", "Dense", [4, 3]), weight("predictions/bias", "Dense", [3])];
const model = [...normalization, stem, ...blocks, ...top];

const file = await readKerasH5(readFileSync(repositoryFolder("fixtures", "weights", "keras3-nested.weights.h5")));
const zeros = (...shape: number[]): Tensor => ({ shape, data: new Float32Array(sizeOf(shape)) });

describe("assignWeights", () => {
  it("gives Keras' tensors in our layout", () => {
    const weights = assignWeights(model, file, "b0.h5");
    expect([...weights.keys()]).toEqual(model.map(({ name }) => name));
    for (const { name, shape } of model) expect(weights.get(name)!.shape, name).toEqual(shape);
    const kernel = { shape: [3, 3, 3, 4], data: goldenWeight("stem_conv/kernel", [3, 3, 3, 4]) };
    expect(weights.get("stem_conv/kernel")).toEqual(fromKeras("Conv2D", "kernel", kernel));
  });

  it("takes our own file as it was written", () => {
    const weights = assignWeights(model, file, "b0.h5");
    const written = readSafetensors(writeKerasNames(weights, { model: "b0" }));
    expect(written.metadata).toEqual({ format: "grayling", layout: "grayling", model: "b0" });
    expect(assignWeights(model, written, "ours.safetensors")).toEqual(weights);
  });

  it("takes Keras' names in a safetensors file without a layout as Keras' layout", () => {
    const written = readSafetensors(writeSafetensors(file.tensors));
    expect(assignWeights(model, written, "keras.safetensors")).toEqual(assignWeights(model, file, "b0.h5"));
  });

  it.each([
    ["timm", "conv_stem", "bn1", "classifier"],
    ["torchvision", "features.0.0", "features.0.1", "classifier.1"],
  ])("takes %s's names, the classifier transposed, without counters", (_, conv, batchNorm, dense) => {
    const classifier = { shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => i) };
    const tensors = new Map([
      [`${conv}.weight`, zeros(4, 3, 3, 3)],
      [`${batchNorm}.weight`, zeros(4)],
      [`${batchNorm}.bias`, zeros(4)],
      [`${batchNorm}.running_mean`, zeros(4)],
      [`${batchNorm}.running_var`, zeros(4)],
      [`${batchNorm}.num_batches_tracked`, zeros()],
      [`${dense}.weight`, classifier],
      [`${dense}.bias`, zeros(3)],
    ]);
    const weights = assignWeights([stem, ...blocks.slice(0, 4), ...top], { tensors, metadata: {} }, "x.safetensors");
    expect(weights.size).toBe(7);
    expect(weights.get("stem_conv/kernel")).toBe(tensors.get(`${conv}.weight`));
    const transposed = Float32Array.of(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
    expect(weights.get("predictions/kernel")).toEqual({ shape: [4, 3], data: transposed });
    const trunk = () => assignWeights([stem, ...blocks.slice(0, 4)], { tensors, metadata: {} }, "x.safetensors");
    expect(trunk).toThrow(`"${dense}.weight": the model has no such weight, got [3, 4]`);
    expect(trunk).toThrow("the file has a classifier (predictions), the model none");
  });

  it("names PyTorch's tensors as the file does, shapes too", () => {
    const tensors = new Map([["classifier.1.weight", zeros(5, 4)]]);
    expect(() => assignWeights(top, { tensors, metadata: {} }, "x.safetensors")).toThrow(
      new WeightsError(
        [
          "x.safetensors: does not fit the model, 2 weights differ:",
          "  predictions/kernel (classifier.1.weight): expected [3, 4], got [5, 4]",
          "  predictions/bias (classifier.1.bias): expected [3], the file has none",
        ].join("\n"),
      ),
    );
  });

  it.each([
    ["conv_stem.weight", '"timm-tf" or "timm"'],
    ["features.0.0.weight", '"torchvision"'],
  ])("says of %s that PyTorch's files hold no preprocessing", (name, conventions) => {
    const tensors = new Map([[name, zeros(4, 3, 3, 3)]]);
    expect(() => assignWeights([...normalization, stem], { tensors, metadata: {} }, "x.safetensors")).toThrow(
      `files hold no preprocessing, here it has weights: build the model in the convention ${conventions}`,
    );
  });

  it("needs the count in Keras' files", () => {
    const { metadata, tensors } = file;
    const without = new Map([...tensors].filter(([name]) => name !== "normalization/count"));
    expect(() => assignWeights(model, { metadata, tensors: without }, "b0.h5")).toThrow(
      "normalization/count (Normalization): expected [], the file has none",
    );
  });

  it("takes a normalization that Keras numbered because another model came first", () => {
    const tensors = new Map(
      [...file.tensors].map(([name, tensor]) => [name.replace("normalization/", "normalization_1/"), tensor]),
    );
    expect(assignWeights(model, { ...file, tensors }, "b0.h5").get("normalization/mean")!.shape).toEqual([1, 3, 1, 1]);
  });

  it("lists what is missing, left over and of another shape, the shapes as Keras has them", () => {
    const wider = weight("block1a_dwconv/kernel", "DepthwiseConv2D", [4, 1, 5, 5]);
    const expected = [...model.slice(0, -3), wider, weight("top_conv/kernel", "Conv2D", [8, 4, 1, 1]), ...top.slice(1)];
    expect(() => assignWeights(expected, file, "b0.h5")).toThrow(
      new WeightsError(
        [
          "b0.h5: does not fit the model, 3 weights differ:",
          "  block1a_dwconv/kernel (DepthwiseConv2D): expected [5, 5, 4, 1], got [3, 3, 4, 1]",
          "  top_conv/kernel (Conv2D): expected [1, 1, 4, 8], the file has none",
          '  "predictions/kernel": the model has no such weight, got [4, 3]',
        ].join("\n"),
      ),
    );
  });

  it("tells five problems and counts the rest", () => {
    const empty = { tensors: new Map([["foo/bar", zeros(2)]]), metadata: {} };
    expect(() => assignWeights(model, empty, "b0.h5")).toThrow("12 weights differ:");
    expect(() => assignWeights(model, empty, "b0.h5")).toThrow("and 7 more: 6 missing, 1 not in the model");
  });

  it("reports names of timm's that mean nothing", () => {
    const tensors = new Map([
      ["conv_stem.weight", zeros(4, 3, 3, 3)],
      ["fc.weight", zeros(1)],
    ]);
    expect(() => assignWeights([stem], { tensors, metadata: {} }, "timm")).toThrow(
      '"fc.weight": the model has no such',
    );
  });

  it.each([
    ["a gray file for a model of three channels", 1, 3, "for images of 1 channel, the model reads 3: build the model"],
    ["a file of three channels for a gray model", 3, 1, "of 3 channels, the model reads 1: load it into a model of 3"],
  ])("helps with %s", (_, has, wants, hint) => {
    const tensors = new Map([["stem_conv/kernel", zeros(3, 3, has, 32)]]);
    const expected = [weight("stem_conv/kernel", "Conv2D", [32, wants, 3, 3])];
    const assign = () => assignWeights(expected, { tensors, metadata: {} }, "b0.h5");
    expect(assign).toThrow(`expected [3, 3, ${wants}, 32], got [3, 3, ${has}, 32]`);
    expect(assign).toThrow(hint);
  });

  it("leaves out a classifier only when asked", () => {
    const trunk = model.slice(0, -2);
    expect(() => assignWeights(trunk, file, "b0.h5")).toThrow(
      "the file has a classifier (predictions), the model none",
    );
    expect(assignWeights(trunk, file, "b0.h5", { ignoreLayers: ["predictions"] }).size).toBe(trunk.length);
  });

  it("refuses a layout that it does not know", () => {
    const other = { tensors: file.tensors, metadata: { layout: "nhwc" } };
    expect(() => assignWeights(model, other, "x")).toThrow('x: layout "nhwc", expected "grayling" or "keras"');
  });
});

describe("writeKerasNames", () => {
  it("refuses a name that is not layer/variable", () => {
    expect(() => writeKerasNames(new Map([["conv_stem.weight", zeros(1)]]))).toThrow(WeightsError);
  });
});
