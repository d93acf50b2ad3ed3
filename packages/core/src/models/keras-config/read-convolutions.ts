/** Keras' convolutions, paddings and dense layers as nodes. */
import * as v from "valibot";
import type { GraphBuilder } from "../../graph/graph.js";
import type { Pads, Pair } from "../../graph/ops.js";
import { type Activation, imageShape, samePads, single } from "../layers.js";
import { ActivationOption, activated } from "./activations.js";
import { ChannelsLast, Count, CountPair, type LayerCall, only, rule, ZeroPairs } from "./layer-options.js";

const convolution = {
  kernel_size: CountPair,
  strides: v.optional(CountPair, 1),
  padding: v.optional(v.picklist(["valid", "same"]), "valid"),
  dilation_rate: v.optional(CountPair, 1),
  data_format: ChannelsLast,
  use_bias: v.nullish(v.boolean(), true),
  activation: ActivationOption,
};

interface Convolution {
  readonly kernel_size: Pair;
  readonly strides: Pair;
  readonly padding: "valid" | "same";
  readonly dilation_rate: Pair;
  readonly use_bias: boolean | null;
  readonly activation: Activation | undefined;
}

/** Weights: `kernel` [filters, C / groups, k, k], `bias` [filters]. */
export const conv2d = rule({ ...convolution, filters: Count, groups: v.optional(Count, 1) }, (options, call) =>
  addConvolution(call, "Conv2D", options, options.filters, options.groups),
);

/** Weights: `kernel` [C, 1, k, k], `bias` [C]. */
export const depthwiseConv2d = rule({ ...convolution, depth_multiplier: only(1), groups: only(1) }, (options, call) => {
  const channels = imageShape(call.net, call.inputs[0]!)[1];
  return addConvolution(call, "DepthwiseConv2D", options, channels, channels);
});

function addConvolution(call: LayerCall, className: string, o: Convolution, filters: number, group: number): string {
  const { net, name } = call;
  const [x] = call.inputs as [string]; // counted before
  return net.within({ name, className }, () => {
    const channels = imageShape(net, x)[1];
    if (channels % group !== 0) throw new Error(`${group} groups do not divide ${channels} channels`);
    const weights = addWeights(call, [filters, channels / group, ...o.kernel_size], o.use_bias ? filters : undefined);
    return activated(net, name, "conv", o.activation, (output) =>
      net.add("Conv", output, [x, ...weights], {
        strides: o.strides,
        pads: o.padding === "valid" ? [0, 0, 0, 0] : samePadding(net, x, o),
        dilations: o.dilation_rate,
        group,
      }),
    );
  });
}

/** TensorFlow's: ⌈extent / stride⌉ positions, an odd zero goes after. */
function samePadding(net: GraphBuilder, x: string, { kernel_size, strides, dilation_rate }: Convolution): Pads {
  const [, , ...extents] = imageShape(net, x);
  const [rows, columns] = extents.map((extent, axis) =>
    samePads(extent, (kernel_size[axis]! - 1) * dilation_rate[axis]! + 1, strides[axis]!),
  ) as [[number, number], [number, number]]; // two extents
  return [rows[0], columns[0], rows[1], columns[1]];
}

function addWeights({ net, name }: LayerCall, kernel: readonly number[], bias: number | undefined): string[] {
  const add = (variable: string, shape: readonly number[]) =>
    net.add("Weight", `${name}/${variable}`, [], { shape, trainable: true });
  return [add("kernel", kernel), ...(bias === undefined ? [] : [add("bias", [bias])])];
}

export const zeroPadding2d = rule({ padding: ZeroPairs, data_format: ChannelsLast }, ({ padding }, call) => {
  const both = typeof padding === "number" ? [padding, padding] : padding;
  const [[top, bottom], [left, right]] = both.map((side) => (typeof side === "number" ? [side, side] : side)) as [
    [number, number],
    [number, number],
  ]; // two axes
  return single(call.net, "ZeroPadding2D", "Pad", call.name, call.inputs, { pads: [top, left, bottom, right] });
});

/** Weights: `kernel` [inputs, units], `bias` [units]. */
export const dense = rule(
  { units: Count, use_bias: v.nullish(v.boolean(), true), activation: ActivationOption },
  ({ units, use_bias, activation }, call) => {
    const { net, name } = call;
    const [x] = call.inputs as [string]; // counted before
    const shape = net.shape(x);
    if (shape.length !== 2) throw new Error("expected [N, inputs]: pool or flatten the map first");
    return net.within({ name, className: "Dense" }, () => {
      const weights = addWeights(call, [shape[1] as number, units], use_bias ? units : undefined); // rank 2: no batch
      return activated(net, name, "logits", activation, (output) =>
        net.add("Gemm", output, [x, ...weights], { transA: 0, transB: 0 }),
      );
    });
  },
);
