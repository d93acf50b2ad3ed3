/** Values of a training step in ONNX, in the form that each has in memory, and how one form becomes another. */
import type { Extent, Node, Shape } from "../graph/graph.js";
import type { Op } from "../graph/ops.js";
import { sizeOf } from "../graph/tensor.js";
import type { MapExtents, MapKernels } from "./map-kernels.js";
import type { OnnxBuilder } from "./onnx-builder.js";

/**
 * How an ONNX value lies in memory: planes [N, C, H, W]; a map of the layout; a vector [N, …]; a flat kernel; or plainly as
 * its shape says.
 */
export type Form = "planes" | "map" | "vector" | "kernel" | "plain";

/** What a node of the graph is in ONNX. */
export interface Value {
  readonly onnx: string;
  readonly form: Form;
  /** Of the graph. */
  readonly shape: Shape;
}

/** [N, C, H, W] of more than one pixel; with one it is a vector. */
export const isMapShape = (shape: Shape) =>
  shape.length === 4 && shape[0] === "N" && (shape[2] !== 1 || shape[3] !== 1);

/** With the batch as a number. */
export const fixed = (shape: Shape, batch: number): number[] =>
  shape.map((extent: Extent) => (extent === "N" ? batch : extent));

/** [N, …] as [N, rest]. */
export const vectorShape = (shape: Shape, batch: number) => [batch, sizeOf(shape.slice(1) as readonly number[])]; // the batch is first

/** Adds a Reshape to `shape`. */
export const reshape = (onnx: OnnxBuilder, x: string, shape: readonly number[]) =>
  onnx.add("Reshape", [x, onnx.ints(shape)]);

/** Of [N, C, H, W]; of a vector [N, C] the channels alone are there to be read. */
export function mapExtents(shape: Shape): MapExtents {
  const [, channels, height, width] = shape as readonly [Extent, number, number, number]; // the batch alone may be a symbol
  return [channels, height, width];
}

/** What a rule gets: the node, its inputs as they were lowered, and what adds nodes. */
export interface RuleContext<K extends Op> {
  readonly onnx: OnnxBuilder;
  readonly kernels: MapKernels;
  readonly node: Node<K>;
  readonly given: readonly Value[];
}

/** What a rule gives back; the shape is the node's. */
export type Lowered = Omit<Value, "shape">;
/** The form of an operator in a training step. */
export type Rule<K extends Op> = (context: RuleContext<K>) => Lowered;

/** ONNX values in their forms. */
export const map = (onnx: string): Lowered => ({ onnx, form: "map" });
export const vector = (onnx: string): Lowered => ({ onnx, form: "vector" });
export const plain = (onnx: string): Lowered => ({ onnx, form: "plain" });
export const kernel = (onnx: string): Lowered => ({ onnx, form: "kernel" });

/** A value as a map of the layout. */
export function asMap({ kernels, onnx }: RuleContext<Op>, { onnx: x, form, shape }: Value): string {
  const extents = mapExtents(shape);
  if (form === "map") return x;
  if (form === "planes") return kernels.mapFromPlanes(x, extents);
  if (isMapShape(shape)) return kernels.mapFromPlanes(reshape(onnx, x, fixed(shape, kernels.batch)), extents);
  return kernels.mapFromVector(x, extents[0]);
}

/** The result of an operation on maps: of one pixel it is a vector. */
export const fromMap = ({ kernels, node }: RuleContext<Op>, x: string): Lowered =>
  isMapShape(node.shape) ? map(x) : vector(kernels.vectorFromMap(x, mapExtents(node.shape)[0]));

/** As [N, …rest] in the order of planes. */
export function asVector({ kernels, onnx }: RuleContext<Op>, { onnx: x, form, shape }: Value): string {
  if (form === "vector") return x;
  const planes = form === "map" ? kernels.planesFromMap(x, mapExtents(shape)) : x;
  return reshape(onnx, planes, vectorShape(shape, kernels.batch));
}
