/** Writes a model as Keras' files: whole, or its weights alone. */
import type { Model } from "../graph/model.js";
import { withKerasRows } from "../models/keras-config/flatten-order.js";
import { writeKerasConfig } from "../models/keras-config/write-keras-config.js";
import { type KerasLayer, kerasLayers } from "./keras-layers.js";
import { writeKerasArchive } from "./write-keras-archive.js";
import { writeKerasH5 } from "./write-keras-h5.js";
import { writeKerasWeightsH5 } from "./write-keras-weights-h5.js";

/**
 * The model as Keras writes it. The same model gives the same bytes.
 *
 *   .keras        description and weights: `keras.saving.load_model` needs nothing else
 *   .h5           weights by layer, for `load_weights` of a network that Keras has built itself, of Keras 2 or 3
 *   .weights.h5   the same in Keras 3's own layout
 *
 * Throws `GraphError` where no layer of Keras computes what a node does, `WeightsError` where a node belongs to no layer:
 * a model is unfolded first.
 */
export const kerasFormats = {
  ".keras": (model: Model, name: string) =>
    writeKerasArchive({ config: writeKerasConfig(model.graph, { name }), weights: orderedLayers(model) }),
  ".h5": (model: Model) => writeKerasH5(orderedLayers(model)),
  ".weights.h5": (model: Model, name: string) => writeKerasWeightsH5(orderedLayers(model), name),
} as const;

/** With rows in Keras' order behind a flattened map. */
const orderedLayers = (model: Model): KerasLayer[] => kerasLayers(withKerasRows(model));
