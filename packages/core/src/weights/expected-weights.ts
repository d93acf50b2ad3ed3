/** What a graph needs of a weight file. */
import { GraphError } from "../errors.js";
import { type Graph, nodesOf } from "../graph/graph.js";

/** One variable of a Keras layer; its shape in our layout. */
export interface ExpectedWeight {
  /** `layer/variable`, in Keras 3's spelling. */
  readonly name: string;
  readonly layer: string;
  /** Keras' class of the layer. */
  readonly className: string;
  readonly shape: readonly number[];
}

/** Every weight of a graph, in order. Throws `GraphError` where one belongs to no layer. */
export function expectedWeights(graph: Graph): ExpectedWeight[] {
  return nodesOf(graph, "Weight").map(({ name, layer, attrs: { shape } }) => {
    if (!layer) throw new GraphError(`${name}: belongs to no layer`);
    return { name, layer: layer.name, className: layer.className, shape };
  });
}
