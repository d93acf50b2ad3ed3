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

export interface ConvOptions {
  readonly channels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: "same" | "valid";
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
export function batchNorm(net: GraphBuilder, x: string, name: string, epsilon = 1e-3): string {
  return net.within({ name, className: "BatchNormalization" }, () => {
    const shape = [imageShape(net, x)[1]];
    const weights = ["gamma", "beta"].map((variable) => weight(net, `${name}/${variable}`, shape));
    const statistics = ["moving_mean", "moving_variance"].map((variable) =>
      statistic(net, `${name}/${variable}`, shape),
    );
    return net.add("BatchNormalization", name, [x, ...weights, ...statistics], { epsilon });
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

/** `samePads` of both axes of a map. */
export function sameImagePads(net: GraphBuilder, x: string, kernel: number, stride: number): Pads {
  const [, , height, width] = imageShape(net, x);
  const [top, bottom] = samePads(height, kernel, stride);
  const [left, right] = samePads(width, kernel, stride);
  return [top, left, bottom, right];
}

function convAttrs(net: GraphBuilder, x: string, options: Omit<ConvOptions, "channels">, group: number): Ops["Conv"] {
  const { kernel, stride = 1, padding = "same" } = options;
  const pads: Pads = padding === "valid" ? [0, 0, 0, 0] : sameImagePads(net, x, kernel, stride);
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
