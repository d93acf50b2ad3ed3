/**
 * Every class of Keras that grayling reads, with what it becomes. Shapes are ours, [N, C, H, W] and [N, C]; Keras' are
 * channels last. What is in no row is refused by name.
 */
import * as v from "valibot";
import type { Extent, GraphBuilder, Shape } from "../../graph/graph.js";
import { activate, single } from "../layers.js";
import { ActivationOption, requireFlatSoftmax } from "./activations.js";
import { ChannelsLast, Count, type LayerCall, type LayerRule, only, rule } from "./layer-options.js";
import { conv2d, dense, depthwiseConv2d, zeroPadding2d } from "./read-convolutions.js";
import { addAffine, batchNormalization, kerasNormalization, rescaling, tfOpLambda } from "./read-normalizations.js";

export interface LayerRow {
  readonly add: LayerRule;
  /** How many tensors it reads; default one. */
  readonly inputs?: "many";
  /** Options of the call that the rule itself reads. */
  readonly callOptions?: readonly string[];
}

const activation = rule({ activation: ActivationOption }, ({ activation }, call) => {
  const { net, name, inputs } = call;
  if (!activation) return passThrough(call, "changes nothing");
  requireFlatSoftmax(net, inputs[0]!, activation);
  return net.within({ name, className: "Activation" }, () => activate(net, inputs[0]!, name, activation));
});

const relu = rule(
  { max_value: v.nullish(v.pipe(v.number(), v.gtValue(0))), negative_slope: only(0), threshold: only(0) },
  ({ max_value: max }, { net, name, inputs }) =>
    max === undefined || max === null
      ? single(net, "ReLU", "Relu", name, inputs, {})
      : single(net, "ReLU", "Clip", name, inputs, { min: 0, max }),
);

const softmax = rule({ axis: only(-1) }, (_, { net, name, inputs }) => {
  requireFlatSoftmax(net, inputs[0]!, { op: "Softmax" });
  return single(net, "Softmax", "Softmax", name, inputs, {});
});

/** At 1 nothing would be left. */
const Rate = v.pipe(v.number(), v.minValue(0), v.ltValue(1));

const dropout = rule(
  { rate: Rate, noise_shape: v.nullish(v.array(v.nullable(v.number()))) },
  ({ rate, noise_shape: shape }, { net, name, inputs }) => {
    const rank = net.shape(inputs[0]!).length;
    const isSample = shape?.length === rank && shape.every((extent, axis) => extent === (axis === 0 ? null : 1));
    if (shape && !isSample && shape.some((extent) => extent !== null)) {
      throw new Error("noise_shape: expected none, or null for the batch and else 1");
    }
    return single(net, "Dropout", "Dropout", name, inputs, { rate, noise: isSample ? "sample" : "element" });
  },
);

const pool = (op: "GlobalAveragePool" | "GlobalMaxPool", className: string): LayerRule =>
  rule({ data_format: ChannelsLast, keepdims: v.nullish(v.boolean(), false) }, ({ keepdims }, { net, name, inputs }) =>
    net.within({ name, className }, () => {
      if (keepdims) return net.add(op, name, inputs, {});
      return net.add("Flatten", name, [net.add(op, `${name}/pool`, inputs, {})], {});
    }),
  );

/** A map of more than one pixel and channel lies otherwise in Keras; what then becomes of it is in `flatten-order.ts`. */
const flatten = rule({ data_format: ChannelsLast }, (_, { net, name, inputs }) =>
  single(net, "Flatten", "Flatten", name, inputs, {}),
);

const reshape = rule(
  { target_shape: v.pipe(v.array(v.union([Count, v.literal(-1)])), v.minLength(1), v.maxLength(3)) },
  ({ target_shape: target }, { net, name, inputs }) => {
    const from = net.shape(inputs[0]!);
    const shape = channelsFirst(filled(target, from));
    if (shape.length === 3) throw new Error("expected one or three axes beside the batch, got two");
    const isSame = shape.join() === from.join();
    if (!isSame && !(hasOneOrder(from) && hasOneOrder(shape))) {
      throw new Error("from or to a map of more than one pixel and channel: values would have to change places");
    }
    return single(net, "Reshape", "Reshape", name, inputs, { shape });
  },
);

/** Whether values lie in the same order channels first and last. */
export const hasOneOrder = ([, channels, ...pixels]: Shape): boolean =>
  channels === 1 || pixels.every((extent) => extent === 1);

/** The −1 is what is left. */
function filled(target: readonly number[], from: Shape): number[] {
  const product = (extents: readonly Extent[]) => extents.reduce<number>((all, extent) => all * Number(extent), 1);
  const known = product(target.filter((extent) => extent !== -1));
  return target.map((extent) => (extent === -1 ? product(from.slice(1)) / known : extent));
}

