/** Writes weights as safetensors, with Keras' names and our layout. */
import { WeightsError } from "../errors.js";
import type { Tensor } from "../graph/tensor.js";
import { writeSafetensors } from "./safetensors.js";

/**
 * A safetensors file of weights by `layer/variable`, in our layout, which its metadata says, so that `assignWeights`
 * takes it as it is. `metadata` is written beside that (e.g. the model's name). The same input gives the same bytes.
 * Throws `WeightsError` for a name that is not `layer/variable`.
 */
export function writeKerasNames(
  weights: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  for (const name of weights.keys()) {
    if (!/^[^/]+\/[^/]+$/.test(name)) throw new WeightsError(`weight ${JSON.stringify(name)}: expected layer/variable`);
  }
  return writeSafetensors(weights, { ...metadata, format: "grayling", layout: "grayling" });
}
