/**
 * Where a flattened map's order matters. Keras flattens [N, H, W, C], we [N, C, H, W], so that feature (h·W + w)·C + c of
 * Keras is our (c·H + h)·W + w. Nothing but the rows of the next dense layer's kernel knows of it: with these in our order
 * the layer computes the same, exactly. Between the two may lie what acts on each value by itself.
 */
import { GraphError } from "../../errors.js";
import { type Graph, isOp, type Node, nodeOf, nodesOf, readersOf } from "../../graph/graph.js";
import { type Model, weightOf } from "../../graph/model.js";
import type { Op } from "../../graph/ops.js";
import type { Tensor } from "../../graph/tensor.js";
import { hasOneOrder } from "./read-layers.js";

/** Extents of the map that was flattened. */
export interface FlattenedMap {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

const valueByValue: ReadonlySet<Op> = new Set<Op>(["Dropout", "Relu", "Clip", "Sigmoid", "Tanh", "Silu"]);

/**
 * The kernels [inputs, units] whose rows lie in another order in Keras, by name, each with the map that it reads.
 * Throws `GraphError` where values in our order would come out, or meet something else than a dense layer.
 */
export function flattenedKernels(graph: Graph): ReadonlyMap<string, FlattenedMap> {
  const kernels = new Map<string, FlattenedMap>();
  for (const flatten of nodesOf(graph, "Flatten")) {
    const { shape } = nodeOf(graph, flatten.inputs[0]!);
    if (hasOneOrder(shape)) continue;
    const [, channels, height, width] = shape as readonly ["N", number, number, number]; // vectors have one order
    for (const kernel of kernelsAbove(graph, flatten)) kernels.set(kernel, { channels, height, width });
  }
  return kernels;
}

function kernelsAbove(graph: Graph, flatten: Node): string[] {
  const kernels: string[] = [];
  const pending: Node[] = [flatten];
  for (let node = pending.pop(); node; node = pending.pop()) {
    const readers = readersOf(graph, node.name);
    for (const reader of readers) {
      if (valueByValue.has(reader.op)) pending.push(reader);
      else if (isDense(graph, reader, node.name)) kernels.push(reader.inputs[1]!);
      else throw outOfOrder(flatten, `${reader.name} (${reader.op})`);
    }
    if (graph.outputs.includes(node.name)) throw outOfOrder(flatten, "the model's output");
  }
  return kernels;
}

function isDense(graph: Graph, reader: Node, x: string): boolean {
  if (!isOp(reader, "Gemm") || reader.inputs[0] !== x || reader.inputs[1] === x) return false;
  const kernel = nodeOf(graph, reader.inputs[1]!);
  return (
    isOp(kernel, "Weight") && !reader.attrs.transA && !reader.attrs.transB && readersOf(graph, kernel.name).length === 1
  );
}

const outOfOrder = (flatten: Node, reader: string) =>
  new GraphError(
    `${flatten.name} (Flatten): flattens a map of more than one pixel and channel, whose order Keras has otherwise; ` +
      `expected a dense layer to read it, got ${reader}. Pool the map first`,
  );

/** A kernel of Keras with its rows in our order; exact. */
export const rowsFromKeras = (kernel: Tensor, map: FlattenedMap): Tensor =>
  reorder(kernel, map, (ours, keras) => [ours, keras]);

/** The inverse of `rowsFromKeras`. */
export const rowsToKeras = (kernel: Tensor, map: FlattenedMap): Tensor =>
  reorder(kernel, map, (ours, keras) => [keras, ours]);

/** The model with the rows of such kernels as Keras has them: what a file of Keras is to hold. Throws as `flattenedKernels`. */
export function withKerasRows({ graph, weights }: Model): Model {
  const rows = [...flattenedKernels(graph)].map(([name, map]) => {
    return [name, rowsToKeras(weightOf({ graph, weights }, name), map)] as const;
  });
  return rows.length === 0 ? { graph, weights } : { graph, weights: new Map([...weights, ...rows]) };
}

function reorder(
  { shape, data }: Tensor,
  { channels, height, width }: FlattenedMap,
  direction: (ours: number, keras: number) => readonly [to: number, from: number],
): Tensor {
  const units = shape[1]!;
  const pixels = height * width;
  const result = new Float32Array(data.length);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let c = 0; c < channels; c++) {
      const [to, from] = direction(c * pixels + pixel, pixel * channels + c);
      result.set(data.subarray(from * units, (from + 1) * units), to * units);
    }
  }
  return { shape, data: result };
}
