import { InputError, type TensorFile } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { chooseConvention } from "./choose-convention.js";

const fileWith = (name: string, metadata: Record<string, string> = {}): TensorFile => ({
  tensors: new Map([[name, { shape: [1], data: new Float32Array(1) }]]),
  metadata,
});
const keras = fileWith("stem_conv/kernel");
const timm = fileWith("conv_stem.weight");
const torchvision = fileWith("features.0.0.weight");

describe("chooseConvention", () => {
  it.each([
    [keras, "efficientnet-b0", "b0.h5", "keras"],
    [torchvision, "efficientnet-b0", "b0.safetensors", "torchvision"],
    [timm, "efficientnet-v2-b0", "model.safetensors", "timm-tf"],
    [timm, "efficientnet-lite0", "tf_efficientnet_lite0.in1k.safetensors", "timm-tf"],
    [timm, "efficientnet-b0", "a folder/tf_efficientnet_b0.safetensors", "timm-tf"],
    [fileWith("conv_stem.weight", { convention: "timm" }), "efficientnet-b0", "tf_b0.safetensors", "timm"],
    [fileWith("conv_stem.weight", { convention: "keras" }), "efficientnet-b0", "b0.safetensors", "keras"],
  ] as const)("%#: takes what metadata, names or the network tell", (file, name, path, convention) => {
    expect(chooseConvention(file, name, path)).toBe(convention);
  });

  it("asks where timm's names leave it open, and does not believe any convention", () => {
    for (const metadata of [{}, { convention: "caffe" }]) {
      const choose = () =>
        chooseConvention(fileWith("conv_stem.weight", metadata), "efficientnet-b0", "b0.safetensors");
      expect(choose).toThrow(InputError);
      expect(choose).toThrow("expected to be told which: --convention timm, or timm-tf");
    }
  });
});
