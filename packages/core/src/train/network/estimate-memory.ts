/** How much memory a training step will take, from its graph alone. */
import { InputError } from "../../errors.js";
import { type Graph, nodesOf, type Shape } from "../../graph/graph.js";
import { sizeOf } from "../../graph/tensor.js";

/**
 * Bytes that a process which trains will take at most, within a quarter: activations and gradients that live at the same time,
 * at the worst moment of a step on `images` at once, and for each weight that trains its value, what the graph reads of
 * it, its gradient, two moments, a factor and the runtime's copies. A value lives from the node that makes it to the last that reads it.
 */
export function estimateMemory(graph: Graph, trained: readonly string[], images: number): number {
  const bytesOf = (shape: Shape) => 4 * sizeOf(shape.map((extent) => (extent === "N" ? images : extent)));
  const nodes = [...graph.nodes.values()].filter(({ op }) => op !== "Weight" && op !== "Constant");
  const lastReader = new Map<string, number>();
  for (const [at, { inputs }] of nodes.entries()) for (const name of inputs) lastReader.set(name, at);
  for (const name of graph.outputs) lastReader.set(name, nodes.length);
  const dying = new Map<number, number>();
  let [living, most] = [0, 0];
  for (const [at, { name, shape, op }] of nodes.entries()) {
    const isView = op === "Reshape" || op === "Flatten";
    const bytes = isView ? 0 : bytesOf(shape);
    living += bytes;
    const last = lastReader.get(name) ?? at;
    dying.set(last, (dying.get(last) ?? 0) + bytes);
    most = Math.max(most, living);
    living -= dying.get(at) ?? 0;
  }
  const names = new Set(trained);
  const weights = nodesOf(graph, "Weight").reduce(
    (sum, { name, attrs }) => sum + (names.has(name) ? copies : 2) * bytesOf(attrs.shape),
    0,
  );
  return baseMemory + slack * most + weights;
}

/**
 * The most images of a batch that fit into `memory` bytes at once. Throws `InputError` where not even one does.
 */
export function imagesWithin(memory: number, graph: Graph, trained: readonly string[], batch: number): number {
  for (let images = batch; images >= 1; images = images === 1 ? 0 : Math.ceil(images / 2)) {
    if (estimateMemory(graph, trained, images) <= memory) return images;
  }
  const least = (estimateMemory(graph, trained, 1) / 2 ** 20).toFixed(0);
  const got = (memory / 2 ** 20).toFixed(0);
  throw new InputError(
    `memory: a step on one image takes about ${least} MB, got ${got} MB; train fewer layers, or smaller images`,
  );
}

/** Of a weight that trains. */
const copies = 7;

/**
 * What is not seen in the graph: values inside an operator's form, and an arena that grows in steps. With `baseMemory` fitted once to
 * B0 at 84×112 in batches of 8 and 32 (ONNX Runtime 1.30, without planned memory); B0 at 224², B5 and Lite0 then come out within 13 %.
 */
const slack = 1.77;

/** Bytes of Node and ONNX Runtime before anything is trained. */
export const baseMemory = 200 * 2 ** 20;
