/** Keras' layout of a layer's variables and ours, both ways. Only those in the table differ. */
import { WeightsError } from "../errors.js";
import { showShape, type Tensor } from "../graph/tensor.js";

/** Where the axes of the result come from; "new" is an axis of extent 1. A source axis not listed has extent 1. */
type Axes = readonly (number | "new")[];

interface Layout {
  /** Number of axes in Keras. */
  readonly kerasRank: number;
  /** Number of axes in ours. */
  readonly rank: number;
  readonly fromKeras: Axes;
  readonly toKeras: Axes;
}

/** [C] → [1, C, 1, 1], which broadcasts over NCHW as Keras' broadcasts over NHWC. */
const perChannel: Layout = { kerasRank: 1, rank: 4, fromKeras: ["new", 0, "new", "new"], toKeras: [1] };

const layouts: Readonly<Record<string, Layout>> = {
  /** (h, w, in, out) ↔ [out, in, h, w] */
  "Conv2D/kernel": { kerasRank: 4, rank: 4, fromKeras: [3, 2, 0, 1], toKeras: [2, 3, 1, 0] },
  /** (h, w, C, 1) ↔ [C, 1, h, w], a convolution in C groups */
  "DepthwiseConv2D/kernel": { kerasRank: 4, rank: 4, fromKeras: [2, 3, 0, 1], toKeras: [2, 3, 0, 1] },
  "Normalization/mean": perChannel,
  "Normalization/variance": perChannel,
};

/**
 * A variable of a layer of Keras' class `className` in our layout; exact. The same tensor where the layouts agree.
 * Throws `WeightsError` if it has another number of axes than the class gives it.
 */
export function fromKeras(className: string, variable: string, tensor: Tensor): Tensor {
  const layout = layoutOf(className, variable);
  if (!layout) return tensor;
  requireRank(className, variable, tensor.shape, layout.kerasRank);
  return rearrange(tensor, layout.fromKeras);
}

/** The inverse of `fromKeras`. */
export function toKeras(className: string, variable: string, tensor: Tensor): Tensor {
  const layout = layoutOf(className, variable);
  if (!layout) return tensor;
  requireRank(className, variable, tensor.shape, layout.rank);
  return rearrange(tensor, layout.toKeras);
}

/** The shape that `toKeras` gives a tensor of this shape. */
export function toKerasShape(className: string, variable: string, shape: readonly number[]): readonly number[] {
  const layout = layoutOf(className, variable);
  if (!layout) return shape;
  requireRank(className, variable, shape, layout.rank);
  return shapeOf(shape, layout.toKeras);
}

const layoutOf = (className: string, variable: string): Layout | undefined =>
  Object.hasOwn(layouts, `${className}/${variable}`) ? layouts[`${className}/${variable}`] : undefined;

function requireRank(className: string, variable: string, shape: readonly number[], rank: number): void {
  if (shape.length === rank) return;
  throw new WeightsError(`${className} ${variable}: expected ${rank} axes, got ${shape.length}: ${showShape(shape)}`);
}

const shapeOf = (shape: readonly number[], axes: Axes): readonly number[] =>
  axes.map((axis) => (axis === "new" ? 1 : shape[axis]!));

/** The tensor with its axes in another order. */
export function rearrange({ shape, data }: Tensor, axes: Axes): Tensor {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1));
  const steps = axes.map((axis) => (axis === "new" ? 0 : strides[axis]!));
  const extents = shapeOf(shape, axes);
  const position = extents.map(() => 0);
  const result = new Float32Array(data.length);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from]!;
    // Counts up like an odometer: the last axis fastest, each full turn carries into the axis before.
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++position[axis]! < extents[axis]!) break;
      from -= steps[axis]! * extents[axis]!;
      position[axis] = 0;
    }
  }
  return { shape: extents, data: result };
}
