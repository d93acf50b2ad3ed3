/** Keras layers shared by the models. Each adds its weights and nodes under its name and returns its output's name. */
import { GraphError } from "../errors.js";
import type { GraphBuilder } from "../graph/graph.js";
import type { Op, Ops, Pads } from "../graph/ops.js";
import { showShape } from "../graph/tensor.js";

/** An operator that acts on each value by itself, with its attributes. */
export type Activation = { readonly op: "Silu" | "Relu" | "Sigmoid" | "Tanh" | "Softmax" } | Relu6;
interface Relu6 {
  readonly op: "Clip";
  readonly min: 0;
  readonly max: 6;
}

/**
 * Where zeros go before a window of stride 2, so that there are ⌈size / 2⌉ positions or so.
 *
 *   same        TensorFlow's: ⌈size / stride⌉ positions, an odd zero goes after
 *   even        the same as if the size were even: what Keras' layers do that were declared without a size
 *   symmetric   PyTorch's: (k − 1) / 2 on either side
 */
export type Padding = "same" | "even" | "symmetric";

const paddings: { readonly [P in Padding]: (size: number, kernel: number, stride: number) => [number, number] } = {
  same: samePads,
  even: (_, kernel, stride) => samePads(2 * kernel, kernel, stride),
  symmetric: (_, kernel) => [(kernel - 1) / 2, (kernel - 1) / 2],
};

export interface BatchNormOptions {
  /** Added to the variance; default 1e-3. */
  readonly epsilon?: number;
  /** What training keeps of the running statistics at each step; default 0.99. */
  readonly momentum?: number;
}

export interface ConvOptions {
  readonly channels: number;
  readonly kernel: number;
  readonly stride?: number;
  /** Default "same". */
  readonly padding?: Padding | "valid";
  readonly bias?: boolean;
  readonly activation?: Activation;
}

/** `Conv2D`. Weights: `kernel` [channels, C, k, k], `bias` [channels]. */
export function conv(net: GraphBuilder, x: string, name: string, options: ConvOptions): string {
  const { channels, bias = false, activation } = options;
  return net.within({ name, className: "Conv2D" }, () => {
    const inputs = imageShape(net, x)[1];
    const weights = [weight(net, `${name}/kernel`, [channels, inputs, options.kernel, options.kernel])];
    if (bias) weights.push(weight(net, `${name}/bias`, [channels]));
    const output = activation ? `${name}/conv` : name;
    net.add("Conv", output, [x, ...weights], convAttrs(net, x, options, 1));
    return activation ? activate(net, output, name, activation) : output;
  });
}

/** `DepthwiseConv2D` without bias. Weights: `kernel` [C, 1, k, k]. */
export function depthwiseConv(
  net: GraphBuilder,
  x: string,
  name: string,
  options: Omit<ConvOptions, "channels" | "bias" | "activation">,
): string {
  return net.within({ name, className: "DepthwiseConv2D" }, () => {
    const channels = imageShape(net, x)[1];
    const kernel = weight(net, `${name}/kernel`, [channels, 1, options.kernel, options.kernel]);
    return net.add("Conv", name, [x, kernel], convAttrs(net, x, options, channels));
  });
}

/** `BatchNormalization`. Weights: `gamma`, `beta`, `moving_mean`, `moving_variance`, each [C]. */
export function batchNorm(net: GraphBuilder, x: string, name: string, options: BatchNormOptions = {}): string {
  const { epsilon = 1e-3, momentum = 0.99 } = options;
  return net.within({ name, className: "BatchNormalization" }, () => {
    const shape = [imageShape(net, x)[1]];
    const weights = ["gamma", "beta"].map((variable) => weight(net, `${name}/${variable}`, shape));
    const statistics = ["moving_mean", "moving_variance"].map((variable) =>
      statistic(net, `${name}/${variable}`, shape),
    );
    return net.add("BatchNormalization", name, [x, ...weights, ...statistics], { epsilon, momentum });
  });
}

/** `Dense`. Weights: `kernel` [inputs, units], `bias` [units]. */
export function dense(net: GraphBuilder, x: string, name: string, units: number, activation?: Activation): string {
  return net.within({ name, className: "Dense" }, () => {
    const shape = net.shape(x);
    if (shape.length !== 2) throw new GraphError(`${name} (Dense): expected [N, inputs], got ${showShape(shape)}`);
    const kernel = weight(net, `${name}/kernel`, [shape[1] as number, units]); // never the batch: rank 2 was checked
    const bias = weight(net, `${name}/bias`, [units]);
    const output = activation ? `${name}/logits` : name;
    net.add("Gemm", output, [x, kernel, bias], { transA: 0, transB: 0 });
    return activation ? activate(net, output, name, activation) : output;
  });
}

