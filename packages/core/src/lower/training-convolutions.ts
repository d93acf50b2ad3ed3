/** Convolutions of a training step and their gradients, by the kinds that the layouts have a fast form of. */
import { GraphError } from "../errors.js";
import type { Shape } from "../graph/graph.js";
import type { ConvAttrs, Op, Pair } from "../graph/ops.js";
import { sizeOf } from "../graph/tensor.js";
import type { Window } from "./map-kernels.js";
import {
  asMap,
  fromMap,
  isMapShape,
  kernel,
  type Lowered,
  mapExtents,
  plain,
  type RuleContext,
  reshape,
  type Value,
  vector,
} from "./training-value.js";

type ConvKind = "matrix" | "pointwise" | "depthwise" | "unfolded";

/**
 * The form of a convolution between `from` and `to` by a kernel [M, C / group, k, k]: a product of single pixels, a 1×1 one, one a
 * channel, or any other by unfolding. Throws `GraphError` for one that is dilated, or in groups of several channels.
 */
export function convKind(name: string, attrs: ConvAttrs, kernel: readonly number[], from: Shape, to: Shape): ConvKind {
  const [filters, perGroup, ...window] = kernel as readonly [number, number, number, number];
  const isPlain = attrs.group === 1;
  const isSingle = sizeOf(window) === 1 && attrs.strides.every((stride) => stride === 1);
  if (attrs.dilations.some((step) => step !== 1) || (!isPlain && (perGroup !== 1 || filters !== attrs.group))) {
    throw new GraphError(
      `${name} (Conv): group ${attrs.group}, dilations ${attrs.dilations}: has no form for training`,
    );
  }
  if (!isPlain) return "depthwise";
  if (!isSingle) return "unfolded";
  return isMapShape(from) || isMapShape(to) ? "pointwise" : "matrix";
}

/** The geometry of a convolution between two maps. */
function windowOf({ strides, pads }: ConvAttrs, kernelShape: readonly number[], from: Shape, to: Shape): Window {
  const [kernel, before, after] = [kernelShape, from, to].map((shape) => {
    const [, height, width] = mapExtents(shape);
    return [height, width] as const;
  }) as [Pair, Pair, Pair]; // of three
  return { kernel, strides, pads, from: before, to: after };
}

/** x ∗ w + bias + sum. */
export function convolution(context: RuleContext<"Conv">): Lowered {
  const { onnx, kernels, node, given } = context;
  const [x, w, bias, sum] = given as [Value, Value, Value?, Value?];
  const shape = w.shape as readonly number[]; // a kernel
  const kind = convKind(node.name, node.attrs, shape, x.shape, node.shape);
  const extents = mapExtents(node.shape);
  const window = windowOf(node.attrs, shape, x.shape, node.shape);
  const added = { bias: bias?.onnx, sum: sum && asMap(context, sum) };
  if (kind === "matrix") {
    const weights = reshape(onnx, w.onnx, [shape[0]!, shape[1]!]);
    const y = onnx.add("Gemm", [x.onnx, weights, ...(bias ? [bias.onnx] : [])], { transB: 1 });
    return vector(sum ? onnx.add("Add", [y, sum.onnx]) : y);
  }
  if (kind === "depthwise") {
    const y = kernels.depthwise({ x: asMap(context, x), w: w.onnx, bias: bias?.onnx }, extents[0], window);
    return fromMap(context, added.sum === undefined ? y : onnx.add("Add", [y, added.sum]));
  }
  if (kind === "pointwise") {
    return fromMap(context, kernels.pointwise({ x: asMap(context, x), w: w.onnx, ...added }, shape[1]!, extents));
  }
  const unfolded = unfold(context, x, window);
  return fromMap(context, kernels.pointwise({ x: unfolded.x, w: w.onnx, ...added }, unfolded.channels, extents));
}

function unfold(context: RuleContext<Op>, x: Value, window: Window) {
  const [channels] = mapExtents(x.shape);
  return x.form === "planes"
    ? context.kernels.unfoldPlanes(x.onnx, channels, window)
    : context.kernels.unfoldMap(asMap(context, x), channels, window);
}

/** The gradient by x, from dy and w: a convolution with the taps reversed; plus a sum. */
export function convInputGrad(context: RuleContext<"ConvInputGrad">): Lowered {
  const { onnx, kernels, node, given } = context;
  const [dy, w, sum] = given as [Value, Value, Value?];
  const shape = w.shape as readonly number[]; // a kernel
  const kind = convKind(node.name, node.attrs, shape, node.shape, dy.shape);
  const [filters, channels] = shape as readonly [number, number];
  const window = windowOf(node.attrs, shape, node.shape, dy.shape);
  const before = sum && asMap(context, sum);
  if (kind === "matrix") {
    const dx = onnx.add("Gemm", [dy.onnx, reshape(onnx, w.onnx, [filters, channels])]);
    return vector(sum ? onnx.add("Add", [dx, sum.onnx]) : dx);
  }
  const after = asMap(context, dy);
  if (kind === "pointwise") {
    return fromMap(
      context,
      kernels.pointwiseInputGrad({ x: after, w: w.onnx, sum: before }, channels, mapExtents(dy.shape)),
    );
  }
  if (kind === "depthwise") {
    const dx = kernels.depthwiseInputGrad(after, w.onnx, filters, window);
    return fromMap(context, before === undefined ? dx : onnx.add("Add", [dx, before]));
  }
  const spread = kernels.spreadForInputGrad(after, filters, window);
  const unfolded = kernels.unfoldMap(spread.dy, filters, spread.window);
  const reversed = kernels.reverseUnfolded(w.onnx, filters, channels, window.kernel);
  const io = { x: unfolded.x, w: reversed, sum: before };
  return fromMap(context, kernels.pointwise(io, unfolded.channels, mapExtents(node.shape)));
}

/** The gradient by w, from x and dy, flat in the layout's order. */
export function convWeightGrad(context: RuleContext<"ConvWeightGrad">): Lowered {
  const { onnx, kernels, node, given } = context;
  const [x, dy] = given as [Value, Value];
  const shape = node.shape as readonly number[]; // a kernel
  const kind = convKind(node.name, node.attrs, shape, x.shape, dy.shape);
  if (kind === "matrix") return plain(reshape(onnx, onnx.add("Gemm", [dy.onnx, x.onnx], { transA: 1 }), shape));
  const window = windowOf(node.attrs, shape, x.shape, dy.shape);
  const after = asMap(context, dy);
  const extents = mapExtents(dy.shape);
  if (kind === "pointwise") return kernel(kernels.pointwiseWeightGrad(asMap(context, x), after, shape[1]!, extents));
  if (kind === "depthwise") return kernel(kernels.depthwiseWeightGrad(asMap(context, x), after, shape[0]!, window));
  const unfolded = unfold(context, x, window);
  return kernel(kernels.pointwiseWeightGrad(unfolded.x, after, unfolded.channels, extents));
}
