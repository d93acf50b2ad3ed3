/**
 * Writes a graph as the description of a functional model of Keras 3, for the `config.json` of a `.keras`. Every layer is
 * one of Keras' own, so that Keras loads it without custom code.
 * Source: Keras 3.15.1, `keras/src/models/functional.py`, `get_config`, and `keras/src/saving/serialization_lib.py`.
 */
import { GraphError } from "../../errors.js";
import { type Graph, isOp, type Node, nodeOf } from "../../graph/graph.js";
import { kerasShape } from "../../graph/keras-shape.js";
import type { Op } from "../../graph/ops.js";
import { flattenedKernels } from "./flatten-order.js";
import { isValue, type LayerChain, layerChains } from "./layer-chains.js";
import { type WrittenLayer, writeRules, zeroPadding } from "./write-layers.js";

export interface KerasConfigNames {
  /** Of the model; default `model`. */
  readonly name?: string;
}

/** `{ module, class_name, config: { name, layers, input_layers, output_layers }, registered_name }`, as JSON holds it. */
export interface KerasModelConfig {
  readonly module: string;
  readonly class_name: string;
  readonly config: {
    readonly name: string;
    readonly layers: readonly KerasLayerConfig[];
    readonly [key: string]: unknown;
  };
  readonly registered_name: string;
}

export interface KerasLayerConfig {
  readonly class_name: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** `[layer, call, output]` */
type History = readonly [string, number, number];

/**
 * Layers have the names and the order of `graph`'s. A plane of ones becomes a `Rescaling` by 0 and 1, and zeros that
 * `padding` cannot say a `ZeroPadding2D` of its own. Where `flattenedKernels(graph)` lists a kernel, Keras has its rows in
 * another order (`rowsToKeras`).
 * Throws `GraphError` for a node that no layer of Keras computes.
 */
export function writeKerasConfig(graph: Graph, { name = "model" }: KerasConfigNames = {}): KerasModelConfig {
  flattenedKernels(graph);
  const chains = layerChains(graph);
  const histories = new Map(chains.map((chain) => [chain.nodes.at(-1)!.name, [chain.name, 0, 0] as const]));
  const layers = chains.flatMap((chain) => writeChain(graph, chain, histories));
  const ends = (nodes: readonly string[]) => single(nodes.map((node) => historyOf(histories, node, "the output")));
  const inputs = [...graph.nodes.values()].filter((node) => isOp(node, "Input")).map((node) => node.name);
  return {
    module: "keras.src.models.functional",
    class_name: "Functional",
    config: { name, trainable: true, layers, input_layers: ends(inputs), output_layers: ends(graph.outputs) },
    registered_name: "Functional",
  };
}

/** Keras gives a model with one output a tensor, with a list of outputs a list. */
const single = <T>(values: readonly T[]): T | readonly T[] => (values.length === 1 ? values[0]! : values);

function writeChain(graph: Graph, chain: LayerChain, histories: ReadonlyMap<string, History>): KerasLayerConfig[] {
  const [first] = chain.nodes;
  const main = chain.nodes.find(({ inputs }) => inputs.some((input) => isValue(nodeOf(graph, input)))) ?? first;
  const { className, config, zerosBefore } = writeNode(main, chain, graph);
  const tensors = dataInputs(graph, first).map((input) => {
    return tensor(kerasShape(nodeOf(graph, input).shape), historyOf(histories, input, first.name));
  });
  const written = {
    className,
    config: { ...(!isOp(main, "Input") && { trainable: isTrainable(graph, main) }), ...config },
  };
  if (!zerosBefore) return [layerConfig(chain.name, written, tensors)];
  const padding = `${chain.name}_pad`;
  if (graph.nodes.has(padding)) throw new GraphError(`${first.name}: needs a padding named ${padding}, which exists`);
  const [batch, height, width, channels] = kerasShape(nodeOf(graph, first.inputs[0]!).shape) as [
    null,
    number,
    number,
    number,
  ]; // a map
  const [top, left, bottom, right] = zerosBefore;
  const padded = tensor([batch, height + top + bottom, width + left + right, channels], [padding, 0, 0]);
  return [layerConfig(padding, zeroPadding(zerosBefore), tensors), layerConfig(chain.name, written, [padded])];
}

function writeNode<K extends Op>(node: Node<K>, chain: LayerChain, graph: Graph): WrittenLayer {
  const write = writeRules[node.op];
  if (!write) throw new GraphError(`${node.name} (${node.op}): no layer of Keras computes this`);
  try {
    return write(node, chain, graph);
  } catch (cause) {
    throw new GraphError(`${node.name} (${node.op}): ${(cause as Error).message}`, { cause });
  }
}

/** Operators whose first input is the data, and the others the values of the layer. */
const withValues: ReadonlySet<Op> = new Set<Op>(["Conv", "Gemm", "BatchNormalization", "Normalization"]);

/** What a layer reads besides its weights. Throws `GraphError` for a value that no layer of Keras has. */
function dataInputs(graph: Graph, { name, op, inputs }: Node): readonly string[] {
  const data = withValues.has(op) ? inputs.slice(0, 1) : inputs;
  const value = data.find((input) => isValue(nodeOf(graph, input)));
  if (value === undefined) return data;
  throw new GraphError(`${name} (${op}): computes with the value ${value}, which no layer of Keras does`);
}

function historyOf(histories: ReadonlyMap<string, History>, node: string, reader: string): History {
  const history = histories.get(node);
  if (!history) throw new GraphError(`${reader}: reads ${node}, which is inside a layer of Keras`);
  return history;
}

/** Frozen is a layer none of whose weights is trained although its class trains some. */
function isTrainable(graph: Graph, { op, inputs }: Node): boolean {
  const weights = inputs.map((input) => nodeOf(graph, input)).filter((node) => isOp(node, "Weight"));
  return op === "Normalization" || weights.length === 0 || weights.some(({ attrs }) => attrs.trainable);
}

function layerConfig(name: string, { className, config }: WrittenLayer, tensors: readonly unknown[]): KerasLayerConfig {
  const args = mergers.has(className) ? [tensors] : tensors;
  return {
    module: "keras.layers",
    class_name: className,
    config: { name, dtype: "float32", ...config },
    registered_name: null,
    name,
    inbound_nodes: tensors.length === 0 ? [] : [{ args, kwargs: {} }],
  };
}

/** Layers that are called with a list. */
const mergers: ReadonlySet<string> = new Set(["Add", "Multiply", "Concatenate"]);

const tensor = (shape: readonly (number | null)[], history: History) => ({
  class_name: "__keras_tensor__",
  config: { shape, dtype: "float32", keras_history: history },
});
