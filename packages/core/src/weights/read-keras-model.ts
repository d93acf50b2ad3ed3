/** A whole model of Keras, description and weights, as one of ours. */
import { InputError, WeightsError } from "../errors.js";
import { bind, type Model } from "../graph/model.js";
import { flattenedKernels, rowsFromKeras } from "../models/keras-config/flatten-order.js";
import { type KerasConfigOptions, readKerasConfig } from "../models/keras-config/read-keras-config.js";
import { assignWeights } from "./assign-weights.js";
import { expectedWeights } from "./expected-weights.js";
import { kerasFaults } from "./keras-faults.js";
import type { TensorFile } from "./tensor-file.js";

export interface KerasModel {
  readonly model: Model;
  /** Keras' name of it: `sequential`. */
  readonly name: string;
  /** What the user should know, sentences: about the description, and known faults of the Keras that wrote it. */
  readonly notes: readonly string[];
}

/**
 * The model in a file that holds its description, `config`, and all of its weights: a `.keras`, or a `.h5` that
 * `model.save` wrote. What the weights say is what counts, not what a faulty Keras makes of them. `source` begins errors.
 * Throws `WeightsError` where the file holds no description, one that is not represented, or other weights; `InputError`
 * for a size that is missing or contradicts the description.
 */
export function readKerasModel(file: TensorFile, source: string, size: KerasConfigOptions = {}): KerasModel {
  if (file.config === undefined || file.config === null) {
    throw new WeightsError(
      `${source}: weights alone, expected a whole model with its description, as model.save("model.keras") writes it`,
    );
  }
  const { graph, name, notes } = prefixed(source, () => readKerasConfig(file.config, size));
  const weights = assignWeights(expectedWeights(graph), file, source);
  if (file.metadata["layout"] === "keras") {
    for (const [kernel, map] of flattenedKernels(graph)) weights.set(kernel, rowsFromKeras(weights.get(kernel)!, map));
  }
  return { model: bind(graph, weights), name, notes: [...notes, ...kerasFaults(file)] };
}

/** The description knows no file: its name goes before what is wrong. */
function prefixed<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof WeightsError) throw new WeightsError(`${source}: ${cause.message}`, { cause });
    if (cause instanceof InputError) throw new InputError(`${source}: ${cause.message}`, { cause });
    throw cause;
  }
}
