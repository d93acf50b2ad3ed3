/** Smaller steps for what lies deeper: the layers near the image need the least change. */
import { type Graph, nodesOf } from "../../graph/graph.js";

/**
 * The part of the rate for each trained weight: `decay` to the power of its depth, where head and top have 0 and 1, the last
 * block 2, and so on down to the stem. Source: Howard & Ruder 2018, https://arxiv.org/abs/1801.06146, §3.2.
 */
export function layerRates(graph: Graph, trained: readonly string[], decay: number): Record<string, number> {
  const weights = new Map(nodesOf(graph, "Weight").map(({ name, layer }) => [name, layer?.name ?? name]));
  const groups = [...new Set([...weights.values()].map(groupOf))];
  return Object.fromEntries(
    trained.map((name) => {
      const fromTop = groups.length - 1 - groups.indexOf(groupOf(weights.get(name) ?? name));
      return [name, decay ** fromTop];
    }),
  );
}

/** `block6c_expand_conv` is of `block6`, `top_bn` of `top`; layers of a head are one group. */
function groupOf(layer: string): string {
  const match = /^(block\d+|stem|top|normalization)/.exec(layer);
  return match?.[0] ?? "head";
}
