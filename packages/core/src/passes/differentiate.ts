/** Reverse-mode differentiation: a graph that computes a loss becomes one that computes its gradients too. */
import { GraphError } from "../errors.js";
import { type Graph, GraphBuilder, type Node, nodeOf } from "../graph/graph.js";
import type { Op } from "../graph/ops.js";
import { showShape } from "../graph/tensor.js";
import { type GradientRule, type Gradients, gradientRules } from "./gradients.js";

/** A graph with its gradients. */
export interface Differentiated {
  /** The graph given, with its outputs; the gradients are outputs after them. */
  readonly graph: Graph;
  /** For each trainable node the node that is the gradient by it, of the same shape. */
  readonly gradients: ReadonlyMap<string, string>;
}

/**
 * Adds the gradients of the scalar `loss` by each node of `trainable`: weights, or any other node. Where a node has several
 * readers, what comes back from them is added. Only what lies between a trainable node and the loss is differentiated, so
 * what is frozen below costs nothing and needs no rule.
 *
 * With `seed`, a node of the shape of `loss`, which then may have any, the gradients are those of Σ seed · loss; none passes
 * through the seed itself.
 *
 * Throws `GraphError` where the loss is no scalar or does not depend on a trainable node, and where an operator between them
 * has no rule, with the name of its node.
 */
export function differentiate(graph: Graph, loss: string, trainable: readonly string[], seed?: string): Differentiated {
  requireSeed(graph, loss, seed);
  const active = dependentsOf(graph, trainable);
  const net = new GraphBuilder();
  for (const node of graph.nodes.values()) net.copy(node);

  const one = () => net.add("Constant", `${loss}/dy`, [], { shape: [], value_floats: [1] });
  const parts = new Map([[loss, [seed ?? one()]]]);
  const gradients = new Map<string, string>();
  for (const node of [...graph.nodes.values()].reverse()) {
    const ofNode = parts.get(node.name);
    if (!ofNode) continue;
    const dy = sumOf(net, node.name, ofNode);
    if (trainable.includes(node.name)) gradients.set(node.name, dy);
    if (!node.inputs.some((input) => active.has(input))) continue;
    const byInput = applyRule(net, node, dy);
    for (const [index, input] of node.inputs.entries()) {
      if (!active.has(input)) continue;
      const part = requirePart(node, input, byInput[index]);
      parts.set(input, [...(parts.get(input) ?? []), part]);
    }
  }
  for (const name of trainable) {
    if (!gradients.has(name)) throw new GraphError(`${name}: the loss ${loss} does not depend on it`);
  }
  // Two weights may share one gradient, as the terms of a sum do: an output stands once.
  const outputs = new Set([...graph.outputs, ...gradients.values()]);
  return { graph: net.build([...outputs]), gradients };
}

function requireSeed(graph: Graph, loss: string, seed: string | undefined): void {
  const { shape } = nodeOf(graph, loss);
  if (seed === undefined) {
    if (shape.length > 0) throw new GraphError(`${loss}: expected a scalar loss, [], got ${showShape(shape)}`);
  } else if (showShape(nodeOf(graph, seed).shape) !== showShape(shape)) {
    const got = showShape(nodeOf(graph, seed).shape);
    throw new GraphError(`${seed}: expected a seed of the shape of ${loss}, ${showShape(shape)}, got ${got}`);
  }
}

/** The names given, and of all nodes that depend on them. Throws `GraphError` where a name is unknown. */
function dependentsOf(graph: Graph, names: readonly string[]): ReadonlySet<string> {
  const dependents = new Set(names.map((name) => nodeOf(graph, name).name));
  for (const { name, inputs } of graph.nodes.values()) {
    if (inputs.some((input) => dependents.has(input))) dependents.add(name);
  }
  return dependents;
}

function applyRule(net: GraphBuilder, node: Node, dy: string): Gradients {
  const rule = gradientRules[node.op] as GradientRule<Op> | null; // the rule of this very operator
  if (!rule) {
    throw new GraphError(`${node.name} (${node.op}): no gradient rule, but a trainable weight lies below this node`);
  }
  return rule(net, node, dy);
}

function requirePart(node: Node, input: string, part: string | null | undefined): string {
  if (part == null) throw new GraphError(`${node.name} (${node.op}): has no gradient by its input ${input}`);
  return part;
}

/** The gradient by a node from what each of its readers sends back. */
const sumOf = (net: GraphBuilder, name: string, parts: readonly string[]): string =>
  parts.reduce((sum, part, i) => net.add("Add", `${name}/dy:${i}`, [sum, part], {}));
