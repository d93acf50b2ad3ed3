/** A network without weights, for people who name its options. */
import {
  type EfficientNetOptions,
  efficientNet,
  type Graph,
  GraphError,
  InputError,
  type ModelName,
} from "@grayling/core";

/** Throws `InputError` for a size or number of channels that the network refuses. */
export function buildGraph(name: ModelName, options: EfficientNetOptions): Graph {
  try {
    return efficientNet(name, options);
  } catch (cause) {
    if (cause instanceof GraphError) throw new InputError(`${name}: ${cause.message}`, { cause });
    throw cause;
  }
}
