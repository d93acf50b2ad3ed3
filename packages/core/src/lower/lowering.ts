/**
 * A lowering turns our graph into ONNX nodes in one memory layout. It is where speed lives: the graph, its gradients and
 * its optimizer know nothing of layouts, and a lowering knows nothing of networks.
 */

import { GraphError } from "../errors.js";
import type { Graph, Node, Shape } from "../graph/graph.js";
import { type Model, weightOf } from "../graph/model.js";
import type { Op } from "../graph/ops.js";
import { OnnxBuilder as Builder, type OnnxBuilder, type OnnxConstant, type OnnxNode } from "./onnx-builder.js";

/** Adds the ONNX nodes for `node` and returns the last one's output. `shapes` are the graph's, of the inputs. */
export type LoweringRule<K extends Op> = (
  onnx: OnnxBuilder,
  node: Node<K>,
  inputs: readonly string[],
  shapes: readonly Shape[],
) => string;

/** `Input` and `Weight` are no computation: they are what the computation reads. */
export type Lowering = { readonly [K in Exclude<Op, "Input" | "Weight">]: LoweringRule<K> | null };

export interface OnnxValue {
  readonly name: string;
  /** A name stands for an extent that is known only when the graph runs. */
  readonly shape: readonly (number | string)[];
}

/** What an ONNX file's graph consists of. Inputs and outputs bear the names of their nodes. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, OnnxConstant>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/**
 * Lowers a model. Weights without values in it become inputs of the ONNX graph where `weightsAsInputs` names them. What no
 * ONNX node reads (the count of a Normalization) is left out: ONNX Runtime warns of it.
 */
export function lower(model: Model, lowering: Lowering, weightsAsInputs: readonly string[] = []): OnnxGraph {
  const { graph } = model;
  const onnx = new Builder();
  const inputs: OnnxValue[] = [];
  const values = new Map<string, string>();
  for (const node of graph.nodes.values()) {
    if (node.op === "Input" || weightsAsInputs.includes(node.name)) {
      inputs.push({ name: node.name, shape: node.shape });
      values.set(node.name, node.name);
    } else if (node.op === "Weight") {
      values.set(node.name, onnx.weight(node.name, weightOf(model, node.name)));
    } else {
      const names = node.inputs.map((input) => values.get(input)!);
      const shapes = node.inputs.map((input) => graph.nodes.get(input)!.shape);
      const rule = lowering[node.op] as LoweringRule<Op> | null; // the rule of this very operator
      if (!rule) throw new GraphError(`${node.name} (${node.op}): this lowering has no form of the operator`);
      values.set(
        node.name,
        onnx.lower(node.name, () => rule(onnx, node, names, shapes)),
      );
    }
  }
  const outputs = graph.outputs.map((name) => nameOutput(onnx, graph, name, values.get(name)!));
  const read = new Set([...onnx.nodes.flatMap((node) => node.inputs), ...graph.outputs]);
  const constants = new Map([...onnx.constants].filter(([name]) => read.has(name)));
  return { nodes: onnx.nodes, constants, inputs, outputs };
}

/** An output bears its node's name, also where the value is another node's (after the identity). */
function nameOutput(onnx: OnnxBuilder, graph: Graph, name: string, value: string): OnnxValue {
  if (value !== name) onnx.lower(name, () => onnx.add("Identity", [value]));
  return { name, shape: graph.nodes.get(name)!.shape };
}
