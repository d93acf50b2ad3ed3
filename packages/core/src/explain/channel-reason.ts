/** Why a layer gives another number of channels than it gets. */
import { isOp, type Node } from "../graph/graph.js";
import type { Weights } from "../graph/model.js";
import type { Op } from "../graph/ops.js";
import { toKerasShape } from "../weights/layout.js";

/** What a layer computes with, as Keras holds it. */
export interface Operand {
  /** "mean", "variance", "scale", "offset" */
  readonly name: string;
  /** As Keras broadcasts it over NHWC. */
  readonly shape: readonly number[];
  /** Row major; undefined where the graph was traced without its weights. */
  readonly values: readonly number[] | undefined;
}

/** One plane meets as many numbers as there are channels: each number makes a plane of its own. */
export interface Broadcast {
  readonly kind: "broadcast";
  /** The first operation that broadcasts, in Keras' words: "x - mean". */
  readonly operation: string;
  /** The first one is what broadcasts. */
  readonly operands: readonly Operand[];
}

/** A convolution gives one channel per filter. */
export interface Filters {
  readonly kind: "filters";
  /** Keras' (h, w, in, out). */
  readonly kernelShape: readonly number[];
}

/** A dense layer gives one value per unit. */
export interface Units {
  readonly kind: "units";
  /** Keras' (in, out). */
  readonly kernelShape: readonly number[];
}

export type ChannelReason = Broadcast | Filters | Units;

type ReasonRule = (node: Node, inputs: readonly Node[], weights: Weights | undefined) => ChannelReason;

/** The operators that can change the number of channels in a network as Keras builds it. */
const rules: { readonly [K in Op]?: ReasonRule } = {
  Rescaling: (node) => {
    const { scale, offset } = (node as Node<"Rescaling">).attrs; // the row's operator
    const operands = Object.entries({ scale, offset }).map(([name, values]) => operand(name, [values.length], values));
    return scale.length > 1
      ? { kind: "broadcast", operation: "x * scale", operands }
      : { kind: "broadcast", operation: "x + offset", operands: operands.toReversed() };
  },
  Normalization: (_, [, mean, variance], weights) => ({
    kind: "broadcast",
    operation: "x - mean",
    operands: Object.entries({ mean: mean!, variance: variance! }).map(([name, node]) =>
      operand(name, channelsLast(node.shape as readonly number[]), valuesOf(node, weights)),
    ),
  }),
  Conv: (_, [, kernel]) => ({
    kind: "filters",
    kernelShape: toKerasShape("Conv2D", "kernel", kernel!.shape as readonly number[]),
  }),
  Gemm: (_, [, kernel]) => ({ kind: "units", kernelShape: kernel!.shape as readonly number[] }),
};

/**
 * Why the output of `node` has other channels than its first input; undefined where its operator has no reason for it.
 * `inputs` are the nodes that it reads, in order. Without weights the values of stored means are unknown.
 */
export const channelReason = (node: Node, inputs: readonly Node[], weights?: Weights): ChannelReason | undefined =>
  rules[node.op]?.(node, inputs, weights);

const operand = (name: string, shape: readonly number[], values: readonly number[] | undefined): Operand => ({
  name,
  shape,
  values,
});

/** [1, C, 1, 1] → (1, 1, 1, C) */
const channelsLast = ([n, c, h, w]: readonly number[]) => [n!, h!, w!, c!];

function valuesOf(node: Node, weights: Weights | undefined): readonly number[] | undefined {
  if (isOp(node, "Constant")) return [...Float32Array.from(node.attrs.value_floats)];
  const data = weights?.get(node.name)?.data;
  return data && [...data];
}
