/**
 * The lowering of a training step: forward, loss and gradients for a fixed batch, with maps in one of the layouts of
 * `map-kernels.ts`. What the layouts do not tell apart (vectors, losses, the way from the image to the stem) is here.
 *
 * Trained weights are inputs of the ONNX graph, flat, kernels of convolutions in the layout's own order, and so are their
 * gradients: the host never needs a layout but to load and to save. Frozen weights are constants.
 */
import { GraphError } from "../errors.js";
import { type Extent, type Graph, isOp, type Node, nodesOf, type Shape } from "../graph/graph.js";
import { type Model, weightOf } from "../graph/model.js";
import type { ConvAttrs, Op } from "../graph/ops.js";
import { sizeOf, type Tensor } from "../graph/tensor.js";
import { inference } from "./inference.js";
import type { LoweringRule, OnnxGraph, OnnxValue } from "./lowering.js";
import type { KernelUse, MapExtents, MapKernels, Window } from "./map-kernels.js";
import { OnnxBuilder } from "./onnx-builder.js";

/**
 * How an ONNX value lies in memory: planes [N, C, H, W]; a map of the layout; a vector [N, …]; a flat kernel; or plainly as
 * its shape says.
 */
type Form = "planes" | "map" | "vector" | "kernel" | "plain";

interface Value {
  readonly onnx: string;
  readonly form: Form;
  /** Of the graph. */
  readonly shape: Shape;
}

export interface TrainingLowering {
  readonly onnx: OnnxGraph;
  /** Brings a trained weight into the order of its input. */
  pack(name: string, tensor: Tensor): Float32Array;
  /** A gradient, or a trained weight as it stands, in the order of the model. */
  unpack(name: string, packed: Float32Array): Tensor;
}

export interface TrainingLoweringOptions {
  /** Images of every run. */
  readonly batch: number;
  /** Weights without values in the model: they become inputs. */
  readonly trained: readonly string[];
  /** The layout. */
  readonly kernels: (onnx: OnnxBuilder, batch: number) => MapKernels;
}

/** Throws `GraphError` where the layouts have no form of a convolution: dilated, or in groups of several channels. */
export function lowerTraining(
  model: Model,
  { batch, trained, kernels: create }: TrainingLoweringOptions,
): TrainingLowering {
  const { graph } = model;
  const onnx = new OnnxBuilder();
  const kernels = create(onnx, batch);
  const uses = kernelUses(graph);
  const trainedNames = new Set(trained);
  const packed = (name: string, tensor: Tensor) => {
    const use = uses.get(name);
    return use === undefined ? tensor.data : kernels.packings[use].pack(tensor);
  };
  const unpack = (name: string, data: Float32Array): Tensor => {
    const shape = (graph.nodes.get(name) as Node<"Weight">).attrs.shape; // a trained weight
    const use = uses.get(name);
    return use === undefined ? { shape, data } : kernels.packings[use].unpack(data, shape);
  };

  const inputs: OnnxValue[] = [];
  const values = new Map<string, Value>();
  for (const node of graph.nodes.values()) {
    const { name, shape } = node;
    if (isOp(node, "Input")) {
      inputs.push({ name, shape: fixed(shape, batch) });
      values.set(name, inputValue(onnx, name, shape, batch));
    } else if (isOp(node, "Weight")) {
      const use = uses.get(name);
      const form = use === undefined ? "plain" : "kernel";
      if (!trainedNames.has(name)) {
        const tensor = weightOf(model, name);
        const data = packed(name, tensor);
        const onnxShape = use === undefined ? tensor.shape : [data.length];
        values.set(name, { onnx: onnx.weight(name, { shape: onnxShape, data }), form, shape });
        continue;
      }
      const size = packed(name, { shape: node.attrs.shape, data: new Float32Array(sizeOf(node.attrs.shape)) }).length;
      inputs.push({ name, shape: [size] });
      const flat = use === undefined ? onnx.scoped(name, () => reshape(onnx, name, fixed(shape, batch))) : name;
      values.set(name, { onnx: flat, form, shape });
    } else {
      const given = node.inputs.map((input) => values.get(input)!);
      const rule = rules[node.op as keyof typeof rules] as unknown as Rule<Op>; // the rule of this very operator
      let value: Omit<Value, "shape"> = { onnx: "", form: "plain" };
      const lowered = onnx.lower(name, () => {
        value = rule({ onnx, kernels, node, given });
        return value.onnx;
      });
      values.set(name, { form: value.form, onnx: lowered, shape });
    }
  }
  const outputs = graph.outputs.map((name) => output(onnx, kernels, values.get(name)!, name));
  const read = new Set([...onnx.nodes.flatMap((node) => node.inputs), ...outputs.map(({ name }) => name)]);
  const constants = new Map([...onnx.constants].filter(([name]) => read.has(name)));
  return { onnx: { nodes: onnx.nodes, constants, inputs, outputs }, pack: packed, unpack };
}

