/**
 * Output shape of every operator, from its attributes and the shapes of its inputs.
 * A rule throws where the inputs do not fit; `GraphBuilder.add` puts the node's name before the message.
 */
import type { Extent, Shape } from "./graph.js";
import type { ConvAttrs, Op, Ops } from "./ops.js";
import { showShape } from "./tensor.js";

type ShapeRule<K extends Op> = (attrs: Ops[K], ...inputs: readonly Shape[]) => Shape;

/** The output is shaped like the first input, and so are the others: value by value, nothing broadcasts. */
const same = (_: unknown, ...[first, ...others]: readonly Shape[]): Shape => {
  for (const other of others) requireEqual(first!, other);
  return first!;
};

export const shapeRules: { readonly [K in Op]: ShapeRule<K> } = {
  Input: ({ shape }) => shape,
  Weight: ({ shape }) => shape,

  Rescaling: ({ scale, offset }, x) => {
    const image = imageShape(x!);
    return [scale, offset].reduce<Shape>((shape, values) => broadcast(shape, [1, values.length, 1, 1]), image);
  },
  Normalization: (_, x, mean, variance) => broadcast(broadcast(imageShape(x!), mean!), variance!),
  Pad: ({ pads: [top, left, bottom, right] }, x) => {
    const [n, c, h, w] = imageShape(x!);
    return [n, c, h + top + bottom, w + left + right];
  },
  OnesPlane: (_, x) => {
    const [n, , h, w] = imageShape(x!);
    return [n, 1, h, w];
  },
  Concat: ({ axis }, ...xs) => {
    const first = xs[0]!;
    requireAxes([axis], first);
    const [rest, ...others] = xs.map((x) => x.toSpliced(axis, 1));
    for (const other of others) requireEqual(rest!, other);
    const extents = xs.map((x) => known(x[axis]!, "the concatenated axis"));
    return first.with(
      axis,
      extents.reduce((a, b) => a + b),
    );
  },

  Conv: (attrs, x, w, bias, sum) => {
    const [n, c, ...extents] = imageShape(x!);
    const [filters, perGroup, ...window] = kernelShape(w!, attrs.group);
    const needed = perGroup * attrs.group;
    if (c !== needed) {
      throw new Error(`kernel ${showShape(w!)}, group ${attrs.group} needs ${needed} channels, got ${c}`);
    }
    if (bias) requireVector("bias", bias, filters);
    const positions = extents.map((extent, axis) => convPositions(attrs, axis, extent, window[axis]!));
    const shape = [n, filters, ...positions];
    if (sum) requireEqual(shape, sum);
    return shape;
  },
  BatchNormalization: (_, x, ...vectors) => {
    const [, c] = imageShape(x!);
    for (const vector of vectors) requireVector("parameters", vector, c);
    return x!;
  },
  Relu: same,
  Clip: same,
  Sigmoid: same,
  Tanh: same,
  Silu: same,
  Softmax: same,

  GlobalAveragePool: (_, x) => [...imageShape(x!).slice(0, 2), 1, 1],
  GlobalMaxPool: (_, x) => [...imageShape(x!).slice(0, 2), 1, 1],
  Flatten: (_, x) => [x![0]!, volume(x!.slice(1))],
  Reshape: ({ shape }, x) => {
    if (volume(shape.slice(1)) !== volume(x!.slice(1)) || shape[0] !== x![0]) {
      throw new Error(`cannot reshape ${showShape(x!)} to ${showShape(shape)}, expected as many values per sample`);
    }
    return shape;
  },
  Dropout: same,

  Add: (_, a, b) => broadcast(a!, b!),
  Sub: (_, a, b) => broadcast(a!, b!),
  Mul: (_, a, b) => broadcast(a!, b!),
  Div: (_, a, b) => broadcast(a!, b!),
  Sqrt: same,
  Gemm: ({ transA, transB }, a, b, bias) => {
    for (const x of [a!, b!]) if (x.length !== 2) throw new Error(`expected matrices, got ${showShape(x)}`);
    const [rows, inner] = transA ? [a![1], a![0]] : [a![0], a![1]];
    const [needed, units] = transB ? [b![1], b![0]] : [b![0], b![1]];
    if (inner !== needed) throw new Error(`kernel ${showShape(b!)} needs ${needed} inputs, got ${showShape(a!)}`);
    if (bias) requireVector("bias", bias, units!);
    return [rows!, units!];
  },
  ReduceSum: ({ axes, keepdims }, x) => reduce(axes, keepdims, x!),
  ReduceMax: ({ axes, keepdims }, x) => reduce(axes, keepdims, x!),
  GreaterOrEqual: (_, a, b) => broadcast(a!, b!),
  Constant: ({ shape, value_floats }) => {
    const { length } = value_floats;
    if (volume(shape) !== length)
      throw new Error(`expected ${volume(shape)} values for ${showShape(shape)}, got ${length}`);
    return shape;
  },

  SoftmaxCrossEntropy: (_, logits, targets) => {
    requireEqual(logits!, targets!);
    return [];
  },
  SoftmaxCrossEntropyGrad: (_, logits, targets) => same(_, logits!, targets!),
  ConvInputGrad: ({ extents, ...attrs }, dy, w, sum) => {
    const [n] = imageShape(dy!);
    const [, perGroup] = kernelShape(w!, attrs.group);
    const shape = [n, perGroup * attrs.group, ...extents];
    requireEqual(shapeRules.Conv(attrs, shape, w!), dy!);
    if (sum) requireEqual(shape, sum);
    return shape;
  },
  ConvWeightGrad: ({ kernel, ...attrs }, x, dy) => {
    const [, channels] = imageShape(x!);
    const [, filters] = imageShape(dy!);
    const shape = [filters, channels / attrs.group, ...kernel];
    requireEqual(shapeRules.Conv(attrs, x!, shape), dy!);
    return shape;
  },
  Crop: ({ pads: [top, left, bottom, right] }, dy) => {
    const [n, c, h, w] = imageShape(dy!);
    return [n, c, h - top - bottom, w - left - right];
  },
  GlobalAveragePoolGrad: ({ extents }, dy) => [...imageShape(dy!).slice(0, 2), ...extents],
  GlobalMaxPoolGrad: (_, x, y, dy) => {
    requireEqual(shapeRules.GlobalMaxPool({}, x!), y!);
    requireEqual(y!, dy!);
    return x!;
  },
  PixelDot: (_, a, b) => {
    requireEqual(a!, b!);
    return [...imageShape(a!).slice(0, 2), 1, 1];
  },
  ImageAffine: (_, x, ...vectors) => {
    for (const vector of vectors) requireEqual([...imageShape(x!).slice(0, 2), 1, 1], vector);
    return x!;
  },
  ChannelMean: (_, x) => [imageShape(x!)[1]],
  ChannelMeanGrad: (_, x, dy) => {
    requireVector("the gradient", dy!, imageShape(x!)[1]);
    return x!;
  },
  ChannelSum: (_, dy) => [imageShape(dy!)[1]],
  ChannelDot: (_, a, b) => {
    requireEqual(a!, b!);
    return [imageShape(a!)[1]];
  },
  ChannelAffine: (_, x, ...vectors) => {
    for (const vector of vectors) requireVector("scale and shift", vector, imageShape(x!)[1]);
    return x!;
  },
  ReluGrad: same,
  ClipGrad: same,
  SigmoidGrad: same,
  TanhGrad: same,
  SiluGrad: same,
};

