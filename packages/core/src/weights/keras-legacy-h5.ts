/**
 * Keras' older HDF5 layout, of Keras 2 and of Keras 3's `.h5`: each layer a group, in the order of the model, with the
 * paths of its variables as attribute.
 * Source: Keras 3.15.1, `keras/src/legacy/saving/legacy_h5_format.py`, `save_weights_to_hdf5_group`.
 */
import { WeightsError } from "../errors.js";
import type { Tensor } from "../graph/tensor.js";
import type { Hdf5Group } from "./hdf5.js";
import { quoted } from "./quoted.js";

/**
 * All variables by `layer/variable` in a group (the root, or `model_weights` of a whole model), undefined where the group
 * does not list its layers in this layout.
 */
export function readLegacyKeras(group: Hdf5Group): ReadonlyMap<string, Tensor> | undefined {
  const layers = longTexts(group, "layer_names");
  if (!layers) return undefined;
  const tensors = new Map<string, Tensor>();
  const seen = new Set<string>();
  for (const layer of layers) {
    if (seen.has(layer)) throw new WeightsError(`Keras file: layer ${quoted(layer)} is listed twice, expected it once`);
    seen.add(layer);
    const layerGroup = group.group(layer);
    if (!layerGroup) throw new WeightsError(`Keras file: layer ${quoted(layer)} is listed, but has no group`);
    for (const path of longTexts(layerGroup, "weight_names") ?? []) {
      const name = nameOf(layer, path);
      if (tensors.has(name)) throw new WeightsError(`Keras file: ${quoted(name)} occurs twice, expected it once`);
      tensors.set(name, layerGroup.tensor(path));
    }
  }
  return tensors;
}

/**
 * `stem_bn/gamma:0`, `sequential/stem_bn/gamma` → `stem_bn/gamma`. The path, not the group, knows the layer: a model
 * inside the model is one group. A path of one part is a variable of the group's own layer.
 */
function nameOf(layer: string, path: string): string {
  const parts = path.replace(/:\d+$/, "").split("/");
  const variable = parts.at(-1)!;
  return `${parts.at(-2) ?? layer}/${variable === "depthwise_kernel" ? "kernel" : variable}`;
}

/** An HDF5 attribute holds 64 kB at most, so Keras cuts longer lists in pieces: `weight_names0`, `weight_names1`, … */
export function longTexts(group: Hdf5Group, name: string): readonly string[] | undefined {
  const whole = group.texts(name);
  if (whole) return whole;
  const pieces: string[] = [];
  for (let n = 0; ; n++) {
    const piece = group.texts(`${name}${n}`);
    if (!piece) return n === 0 ? undefined : pieces;
    pieces.push(...piece);
  }
}
