/** A graph together with the values of its weights. */
import { GraphError } from "../errors.js";
import { type Graph, isOp, nodeOf, nodesOf } from "./graph.js";
import { showShape, type Tensor } from "./tensor.js";

/** Values by the name of their `Weight` node. */
export type Weights = ReadonlyMap<string, Tensor>;

export interface Model {
  readonly graph: Graph;
  readonly weights: Weights;
}

/** The values of a `Weight` node. Throws `GraphError` when there are none. */
export function weightOf({ weights }: Model, name: string): Tensor {
  const tensor = weights.get(name);
  if (!tensor) throw new GraphError(`${name}: the model holds no values for this weight`);
  return tensor;
}

/** The numbers of a `Weight` or a `Constant` node, as float32. Throws `GraphError` when there are none. */
export function valuesOf(model: Model, name: string): Float32Array {
  const node = nodeOf(model.graph, name);
  return isOp(node, "Constant") ? Float32Array.from(node.attrs.value_floats) : weightOf(model, name).data;
}

/** A model of `graph` with just the weights that it reads. Throws `GraphError` where one is missing or of another shape. */
export function bind(graph: Graph, weights: Weights): Model {
  const bound = nodesOf(graph, "Weight").map(({ name, attrs: { shape } }) => {
    const tensor = weights.get(name);
    if (!tensor) throw new GraphError(`${name}: no values given, expected ${showShape(shape)}`);
    if (showShape(tensor.shape) !== showShape(shape)) {
      throw new GraphError(`${name}: expected values of ${showShape(shape)}, got ${showShape(tensor.shape)}`);
    }
    return [name, tensor] as const;
  });
  return { graph, weights: new Map(bound) };
}
