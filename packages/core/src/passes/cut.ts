/** Cutting a model: what lies above a layer is left out. */
import type { Graph } from "../graph/graph.js";
import { bind, type Model } from "../graph/model.js";
import { rewrite } from "../graph/rewrite.js";

/** The model whose outputs are `names` (nodes or layers). Throws `GraphError` where there is no such node. */
export function cut(model: Model, ...names: readonly string[]): Model {
  return bind(cutGraph(model.graph, ...names), model.weights);
}

/** `cut`, of a graph without weights. */
export function cutGraph(graph: Graph, ...names: readonly string[]): Graph {
  return rewrite(graph, () => false, names);
}
