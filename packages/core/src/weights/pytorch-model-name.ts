/** Whose network in PyTorch is which of ours. */
import type { Convention } from "../models/conventions.js";
import { type ModelName, variants } from "../models/variants.js";

/**
 * How to make the network in PyTorch that computes what ours computes in a convention: the name for `timm.create_model`
 * or of the function in `torchvision.models`; undefined where there is none. Keras' arithmetic is that of timm's `tf_`
 * networks, the preprocessing apart (see `models/conventions.ts`), so those are named for "keras" too.
 *
 *   efficientnet-b0      efficientnet_b0      tf_efficientnet_b0      torchvision efficientnet_b0
 *   efficientnet-v2-s    efficientnetv2_s     tf_efficientnetv2_s     torchvision efficientnet_v2_s
 *   efficientnet-v2-b0   none                 tf_efficientnetv2_b0    none
 *   efficientnet-lite0   efficientnet_lite0   tf_efficientnet_lite0   none
 *
 * Source: timm 1.0.31, `timm/models/efficientnet.py`; torchvision 0.29.2, `torchvision/models/efficientnet.py`.
 */
export function pytorchModelName(model: ModelName, convention: Convention): string | undefined {
  const { family } = variants[model];
  const variant = model.slice(model.lastIndexOf("-") + 1);
  const isVersion2 = family.startsWith("v2");
  const name = `efficientnet${isVersion2 ? "v2" : ""}_${variant}`;
  const names: { readonly [C in Convention]: string | undefined } = {
    keras: `tf_${name}`,
    "keras-unsized": undefined, // its padding is nobody else's
    "timm-tf": `tf_${name}`,
    timm: family === "v2-b" ? undefined : name,
    torchvision:
      family === "lite" || family === "v2-b" ? undefined : `efficientnet_${isVersion2 ? "v2_" : ""}${variant}`,
  };
  return names[convention];
}