const channelsFirst = (extents: readonly number[]): Shape => ["N", extents.at(-1)!, ...extents.slice(0, -1)];

const add: LayerRow = { inputs: "many", add: rule({}, (_, call) => joined(call, "Add", "add")) };
const multiply: LayerRow = { inputs: "many", add: rule({}, (_, call) => joined(call, "Mul", "multiply")) };
const subtract: LayerRow = {
  // `255 - x` is something else than `x - 255`.
  add: rule({}, (_, call) => addAffine(call, call.startsWithConstant ? "subtractFrom" : "subtract", call.constants[0])),
};
const divide: LayerRow = {
  add: rule({}, (_, call) => {
    if (call.startsWithConstant) throw new Error("divide: expected x first, got a constant");
    return addAffine(call, "divide", call.constants[0]);
  }),
};

/** Of two or more tensors of one rank, pair by pair; or, where Keras 3 writes arithmetic, of one and a constant. */
function joined(call: LayerCall, op: "Add" | "Mul", operation: "add" | "multiply"): string {
  const { net, name, inputs, constants } = call;
  if (inputs.length === 1 && constants.length === 1) return addAffine(call, operation, constants[0]);
  requireRank(net, inputs);
  if (inputs.length < 2 || constants.length > 0) throw new Error("expected two tensors or more");
  return net.within({ name, className: op === "Add" ? "Add" : "Multiply" }, () =>
    inputs
      .slice(1)
      .reduce(
        (sum, input, n) => net.add(op, n === inputs.length - 2 ? name : `${name}/${n}`, [sum, input], {}),
        inputs[0]!,
      ),
  );
}

function requireRank(net: GraphBuilder, inputs: readonly string[]): void {
  const ranks = new Set(inputs.map((input) => net.shape(input).length));
  if (ranks.size > 1) throw new Error("expected maps, or vectors, got both");
}

const concatenate = rule(
  { axis: v.optional(v.pipe(v.number(), v.integer()), -1) },
  ({ axis }, { net, name, inputs }) => {
    requireRank(net, inputs);
    const rank = net.shape(inputs[0]!).length;
    const from0 = axis < 0 ? axis + rank : axis;
    if (from0 < 1 || from0 >= rank) throw new Error(`axis ${axis}, expected one of the axes beside the batch`);
    return single(net, "Concatenate", "Concat", name, inputs, { axis: from0 === rank - 1 ? 1 : from0 + 1 });
  },
);

/** A layer that the graph does not need. */
function passThrough({ inputs, subject, note }: LayerCall, why: string): string {
  note(`${subject} ${why}: left out`);
  return inputs[0]!;
}

// Keras 3 itself writes training = true at their call, and predict() overrides it.
const inTraining: LayerRow = {
  add: (call) => passThrough(call, "acts in training only"),
  callOptions: ["training"],
};

/** Layers, by Keras' class. */
const layers: Readonly<Record<string, LayerRow>> = {
  Rescaling: { add: rescaling },
  Normalization: { add: kerasNormalization },
  ZeroPadding2D: { add: zeroPadding2d },
  Conv2D: { add: conv2d },
  DepthwiseConv2D: { add: depthwiseConv2d },
  BatchNormalization: { add: batchNormalization },
  Activation: { add: activation },
  ReLU: { add: relu },
  Softmax: { add: softmax },
  GlobalAveragePooling2D: { add: pool("GlobalAveragePool", "GlobalAveragePooling2D") },
  GlobalMaxPooling2D: { add: pool("GlobalMaxPool", "GlobalMaxPooling2D") },
  Flatten: { add: flatten },
  Reshape: { add: reshape },
  Dropout: { add: dropout },
  Dense: { add: dense },
  Add: add,
  Multiply: multiply,
  Concatenate: { inputs: "many", add: concatenate },
  TFOpLambda: { add: tfOpLambda, callOptions: ["y", "name"] },

  SpatialDropout2D: inTraining,
  GaussianDropout: inTraining,
  GaussianNoise: inTraining,
  ActivityRegularization: inTraining,
  RandomBrightness: inTraining,
  RandomContrast: inTraining,
  RandomFlip: inTraining,
  RandomRotation: inTraining,
  RandomTranslation: inTraining,
  RandomZoom: inTraining,
};

/** Keras 3's arithmetic between layers, by class in `keras.src.ops.numpy`. */
const operations: Readonly<Record<string, LayerRow>> = {
  Add: add,
  Multiply: multiply,
  Subtract: subtract,
  Divide: divide,
  TrueDivide: divide,
};

/** The row of a class, undefined where there is none. */
export function layerRow(className: string, module: string | undefined): LayerRow | undefined {
  const table = module?.startsWith("keras.src.ops.") ? operations : layers;
  return Object.hasOwn(table, className) ? table[className] : undefined;
}
