import { describe, expect, it } from "vitest";
import { pytorchModelName } from "./pytorch-model-name.js";

describe("pytorchModelName", () => {
  it.each([
    ["efficientnet-b0", "timm", "efficientnet_b0"],
    ["efficientnet-b7", "timm-tf", "tf_efficientnet_b7"],
    ["efficientnet-b5", "torchvision", "efficientnet_b5"],
    ["efficientnet-v2-s", "timm", "efficientnetv2_s"],
    ["efficientnet-v2-l", "torchvision", "efficientnet_v2_l"],
    ["efficientnet-v2-b3", "timm-tf", "tf_efficientnetv2_b3"],
    ["efficientnet-v2-b3", "keras", "tf_efficientnetv2_b3"],
    ["efficientnet-v2-b3", "timm", undefined],
    ["efficientnet-v2-b3", "torchvision", undefined],
    ["efficientnet-lite4", "timm-tf", "tf_efficientnet_lite4"],
    ["efficientnet-lite4", "torchvision", undefined],
    ["efficientnet-b0", "keras-unsized", undefined],
  ] as const)("%s in the convention %s is %s", (model, convention, name) => {
    expect(pytorchModelName(model, convention)).toBe(name);
  });
});