/** Positions of a window along one axis (0 = H, 1 = W). */
function convPositions({ pads, dilations, strides }: ConvAttrs, axis: number, extent: number, window: number): number {
  const reach = (window - 1) * dilations[axis]! + 1;
  const padded = extent + pads[axis]! + pads[axis + 2]!;
  if (padded < reach) throw new Error(`a window of ${reach} does not fit into ${padded} padded pixels`);
  return Math.floor((padded - reach) / strides[axis]!) + 1;
}

type ImageShape = readonly [Extent, number, number, number];

function imageShape(shape: Shape): ImageShape {
  if (shape.length !== 4 || shape.slice(1).includes("N")) {
    throw new Error(`expected [N, C, H, W], got ${showShape(shape)}`);
  }
  return shape as ImageShape; // rank and extents just checked
}

/** [M, C / group, k, k] */
function kernelShape(shape: Shape, group: number): readonly [number, number, number, number] {
  if (shape.length !== 4 || shape.includes("N")) {
    throw new Error(`expected a kernel [M, C, k, k], got ${showShape(shape)}`);
  }
  const kernel = shape as readonly [number, number, number, number]; // rank and extents just checked
  if (kernel[0] % group !== 0) throw new Error(`kernel ${showShape(shape)}: expected a multiple of ${group} filters`);
  return kernel;
}

function requireVector(what: string, shape: Shape, length: Extent): void {
  if (shape.length !== 1 || shape[0] !== length) {
    throw new Error(`expected ${what} of [${length}], got ${showShape(shape)}`);
  }
}

function requireEqual(expected: Shape, actual: Shape): void {
  if (showShape(actual) !== showShape(expected)) {
    throw new Error(`expected shape ${showShape(expected)}, got ${showShape(actual)}`);
  }
}

function reduce(axes: readonly number[], keepdims: 0 | 1, shape: Shape): Shape {
  if (axes.length === 0) throw new Error("expected at least one axis: ONNX takes none for all");
  requireAxes(axes, shape);
  return keepdims
    ? shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))
    : shape.filter((_, axis) => !axes.includes(axis));
}

function requireAxes(axes: readonly number[], shape: Shape): void {
  const stray = axes.find((axis) => shape[axis] === undefined);
  if (stray !== undefined) throw new Error(`axis ${stray} is none of ${showShape(shape)}`);
}

function known(extent: Extent, what: string): number {
  if (extent === "N") throw new Error(`${what} cannot be the batch`);
  return extent;
}

const volume = (shape: Shape) =>
  shape.reduce<number>((product, extent) => product * known(extent, "a counted axis"), 1);

/** NumPy's rule: aligned at the right, an extent of 1 stretches. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const at = (shape: Shape, axis: number) => shape[axis - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, axis) => {
    const [da, db] = [at(a, axis), at(b, axis)];
    if (da !== db && da !== 1 && db !== 1)
      throw new Error(`shapes ${showShape(a)} and ${showShape(b)} do not broadcast`);
    return da === 1 ? db : da;
  });
}
