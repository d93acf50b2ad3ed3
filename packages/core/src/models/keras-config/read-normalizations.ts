/** Keras' normalizations and rescalings as nodes, and the arithmetic with constants that is a rescaling. */
import * as v from "valibot";
import type { GraphBuilder } from "../../graph/graph.js";
import { batchNorm, constantNormalization, imageShape, normalization, single } from "../layers.js";
import { ChannelAxis, ChannelNumbers, type LayerCall, maximumNumbers, only, rule } from "./layer-options.js";

/** The last axis of what Keras sees, by its own number or from behind. */
function requireChannelAxis(net: GraphBuilder, x: string, axis: number): void {
  const last = net.shape(x).length - 1;
  if (axis !== -1 && axis !== last) throw new Error(`axis ${axis}, expected the channels, ${last}`);
}

export const batchNormalization = rule(
  {
    axis: v.optional(ChannelAxis, -1),
    momentum: v.optional(v.number(), 0.99),
    epsilon: v.optional(v.pipe(v.number(), v.minValue(0)), 1e-3),
    center: only(true),
    scale: only(true),
    fused: v.optional(v.unknown()),
    synchronized: v.optional(v.unknown()),
    renorm: only(false),
    renorm_clipping: v.optional(v.unknown()),
    renorm_momentum: v.optional(v.unknown()),
    virtual_batch_size: v.nullish(v.never()),
  },
  ({ axis, momentum, epsilon }, { net, name, inputs }) => {
    const [x] = inputs as [string]; // counted before
    requireChannelAxis(net, x, axis);
    const shape = net.shape(x);
    if (shape.length === 4) return batchNorm(net, x, name, { epsilon, momentum });
    // The operator normalizes maps, so that a vector becomes one of 1 × 1, and goes back.
    return net.within({ name, className: "BatchNormalization" }, () => {
      const features = shape[1] as number; // rank 2
      const map = net.add("Reshape", `${name}/map`, [x], { shape: ["N", features, 1, 1] });
      const weights = (["gamma", "beta", "moving_mean", "moving_variance"] as const).map((variable, n) =>
        net.add("Weight", `${name}/${variable}`, [], { shape: [features], trainable: n < 2 }),
      );
      const normalized = `${name}/norm`;
      net.add("BatchNormalization", normalized, [map, ...weights], { epsilon, momentum });
      return net.add("Flatten", name, [normalized], {});
    });
  },
);

export const kerasNormalization = rule(
  {
    axis: v.optional(ChannelAxis, -1),
    invert: only(false),
    mean: v.nullish(ChannelNumbers),
    variance: v.nullish(ChannelNumbers),
  },
  ({ axis, mean, variance }, { net, name, inputs }) => {
    const [x] = inputs as [string]; // counted before
    requireChannelAxis(net, x, axis);
    const channels = imageShape(net, x)[1];
    if (!mean !== !variance) throw new Error("expected mean and variance, or neither, got one of them");
    if (!mean || !variance) return normalization(net, x, name, channels);
    return constantNormalization(net, x, name, spread(mean, channels), spread(variance, channels));
  },
);

/** One number for all channels, of which a stranger may claim a million. */
function spread(values: readonly number[], channels: number): readonly number[] {
  if (values.length > 1) return values;
  if (channels > maximumNumbers) throw new Error(`${channels} channels, expected at most ${maximumNumbers}`);
  return Array.from({ length: channels }, () => values[0]!);
}

export const rescaling = rule(
  { scale: ChannelNumbers, offset: v.optional(ChannelNumbers, 0) },
  ({ scale, offset }, { net, name, inputs }) => single(net, "Rescaling", "Rescaling", name, inputs, { scale, offset }),
);

type Numbers = readonly number[];

/** What arithmetic with a constant does, as scale and offset. */
const affine = {
  multiply: (y: Numbers) => ({ scale: y, offset: [0] }),
  divide: (y: Numbers) => ({ scale: y.map((value) => 1 / value), offset: [0] }),
  add: (y: Numbers) => ({ scale: [1], offset: y }),
  subtract: (y: Numbers) => ({ scale: [1], offset: y.map((value) => -value) }),
  subtractFrom: (y: Numbers) => ({ scale: [-1], offset: y }),
} as const;

/** x ∘ constant of Keras 3 (`subtractFrom`: constant − x), which is no layer but an operation. */
export function addAffine(call: LayerCall, operation: keyof typeof affine, constant: unknown): string {
  const parsed = v.safeParse(ChannelNumbers, constant);
  if (!parsed.success) throw new Error(`${operation}: expected x and one number, or one per channel`);
  const { scale, offset } = affine[operation](parsed.output);
  if (![...scale, ...offset].every(Number.isFinite)) throw new Error(`${operation}: the result is not finite`);
  return single(call.net, "Rescaling", "Rescaling", call.name, call.inputs, { scale, offset });
}

/** TensorFlow's functions that Keras 2 writes as a layer. */
const functions = {
  "math.multiply": "multiply",
  "math.truediv": "divide",
  "math.divide": "divide",
  "math.subtract": "subtract",
  "math.add": "add",
  "__operators__.add": "add",
} as const satisfies Readonly<Record<string, keyof typeof affine>>;

/** `tf.math.multiply(x, y)` with a constant y, as Keras 2 builds B0–B7 with it. */
export const tfOpLambda = rule(
  { function: v.picklist(Object.keys(functions) as (keyof typeof functions)[]) }, // the keys of a closed table
  ({ function: name }, call) => addAffine(call, functions[name], call.callOptions.get("y")),
);
