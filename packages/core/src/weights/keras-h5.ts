/** Reads Keras' HDF5 files: weights or whole models, of Keras 2 and Keras 3. */
import { WeightsError } from "../errors.js";
import { type Hdf5Group, readHdf5 } from "./hdf5.js";
import { parseKerasConfig } from "./keras-config-text.js";
import { longTexts, readLegacyKeras } from "./keras-legacy-h5.js";
import { readKerasWeightsH5 } from "./keras-weights-h5.js";
import { shortened } from "./quoted.js";
import type { TensorFile } from "./tensor-file.js";

/**
 * The variables in a `.h5` or `.weights.h5`, named `layer/variable` as Keras 3 does, in Keras' layout, without the
 * optimizer's. A model inside the model adds nothing to the names. `metadata` tells `layout` (`keras`), `format` (`h5` or
 * `weights.h5`) and, where the file does, `keras_version`; `config` is the description of the model in a whole one.
 * Throws `WeightsError` for bytes that are not HDF5, damaged, or not written by Keras.
 */
export const readKerasH5 = (bytes: Uint8Array): Promise<TensorFile> =>
  readHdf5(bytes, (root) => {
    const legacy = root.group("model_weights") ?? root;
    const listed = readLegacyKeras(legacy);
    const version = legacy.texts("keras_version")?.[0];
    const config = longTexts(root, "model_config")?.join("");
    const format = listed ? "h5" : "weights.h5";
    return {
      tensors: listed ?? readNumberedVariables(root),
      metadata: { layout: "keras", format, ...(version !== undefined && { keras_version: version }) },
      ...(config !== undefined && { config: parseKerasConfig(config, "model_config") }),
    };
  });

function readNumberedVariables(root: Hdf5Group): TensorFile["tensors"] {
  const layers = root.group("layers");
  if (layers) return readKerasWeightsH5(layers);
  if (root.group("_layer_checkpoint_dependencies")) {
    throw new WeightsError(
      "Keras file: a .weights.h5 of Keras 2, which stores no names of layers; save it again as .h5, with Keras 2",
    );
  }
  const found = shortened(root.childNames().slice(0, 5).join(", "));
  throw new WeightsError(
    `Keras file: expected an attribute "layer_names" or a group "layers" or "model_weights", got ${found || "nothing"}`,
  );
}