/** How each kernel of a convolution on maps is used; what convolves single pixels is a matrix as it stands. */
function kernelUses(graph: Graph): ReadonlyMap<string, KernelUse> {
  const planes = planeNames(graph);
  return new Map(
    nodesOf(graph, "Conv").flatMap((node): [string, KernelUse][] => {
      const [x, w] = node.inputs as [string, string];
      const shape = graph.nodes.get(x)!.shape;
      const kernel = graph.nodes.get(w)!.shape as readonly number[]; // weights have no symbolic extent
      const kind = convKind(node.name, node.attrs, kernel, shape, node.shape);
      if (kind === "matrix") return [];
      if (kind === "unfolded") return [[w, planes.has(x) ? "unfoldedPlanes" : "unfoldedMap"]];
      return [[w, kind]];
    }),
  );
}

/** What is still [N, C, H, W]: the image and what its preprocessing makes of it, and maps that are fed in. */
function planeNames(graph: Graph): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name, op, inputs, shape } of graph.nodes.values()) {
    const isImage = op === "Input" && isMapShape(shape);
    if (isImage || (planeOps.has(op) && names.has(inputs[0]!))) names.add(name);
  }
  return names;
}

const planeOps: ReadonlySet<Op> = new Set(["Rescaling", "Normalization", "OnesPlane", "Concat", "Pad"]);

type ConvKind = "matrix" | "pointwise" | "depthwise" | "unfolded";

