import { describe, expect, it } from "vitest";
import { WeightsError } from "../errors.js";
import { namingOf } from "./name-tensors.js";
import type { TensorFile } from "./tensor-file.js";

const fileOf = (...names: string[]): TensorFile => {
  return { tensors: new Map(names.map((name) => [name, { shape: [1], data: Float32Array.of(0) }])), metadata: {} };
};

describe("namingOf", () => {
  it.each([
    ["keras", "stem_conv/kernel"],
    ["keras", "features.0/kernel"],
    ["timm", "conv_stem.weight"],
    ["timm", "bn1.running_mean"],
    ["timm", "blocks.0.0.conv_dw.weight"],
    ["timm", "classifier.bias"],
    ["torchvision", "features.1.0.block.0.0.weight"],
    ["torchvision", "classifier.1.weight"],
  ])("is %s for %s", (naming, name) => {
    expect(namingOf(fileOf("foo", name), "x")).toBe(naming);
  });

  it("is Keras' for a file without tensors", () => {
    expect(namingOf(fileOf(), "x")).toBe("keras");
  });

  it("refuses a mixture, naming one tensor of each kind", () => {
    const mixture = fileOf("conv_stem.weight", "bn1.weight", "features.0.0.weight");
    expect(() => namingOf(mixture, "b0.safetensors")).toThrow(
      new WeightsError(
        'b0.safetensors: tensors named in two ways, expected one: "conv_stem.weight" (timm), "features.0.0.weight" (torchvision)',
      ),
    );
    expect(() => namingOf(fileOf("predictions/bias", "classifier.weight"), "x")).toThrow('"predictions/bias" (keras)');
  });

  it("refuses a file without one known name", () => {
    expect(() => namingOf(fileOf("layer4.0.conv1.weight"), "resnet.safetensors")).toThrow(
      /^resnet.safetensors: tensors named in no way that is known, .* got "layer4.0.conv1.weight"$/,
    );
  });
});
