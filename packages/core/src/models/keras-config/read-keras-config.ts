/**
 * Reads the description of a model that Keras 2 or 3 wrote (`config.json` in a `.keras`, `model_config` in a `.h5`) as a
 * graph. The description is data: nothing in it is run, and a layer that holds code, or that is not represented exactly,
 * is refused by name. Models inside the model are flattened and add nothing to the names, as in the weight readers.
 */
import { GraphError } from "../../errors.js";
import type { Graph } from "../../graph/graph.js";
import { type ModelDescription, readDescription } from "./description.js";
import { flattenedKernels } from "./flatten-order.js";
import type { InputSize } from "./input-shape.js";
import { ModelReader } from "./model-reader.js";
import { refuse } from "./refuse.js";

export type KerasConfigOptions = InputSize;

export interface KerasNetwork {
  /** Layers bear Keras' names and classes; the one input is called `input_layer`. */
  readonly graph: Graph;
  readonly kind: ModelDescription["kind"];
  /** Keras' name of the model: `efficientnetb0`. */
  readonly name: string;
  /** What the user should know: sentences. */
  readonly notes: readonly string[];
}

/**
 * `config` is the parsed JSON. `height` and `width` stand in where it leaves them open. The kernels that
 * `flattenedKernels(graph)` lists have their rows in our order, not in Keras'.
 * Throws `WeightsError`, one line, for what is no model, is damaged, or is not represented; `InputError` for a size that is
 * missing or contradicts the description.
 */
export function readKerasConfig(config: unknown, options: KerasConfigOptions = {}): KerasNetwork {
  const model = readDescription(config);
  const reader = new ModelReader(model, options);
  try {
    const graph = reader.read();
    flattenedKernels(graph);
    return { graph, kind: model.kind, name: model.name, notes: [...reader.notes] };
  } catch (cause) {
    if (cause instanceof GraphError) refuse("the model", cause.message, cause);
    throw cause;
  }
}