function convKind(name: string, attrs: ConvAttrs, kernel: readonly number[], from: Shape, to: Shape): ConvKind {
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

/** [N, C, H, W] of more than one pixel; with one it is a vector. */
const isMapShape = (shape: Shape) => shape.length === 4 && shape[0] === "N" && (shape[2] !== 1 || shape[3] !== 1);

const fixed = (shape: Shape, batch: number): number[] =>
  shape.map((extent: Extent) => (extent === "N" ? batch : extent));

/** [N, …] as [N, rest]. */
const vectorShape = (shape: Shape, batch: number) => [batch, sizeOf(shape.slice(1) as readonly number[])]; // the batch is first

const reshape = (onnx: OnnxBuilder, x: string, shape: readonly number[]) => onnx.add("Reshape", [x, onnx.ints(shape)]);

function inputValue(onnx: OnnxBuilder, name: string, shape: Shape, batch: number): Value {
  if (isMapShape(shape)) return { onnx: name, form: "planes", shape };
  if (shape[0] !== "N") return { onnx: name, form: "plain", shape };
  const isFlat = shape.length === 2;
  const vector = isFlat ? name : onnx.scoped(name, () => reshape(onnx, name, vectorShape(shape, batch)));
  return { onnx: vector, form: "vector", shape };
}

/** Outputs are as the graph says, but that gradients of kernels stay flat. */
function output(onnx: OnnxBuilder, kernels: MapKernels, value: Value, name: string): OnnxValue {
  const { form, shape } = value;
  const plain = fixed(shape, kernels.batch);
  const move = {
    map: (x: string) => kernels.planesFromMap(x, mapExtents(shape)),
    vector: shape.length === 2 ? undefined : (x: string) => reshape(onnx, x, plain),
    planes: undefined,
    kernel: undefined,
    plain: undefined,
  }[form];
  if (!move) named(onnx, value.onnx, name);
  else if (value.onnx === name) onnx.rename(name, move);
  else onnx.lower(name, () => move(value.onnx));
  return { name, shape: form === "kernel" ? [`${name}:size`] : plain };
}

/** A value under the name of its output; one that is another node's (after the identity) is copied. */
function named(onnx: OnnxBuilder, value: string, name: string): string {
  if (value !== name) onnx.lower(name, () => onnx.add("Identity", [value]));
  return name;
}

const mapExtents = (shape: Shape) => shape.slice(1) as unknown as MapExtents; // [N, C, H, W]

interface RuleContext<K extends Op> {
  readonly onnx: OnnxBuilder;
  readonly kernels: MapKernels;
  readonly node: Node<K>;
  readonly given: readonly Value[];
}

type Lowered = Omit<Value, "shape">;
type Rule<K extends Op> = (context: RuleContext<K>) => Lowered;

const map = (onnx: string): Lowered => ({ onnx, form: "map" });
const vector = (onnx: string): Lowered => ({ onnx, form: "vector" });
const plain = (onnx: string): Lowered => ({ onnx, form: "plain" });
const kernel = (onnx: string): Lowered => ({ onnx, form: "kernel" });

/** A value as a map of the layout. */
function asMap({ kernels, onnx }: RuleContext<Op>, { onnx: x, form, shape }: Value): string {
  const extents = mapExtents(shape);
  if (form === "map") return x;
  if (form === "planes") return kernels.mapFromPlanes(x, extents);
  if (isMapShape(shape)) return kernels.mapFromPlanes(reshape(onnx, x, fixed(shape, kernels.batch)), extents);
  return kernels.mapFromVector(x, extents[0]);
}

/** The result of an operation on maps: of one pixel it is a vector. */
const fromMap = ({ kernels, node }: RuleContext<Op>, x: string): Lowered =>
  isMapShape(node.shape) ? map(x) : vector(kernels.vectorFromMap(x, mapExtents(node.shape)[0]));

/** As [N, …rest] in the order of planes. */
function asVector({ kernels, onnx }: RuleContext<Op>, { onnx: x, form, shape }: Value): string {
  if (form === "vector") return x;
  const planes = form === "map" ? kernels.planesFromMap(x, mapExtents(shape)) : x;
  return reshape(onnx, planes, vectorShape(shape, kernels.batch));
}

/** An operation on each value by itself: the layout does not matter, as long as all inputs have the same one. */
const elementwise =
  <K extends Op>(rule: LoweringRule<K> | "silu"): Rule<K> =>
  (context) => {
    const { onnx, kernels, node, given } = context;
    const form = given.find((value) => value.form === "map")?.form ?? given[0]!.form;
    const inputs = form === "map" ? given.map((value) => asMap(context, value)) : given.map((value) => value.onnx);
    if (rule === "silu") return { onnx: form === "map" ? kernels.silu(inputs[0]!) : siluOf(onnx, inputs[0]!), form };
    return {
      onnx: rule(
        onnx,
        node,
        inputs,
        given.map((value) => value.shape),
      ),
      form,
    };
  };

const siluOf = (onnx: OnnxBuilder, x: string) => onnx.add("Mul", [x, onnx.add("Sigmoid", [x])]);

/** As the exported file has it; on planes, vectors or plain values. */
const asExported =
  <K extends Exclude<Op, "Input" | "Weight">>(op: K, form: Form): Rule<K> =>
  ({ onnx, node, given }) => {
    const rule = inference[op] as LoweringRule<K>; // of rows that are not null
    return {
      onnx: rule(
        onnx,
        node,
        given.map((value) => value.onnx),
        given.map((value) => value.shape),
      ),
      form,
    };
  };

/** Add, Sub, Mul and Div of two: maps by maps, vectors by vectors, maps by what an image or a channel of it has one of. */
const binary =
  (op: "Add" | "Sub" | "Mul" | "Div"): Rule<"Add" | "Sub" | "Mul" | "Div"> =>
  (context) => {
    const { onnx, kernels, node, given } = context;
    const [a, b] = given as [Value, Value];
    if (!isMapShape(node.shape)) {
      const form = given.find((value) => value.form === "vector" || value.form === "kernel")?.form ?? "plain";
      return { onnx: onnx.add(op, [a.onnx, b.onnx]), form };
    }
    const [whole, other] = isMapShape(a.shape) ? [a, b] : [b, a];
    if (isMapShape(other.shape)) return map(onnx.add(op, [asMap(context, a), asMap(context, b)]));
    const single = sizeOf(fixed(other.shape, 1)) === 1 && other.form === "plain";
    if (single)
      return map(
        onnx.add(
          op,
          [asMap(context, a), asMap(context, b)].map((x, i) => (given[i] === other ? other.onnx : x)),
        ),
      );
    if (op !== "Mul") throw new GraphError(`${node.name} (${op}): of a map and a vector, has no form for training`);
    const extents = mapExtents(node.shape);
    const gate = other.shape[1] === 1 && extents[0] !== 1 ? widen(context, other.onnx, extents[0]) : other.onnx;
    return map(kernels.imageAffine(asMap(context, whole), gate, undefined, extents));
  };

/** One number an image, [N, 1], as one a channel. */
const widen = ({ onnx, kernels }: RuleContext<Op>, v: string, channels: number) =>
  onnx.add("Expand", [v, onnx.ints([kernels.batch, channels])]);

/** The geometry of a convolution between two maps. */
const windowOf = (attrs: ConvAttrs, kernelShape: readonly number[], from: Shape, to: Shape): Window => ({
  kernel: kernelShape.slice(2) as unknown as Window["kernel"], // [M, C, k, k]
  strides: attrs.strides,
  pads: attrs.pads,
  from: from.slice(2) as unknown as Window["from"], // [N, C, H, W]
  to: to.slice(2) as unknown as Window["to"],
});

function convolution(context: RuleContext<"Conv">): Lowered {
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

function convInputGrad(context: RuleContext<"ConvInputGrad">): Lowered {
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

function convWeightGrad(context: RuleContext<"ConvWeightGrad">): Lowered {
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

/** γ/√(σ² + ε) and β − μ·γ/√(σ² + ε): what a normalization does to each channel. */
function batchNormalization(context: RuleContext<"BatchNormalization">): Lowered {
  const { onnx, kernels, node, given } = context;
  const [x, gamma, beta, mean, variance] = given as [Value, Value, Value, Value, Value];
  const shifted = onnx.add("Add", [variance.onnx, onnx.floats([], [node.attrs.epsilon])]);
  const scale = onnx.add("Div", [gamma.onnx, onnx.add("Sqrt", [shifted])]);
  const shift = onnx.add("Sub", [beta.onnx, onnx.add("Mul", [mean.onnx, scale])]);
  return fromMap(context, kernels.channelAffine(asMap(context, x), scale, shift, mapExtents(node.shape)));
}

/** The number of values behind each channel's mean. */
const perChannel = ({ kernels, given: [x] }: RuleContext<Op>) => {
  const [, height, width] = mapExtents(x!.shape);
  return kernels.batch * height * width;
};

const channelDot = (context: RuleContext<Op>, a: string, b: string): string => {
  const { onnx, kernels, given } = context;
  return onnx.add("ReduceSum", [kernels.pixelDot(a, b, mapExtents(given[0]!.shape)), onnx.ints([0])], { keepdims: 0 });
};

const rules: { readonly [K in Exclude<Op, "Input" | "Weight">]: Rule<K> } = {
  Rescaling: asExported("Rescaling", "planes"),
  Normalization: asExported("Normalization", "planes"),
  Pad: asExported("Pad", "planes"),
  OnesPlane: asExported("OnesPlane", "planes"),
  Concat: asExported("Concat", "planes"),

  Conv: convolution,
  BatchNormalization: batchNormalization,
  Relu: elementwise(inference.Relu!),
  Clip: elementwise(inference.Clip!),
  Sigmoid: elementwise(inference.Sigmoid!),
  Tanh: elementwise(inference.Tanh!),
  Silu: elementwise("silu"),
  Softmax: asExported("Softmax", "vector"),

  GlobalAveragePool: (context) =>
    vector(context.kernels.averagePool(asMap(context, context.given[0]!), mapExtents(context.given[0]!.shape))),
  GlobalMaxPool: (context) =>
    vector(context.kernels.maxPool(asMap(context, context.given[0]!), mapExtents(context.given[0]!.shape))),
  Flatten: (context) => vector(asVector(context, context.given[0]!)),
  Reshape: (context) =>
    context.node.shape[0] === "N"
      ? vector(asVector(context, context.given[0]!))
      : plain(reshape(context.onnx, context.given[0]!.onnx, context.node.shape as readonly number[])), // no batch
  Dropout: ({ given: [x] }) => x!,

  Add: binary("Add"),
  Sub: binary("Sub"),
  Mul: binary("Mul"),
  Div: binary("Div"),
  Sqrt: elementwise(inference.Sqrt!),
  Gemm: (context) => {
    const { onnx, node, given } = context;
    const inputs = given.map(({ onnx: x }) => x);
    return { onnx: onnx.add("Gemm", inputs, { ...node.attrs }), form: node.shape[0] === "N" ? "vector" : "plain" };
  },
  ReduceSum: asExported("ReduceSum", "plain"),
  Constant: asExported("Constant", "plain"),

  SoftmaxCrossEntropy: asExported("SoftmaxCrossEntropy", "plain"),
  SoftmaxCrossEntropyGrad: asExported("SoftmaxCrossEntropyGrad", "vector"),
  ConvInputGrad: convInputGrad,
  ConvWeightGrad: convWeightGrad,
  Crop: (context) => {
    const { onnx, kernels, node, given } = context;
    const [top, left] = node.attrs.pads;
    const [, height, width] = mapExtents(node.shape);
    const planes = reshape(onnx, asVector(context, given[0]!), fixed(given[0]!.shape, kernels.batch));
    const bounds = [
      [top, left],
      [top + height, left + width],
      [2, 3],
    ].map((values) => onnx.ints(values));
    return { onnx: onnx.add("Slice", [planes, ...bounds]), form: isMapShape(node.shape) ? "planes" : "vector" };
  },
  GlobalAveragePoolGrad: (context) => {
    const { onnx, kernels, node, given } = context;
    const extents = mapExtents(node.shape);
    const share = onnx.add("Mul", [given[0]!.onnx, onnx.floats([], [1 / (extents[1] * extents[2])])]);
    return isMapShape(node.shape) ? map(kernels.spread(share, extents)) : vector(share);
  },
  GlobalMaxPoolGrad: (context) => {
    const { onnx, kernels, node, given } = context;
    const [x, y, dy] = given as [Value, Value, Value];
    const extents = mapExtents(node.shape);
    if (!isMapShape(node.shape)) return vector(onnx.add("Identity", [dy.onnx]));
    const values = asMap(context, x);
    const isLargest = onnx.add("Equal", [values, kernels.spread(y.onnx, extents)]);
    const ones = onnx.add("Where", [isLargest, onnx.floats([], [1]), onnx.floats([], [0])]);
    const share = onnx.add("Div", [dy.onnx, kernels.pixelDot(ones, ones, extents)]);
    return map(kernels.imageAffine(ones, share, undefined, extents));
  },
  PixelDot: (context) => {
    const [a, b] = context.given as [Value, Value];
    return vector(context.kernels.pixelDot(asMap(context, a), asMap(context, b), mapExtents(a.shape)));
  },
  ImageAffine: (context) => {
    const [x, scale, shift] = context.given as [Value, Value, Value];
    const extents = mapExtents(context.node.shape);
    return fromMap(context, context.kernels.imageAffine(asMap(context, x), scale.onnx, shift.onnx, extents));
  },
  ChannelMean: (context) => {
    const { onnx, kernels, given } = context;
    const sum = kernels.channelSum(asMap(context, given[0]!), mapExtents(given[0]!.shape));
    return plain(onnx.add("Mul", [sum, onnx.floats([], [1 / perChannel(context)])]));
  },
  ChannelMeanGrad: (context) => {
    const { onnx, kernels, given, node } = context;
    const share = onnx.add("Mul", [given[1]!.onnx, onnx.floats([], [1 / perChannel(context)])]);
    const rows = onnx.add("Expand", [share, onnx.ints([kernels.batch, mapExtents(node.shape)[0]])]);
    return isMapShape(node.shape) ? map(kernels.spread(rows, mapExtents(node.shape))) : vector(rows);
  },
  ChannelSum: (context) =>
    context.given[0]!.form === "vector"
      ? plain(context.onnx.add("ReduceSum", [context.given[0]!.onnx, context.onnx.ints([0])], { keepdims: 0 }))
      : plain(context.kernels.channelSum(asMap(context, context.given[0]!), mapExtents(context.given[0]!.shape))),
  ChannelDot: (context) => {
    const [a, b] = context.given.map((value) => asMap(context, value)) as [string, string];
    return plain(channelDot(context, a, b));
  },
  ChannelAffine: (context) => {
    const [x, scale, shift] = context.given as [Value, Value, Value];
    const extents = mapExtents(context.node.shape);
    return fromMap(context, context.kernels.channelAffine(asMap(context, x), scale.onnx, shift.onnx, extents));
  },

  ReluGrad: elementwise(inference.ReluGrad!),
  ClipGrad: elementwise(inference.ClipGrad!),
  SigmoidGrad: elementwise(inference.SigmoidGrad!),
  TanhGrad: elementwise(inference.TanhGrad!),
  SiluGrad: elementwise(inference.SiluGrad!),
};
