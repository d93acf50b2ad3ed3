import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { showShape } from "../graph/tensor.js";
import type { Convention } from "../models/conventions.js";
import { efficientNet } from "../models/efficientnet.js";
import type { ModelName } from "../models/variants.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { type ExpectedWeight, expectedWeights } from "./expected-weights.js";
import type { PytorchNaming } from "./pytorch-modules.js";
import {
  exchangePytorchLayout,
  pytorchClassifierNames,
  pytorchCounters,
  pytorchNames,
  pytorchShape,
} from "./pytorch-names.js";
import { readSafetensors } from "./safetensors.js";

const recorded: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(repositoryFolder("fixtures", "pytorch", "names.json"), "utf8"),
);
const weightsOf = (model: ModelName, convention: Convention) =>
  expectedWeights(efficientNet(model, { height: 64, width: 64, convention }));
const dense = (name: string): ExpectedWeight => {
  return { name, layer: name.split("/")[0]!, className: "Dense", shape: [1280, 10] };
};

describe("pytorchNames", () => {
  it.each<[string, PytorchNaming, ModelName, Convention]>([
    ["timm tf_efficientnetv2_b0", "timm", "efficientnet-v2-b0", "timm-tf"],
    ["torchvision efficientnet_b0", "torchvision", "efficientnet-b0", "torchvision"],
    ["torchvision efficientnet_v2_s", "torchvision", "efficientnet-v2-s", "torchvision"],
  ])("gives every tensor of %s its name and shape, and no other", (network, naming, model, convention) => {
    const expected = weightsOf(model, convention);
    const names = pytorchNames(expected, naming);
    expect(names.size).toBe(expected.length);
    const tensors = expected.map((weight) => `${names.get(weight.name)} ${showShape(pytorchShape(weight))}`);
    const counters = pytorchCounters(names.values()).map((name) => `${name} []`);
    expect([...tensors, ...counters].sort()).toEqual([...recorded[network]!].sort());
  });

  it("gives the bundled Lite0 timm's names", () => {
    const path = repositoryFolder("packages", "weights-lite0", "efficientnet-lite0.safetensors");
    const names = pytorchNames(weightsOf("efficientnet-lite0", "keras"), "timm");
    expect([...names.values()].sort()).toEqual([...readSafetensors(readFileSync(path)).tensors.keys()].sort());
  });

  it.each<[string, PytorchNaming, ModelName, Convention, string]>([
    ["block1a_bn/gamma", "timm", "efficientnet-b0", "timm", "blocks.0.0.bn1.weight"],
    ["block2a_expand_bn/gamma", "timm", "efficientnet-b0", "timm", "blocks.1.0.bn1.weight"],
    ["block1a_project_bn/beta", "timm", "efficientnet-v2-s", "timm", "blocks.0.0.bn1.bias"],
    ["block6o_dwconv2/kernel", "timm", "efficientnet-v2-s", "timm", "blocks.5.14.conv_dw.weight"],
    ["block1a_dwconv/kernel", "torchvision", "efficientnet-b0", "torchvision", "features.1.0.block.0.0.weight"],
    ["block2a_dwconv/kernel", "torchvision", "efficientnet-b0", "torchvision", "features.2.0.block.1.0.weight"],
    ["top_bn/moving_variance", "torchvision", "efficientnet-b0", "torchvision", "features.8.1.running_var"],
    ["top_bn/moving_variance", "torchvision", "efficientnet-v2-s", "torchvision", "features.7.1.running_var"],
  ])("%s is %s's …, by what its block holds: %s, %s", (name, naming, model, convention, theirs) => {
    expect(pytorchNames(weightsOf(model, convention), naming).get(name)).toBe(theirs);
  });

  it("has no names for preprocessing, for the bias of a folded convolution, and for strangers", () => {
    const strangers = ["normalization/mean", "head/kernel", "constructor/kernel", "block1a_foo/kernel"];
    expect(pytorchNames(strangers.map(dense), "timm").size).toBe(0);
    const bias = { ...dense("stem_conv/bias"), className: "Conv2D" };
    expect(pytorchNames([bias], "torchvision").size).toBe(0);
  });

  it("lays out the classifier's kernel as [out, in], everything else as it is", () => {
    const kernel = { ...dense("predictions/kernel"), shape: [2, 3] };
    const tensor = { shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) };
    const theirs = { shape: [3, 2], data: Float32Array.of(0, 3, 1, 4, 2, 5) };
    expect(pytorchShape(kernel)).toEqual([3, 2]);
    expect(exchangePytorchLayout(kernel, tensor)).toEqual(theirs);
    expect(exchangePytorchLayout({ ...kernel, shape: [3, 2] }, theirs)).toEqual(tensor);
    expect(exchangePytorchLayout({ ...kernel, className: "Conv2D" }, tensor)).toBe(tensor);
  });

  it("names the classifier without a network", () => {
    expect([...pytorchClassifierNames("timm").values()]).toEqual(["classifier.weight", "classifier.bias"]);
    expect([...pytorchClassifierNames("torchvision").values()]).toEqual(["classifier.1.weight", "classifier.1.bias"]);
  });
});
