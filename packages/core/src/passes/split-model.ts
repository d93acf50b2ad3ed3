/** Splitting a model below what is trained: the lower part runs once per image, the upper one in every step. */
import { GraphError } from "../errors.js";
import { type Graph, isOp, type Node, nodesOf } from "../graph/graph.js";
import { bind, type Model } from "../graph/model.js";
import { rewrite } from "../graph/rewrite.js";
import { cut } from "./cut.js";

/** One model as two, which give the same one after the other. */
export interface SplitModel {
  /** From the model's input to the cut; undefined where the cut is the input itself. */
  readonly below: Model | undefined;
  /** From an input that bears the name of the cut to the outputs. */
  readonly above: Model;
  /** The node at which the model was split. */
  readonly cut: string;
}

/**
 * Splits a model with one input at the last node that everything trained lies above, and that alone leads there from the
 * image. Where that is the stem or what prepares the image for it, the input is the cut.
 * Throws `GraphError` where a trained weight is not in the model, or there are none.
 */
export function splitModel(model: Model, trained: readonly string[]): SplitModel {
  const { graph } = model;
  const name = cutBelow(graph, trained);
  const node = graph.nodes.get(name)!;
  if (isOp(node, "Input")) return { below: undefined, above: model, cut: name };
  const above = rewrite(graph, (net, each) => {
    if (each.name !== name) return false;
    net.add("Input", name, [], { shape: each.shape });
    return true;
  });
  return { below: cut(model, name), above: bind(above, model.weights), cut: name };
}

function cutBelow(graph: Graph, trained: readonly string[]): string {
  const [input, ...others] = nodesOf(graph, "Input");
  if (!input || others.length > 0)
    throw new GraphError(`split: expected one input, got ${others.length + (input ? 1 : 0)}`);
  const missing = trained.find((weight) => !graph.nodes.has(weight));
  if (missing !== undefined || trained.length === 0)
    throw new GraphError(`split: no trained weight ${missing ?? "given"}`);
  const isTrained = new Set(trained);
  const moving = new Set<string>(); // depends on what is trained
  const fed = new Set([input.name]); // depends on the image
  const candidates: Node[] = [];
  for (const node of graph.nodes.values()) {
    if (node.inputs.some((name) => isTrained.has(name) || moving.has(name))) moving.add(node.name);
    if (node.inputs.some((name) => fed.has(name))) fed.add(node.name);
    if (fed.has(node.name) && !moving.has(node.name)) candidates.push(node);
  }
  const isStem = (node: Node) => node.op !== "Conv" && !hasConvBelow(graph, node.name);
  const found = candidates.reverse().find((node) => leadsAlone(graph, node.name, input.name));
  return found && !isStem(found) ? found.name : input.name;
}

/** Whether no way from the image to an output passes by `name`. */
function leadsAlone(graph: Graph, name: string, input: string): boolean {
  if (name === input) return true;
  const pending = [...graph.outputs];
  const seen = new Set([name, ...pending]);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next === input) return false;
    if (next === name) continue;
    for (const below of graph.nodes.get(next)!.inputs) {
      if (seen.has(below)) continue;
      seen.add(below);
      pending.push(below);
    }
  }
  return true;
}

function hasConvBelow(graph: Graph, name: string): boolean {
  const node = graph.nodes.get(name)!;
  return node.op === "Conv" || node.inputs.some((below) => hasConvBelow(graph, below));
}