/** `Normalization` over the channels. Weights: `mean`, `variance` [1, C, 1, 1] and `count` [], none of them trained. */
export function normalization(net: GraphBuilder, x: string, name: string, channels: number): string {
  return net.within({ name, className: "Normalization" }, () => {
    const vectors = ["mean", "variance"].map((variable) => statistic(net, `${name}/${variable}`, [1, channels, 1, 1]));
    return net.add("Normalization", name, [x, ...vectors, statistic(net, `${name}/count`, [])], {});
  });
}

/** `Normalization` with mean and variance that are no weights. */
export function constantNormalization(
  net: GraphBuilder,
  x: string,
  name: string,
  mean: readonly number[],
  variance: readonly number[],
): string {
  return net.within({ name, className: "Normalization" }, () => {
    const vectors = Object.entries({ mean, variance }).map(([variable, value_floats]) =>
      net.add("Constant", `${name}/${variable}`, [], { shape: [1, value_floats.length, 1, 1], value_floats }),
    );
    return net.add("Normalization", name, [x, ...vectors], {});
  });
}

/** `GlobalAveragePooling2D` or `GlobalMaxPooling2D`: [N, C, H, W] → [N, C]. */
export function globalPool(net: GraphBuilder, x: string, name: string, pooling: "avg" | "max"): string {
  const [op, className] = pools[pooling];
  return net.within({ name, className }, () => {
    net.add(op, `${name}/pool`, [x], {});
    return net.add("Flatten", name, [`${name}/pool`], {});
  });
}

const pools = {
  avg: ["GlobalAveragePool", "GlobalAveragePooling2D"],
  max: ["GlobalMaxPool", "GlobalMaxPooling2D"],
} as const;

/** A layer that is one node without weights. */
export function single<K extends Op>(
  net: GraphBuilder,
  className: string,
  op: K,
  name: string,
  inputs: readonly string[],
  attrs: Ops[K],
): string {
  return net.within({ name, className }, () => net.add(op, name, inputs, attrs));
}

/** Adds an activation as a node of the layer at hand. */
export function activate(net: GraphBuilder, x: string, name: string, { op, ...attrs }: Activation): string {
  return net.add(op, name, [x], attrs as Ops[typeof op]); // the rest of an Activation is what its operator takes
}

/** Zeros [before, after] so that the output has ⌈size / stride⌉ positions; an odd one goes after, as in TensorFlow. */
export function samePads(size: number, kernel: number, stride: number): [number, number] {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** Zeros around a map before a window of stride 2: [top, left, bottom, right]. */
export const strideTwoPads = (net: GraphBuilder, x: string, kernel: number, padding: Padding): Pads =>
  mapPads(net, x, kernel, 2, padding);

function mapPads(net: GraphBuilder, x: string, kernel: number, stride: number, padding: Padding): Pads {
  const [, , height, width] = imageShape(net, x);
  const [top, bottom] = paddings[padding](height, kernel, stride);
  const [left, right] = paddings[padding](width, kernel, stride);
  return [top, left, bottom, right];
}

function convAttrs(net: GraphBuilder, x: string, options: Omit<ConvOptions, "channels">, group: number): Ops["Conv"] {
  const { kernel, stride = 1, padding = "same" } = options;
  const pads: Pads = padding === "valid" ? [0, 0, 0, 0] : mapPads(net, x, kernel, stride, padding);
  return { strides: [stride, stride], pads, dilations: [1, 1], group };
}

const weight = (net: GraphBuilder, name: string, shape: readonly number[]) =>
  net.add("Weight", name, [], { shape, trainable: true });

const statistic = (net: GraphBuilder, name: string, shape: readonly number[]) =>
  net.add("Weight", name, [], { shape, trainable: false });

/** Channels, height and width of a map. Throws `GraphError` for anything else. */
export function imageShape(net: GraphBuilder, x: string): readonly ["N", number, number, number] {
  const shape = net.shape(x);
  if (shape.length !== 4) throw new GraphError(`${x}: expected [N, C, H, W], got ${showShape(shape)}`);
  return shape as readonly ["N", number, number, number]; // rank just checked; only the batch is symbolic
}
