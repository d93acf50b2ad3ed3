/** Writes weights in Keras 3's own HDF5 layout, `.weights.h5`, which is also a part of a `.keras` archive. */
import type { KerasLayer } from "./keras-layers.js";
import { requireLayerNames, writeVariable } from "./keras-variables.js";
import { writeHdf5 } from "./write-hdf5.js";

/**
 * A `.weights.h5` for Keras 3's `model.load_weights(path)`, of layers in the order of the model: each a group by class
 * and number, `layers/batch_normalization_7/vars/0`. `modelName` is the name that the file tells of the model itself,
 * e.g. `efficientnetb0`. The same input gives the same bytes.
 * Throws `WeightsError` for a name that HDF5 cannot hold.
 * Source: Keras 3.15.1, `keras/src/saving/saving_lib.py`, `_save_state`, `_save_container_state` and `H5IOStore`.
 */
export function writeKerasWeightsH5(
  layers: readonly KerasLayer[],
  modelName = "model",
): Promise<Uint8Array<ArrayBuffer>> {
  requireLayerNames(layers);
  return writeHdf5((root) => {
    root.group("vars").text("name", modelName);
    const group = root.group("layers");
    const counts = new Map<string, number>();
    for (const { name, className, variables } of layers) {
      const snake = snakeCase(className);
      const count = counts.get(snake) ?? 0;
      counts.set(snake, count + 1);
      const vars = group.group(count === 0 ? snake : `${snake}_${count}`).group("vars");
      vars.text("name", name);
      for (const [n, [variable, tensor]] of variables.entries()) writeVariable(vars, `${n}`, variable, tensor);
    }
  });
}

/**
 * `GlobalAveragePooling2D` → `global_average_pooling2d`.
 * Source: Keras 3.15.1, `keras/src/utils/naming.py`, `to_snake_case`.
 */
const snakeCase = (className: string): string =>
  className
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
