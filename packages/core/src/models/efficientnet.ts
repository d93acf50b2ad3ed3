/**
 * EfficientNet B0–B7 and Lite0–4, every Keras layer by its Keras name.
 *
 * B0–B7: Tan & Le 2019, https://arxiv.org/abs/1905.11946; names, rounding and padding are those of
 * `keras.applications.efficientnet` (Keras 3), so its weights load by name.
 * Lite0–4: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite, in the same names and layers.
 */
import { GraphError } from "../errors.js";
import { type Graph, GraphBuilder } from "../graph/graph.js";
import {
  type Activation,
  activate,
  batchNorm,
  conv,
  dense,
  depthwiseConv,
  globalPool,
  imageShape,
  sameImagePads,
  single,
} from "./layers.js";
import { type Preprocessing, preprocess } from "./preprocessing.js";

/** What a family's variants have in common. */
interface Family {
  readonly activation: Activation;
  readonly squeezeExcite: boolean;
  /** Whether stem, head and the depth of the first and last stage grow with the variant. */
  readonly scalesEnds: boolean;
  readonly preprocessing: Preprocessing;
}

const families = {
  b: { activation: { op: "Silu" }, squeezeExcite: true, scalesEnds: true, preprocessing: "imagenet" },
  lite: {
    activation: { op: "Clip", min: 0, max: 6 },
    squeezeExcite: false,
    scalesEnds: false,
    preprocessing: "symmetric-127",
  },
} as const satisfies Record<string, Family>;

/** Compound scaling (§3.3): channels × width, repeats × depth. `resolution` in px, `dropout` before the classifier. */
const variants = {
  "efficientnet-b0": { family: "b", width: 1.0, depth: 1.0, resolution: 224, dropout: 0.2 },
  "efficientnet-b1": { family: "b", width: 1.0, depth: 1.1, resolution: 240, dropout: 0.2 },
  "efficientnet-b2": { family: "b", width: 1.1, depth: 1.2, resolution: 260, dropout: 0.3 },
  "efficientnet-b3": { family: "b", width: 1.2, depth: 1.4, resolution: 300, dropout: 0.3 },
  "efficientnet-b4": { family: "b", width: 1.4, depth: 1.8, resolution: 380, dropout: 0.4 },
  "efficientnet-b5": { family: "b", width: 1.6, depth: 2.2, resolution: 456, dropout: 0.4 },
  "efficientnet-b6": { family: "b", width: 1.8, depth: 2.6, resolution: 528, dropout: 0.5 },
  "efficientnet-b7": { family: "b", width: 2.0, depth: 3.1, resolution: 600, dropout: 0.5 },
  "efficientnet-lite0": { family: "lite", width: 1.0, depth: 1.0, resolution: 224, dropout: 0.2 },
  "efficientnet-lite1": { family: "lite", width: 1.0, depth: 1.1, resolution: 240, dropout: 0.2 },
  "efficientnet-lite2": { family: "lite", width: 1.1, depth: 1.2, resolution: 260, dropout: 0.3 },
  "efficientnet-lite3": { family: "lite", width: 1.2, depth: 1.4, resolution: 280, dropout: 0.3 },
  "efficientnet-lite4": { family: "lite", width: 1.4, depth: 1.8, resolution: 300, dropout: 0.3 },
} as const satisfies Record<string, Variant>;

interface Variant {
  readonly family: keyof typeof families;
  readonly width: number;
  readonly depth: number;
  readonly resolution: number;
  readonly dropout: number;
}

export type ModelName = keyof typeof variants;

/** Every network that can be built, smallest first in its family. */
export const modelNames = Object.keys(variants) as ModelName[]; // the keys of a closed table

export const isModelName = (name: string): name is ModelName => Object.hasOwn(variants, name);

/** Height and width, in px, that the network was designed for. */
export const defaultResolution = (name: ModelName): number => variants[name].resolution;

/** Stages 2–8 of table 1, unscaled. The stride is the first repeat's; later ones have stride 1. */
const stages: readonly Stage[] = [
  { repeats: 1, kernel: 3, stride: 1, expand: 1, channels: 16 },
  { repeats: 2, kernel: 3, stride: 2, expand: 6, channels: 24 },
  { repeats: 2, kernel: 5, stride: 2, expand: 6, channels: 40 },
  { repeats: 3, kernel: 3, stride: 2, expand: 6, channels: 80 },
  { repeats: 3, kernel: 5, stride: 1, expand: 6, channels: 112 },
  { repeats: 4, kernel: 5, stride: 2, expand: 6, channels: 192 },
  { repeats: 1, kernel: 3, stride: 1, expand: 6, channels: 320 },
];

interface Stage {
  readonly repeats: number;
  readonly kernel: number;
  readonly stride: number;
  readonly expand: number;
  readonly channels: number;
}

/** Drop rate of the last block's residual branch; it grows linearly from 0. Keras' `drop_connect_rate`. */
const dropConnectRate = 0.2;

export interface EfficientNetOptions {
  /** px; default: the resolution that the variant was designed for. */
  readonly height?: number;
  /** px; default as for `height`. */
  readonly width?: number;
  /** With pooling, dropout and the classifier `predictions`. Default true. */
  readonly includeTop?: boolean;
  /** Pooling at the end where `includeTop` is false; default none: [N, C, H/32, W/32]. */
  readonly pooling?: "avg" | "max";
  /** Units of `predictions`; default 1000. */
  readonly classes?: number;
  /** Default "softmax"; "none" gives logits. */
  readonly classifierActivation?: "softmax" | "none";
  /** Keras builds B0–B7 with one more rescaling for its ImageNet weights. Default "imagenet". */
  readonly topology?: "imagenet" | "none";
}

/** From `input_layer` [N, 3, H, W], gray levels or RGB 0–255, to the last layer. Throws `GraphError`. */
export function efficientNet(name: ModelName, options: EfficientNetOptions = {}): Graph {
  const variant = variants[name];
  const family: Family = families[variant.family];
  const { height = variant.resolution, width = variant.resolution, topology = "imagenet" } = options;
  requireSide("height", height);
  requireSide("width", width);
  const endChannels = (channels: number) => (family.scalesEnds ? scaleChannels(channels, variant.width) : channels);

  const net = new GraphBuilder();
  let x = single(net, "InputLayer", "Input", "input_layer", [], { shape: ["N", 3, height, width] });
  x = preprocess(net, x, family.preprocessing, topology);
  x = single(net, "ZeroPadding2D", "Pad", "stem_conv_pad", [x], { pads: sameImagePads(net, x, 3, 2) });
  x = conv(net, x, "stem_conv", { channels: endChannels(32), kernel: 3, stride: 2, padding: "valid" });
  x = normalizeActivate(net, x, "stem_", family);

  const blocks = blocksOf(variant, family);
  for (const [i, { prefix, stage }] of blocks.entries()) {
    x = mbConv(net, x, prefix, stage, { family, dropRate: (dropConnectRate * i) / blocks.length });
  }

  x = conv(net, x, "top_conv", { channels: endChannels(1280), kernel: 1 });
  x = normalizeActivate(net, x, "top_", family);
  return net.build([top(net, x, variant.dropout, options)]);
}

/** The blocks of all stages, scaled: `block1a_`, `block2a_`, `block2b_`, … */
function blocksOf({ width, depth }: Variant, { scalesEnds }: Family): { prefix: string; stage: Stage }[] {
  return stages.flatMap((stage, i) => {
    const isEnd = i === 0 || i === stages.length - 1;
    const repeats = isEnd && !scalesEnds ? stage.repeats : Math.ceil(stage.repeats * depth);
    return Array.from({ length: repeats }, (_, repeat) => ({
      prefix: `block${i + 1}${String.fromCharCode("a".charCodeAt(0) + repeat)}_`,
      stage: { ...stage, channels: scaleChannels(stage.channels, width), stride: repeat === 0 ? stage.stride : 1 },
    }));
  });
}

/** Pooling, dropout and classifier, or what is asked of them. */
function top(net: GraphBuilder, x: string, rate: number, options: EfficientNetOptions): string {
  const { includeTop = true, pooling, classes = 1000, classifierActivation = "softmax" } = options;
  if (!includeTop) return pooling ? globalPool(net, x, `${pooling}_pool`, pooling) : x;
  const pooled = globalPool(net, x, "avg_pool", "avg");
  const dropped = single(net, "Dropout", "Dropout", "top_dropout", [pooled], { rate, noise: "element" });
  return dense(
    net,
    dropped,
    "predictions",
    classes,
    classifierActivation === "softmax" ? { op: "Softmax" } : undefined,
  );
}

/** Inverted residual: expand 1×1 → depthwise k×k → squeeze-and-excite → project 1×1 → add the input if shapes agree. */
function mbConv(
  net: GraphBuilder,
  input: string,
  prefix: string,
  { channels, kernel, stride, expand }: Stage,
  { family, dropRate }: { readonly family: Family; readonly dropRate: number },
): string {
  const inputs = imageShape(net, input)[1];
  let x = input;
  if (expand !== 1) {
    x = conv(net, x, `${prefix}expand_conv`, { channels: inputs * expand, kernel: 1 });
    x = normalizeActivate(net, x, `${prefix}expand_`, family);
  }
  if (stride === 2) {
    const pads = sameImagePads(net, x, kernel, stride);
    x = single(net, "ZeroPadding2D", "Pad", `${prefix}dwconv_pad`, [x], { pads });
  }
  x = depthwiseConv(net, x, `${prefix}dwconv`, { kernel, stride, padding: stride === 2 ? "valid" : "same" });
  x = normalizeActivate(net, x, prefix, family);
  if (family.squeezeExcite) x = squeezeExcite(net, x, `${prefix}se_`, Math.max(1, Math.floor(inputs / 4)), family);
  x = batchNorm(net, conv(net, x, `${prefix}project_conv`, { channels, kernel: 1 }), `${prefix}project_bn`);
  if (stride !== 1 || channels !== inputs) return x;
  if (dropRate > 0) x = single(net, "Dropout", "Dropout", `${prefix}drop`, [x], { rate: dropRate, noise: "sample" });
  return single(net, "Add", "Add", `${prefix}add`, [x, input], {});
}

/** Multiplies each channel by a gate in (0, 1), computed from all channel means through `squeezed` units. */
function squeezeExcite(net: GraphBuilder, x: string, prefix: string, squeezed: number, { activation }: Family): string {
  const channels = imageShape(net, x)[1];
  let gate = globalPool(net, x, `${prefix}squeeze`, "avg");
  gate = single(net, "Reshape", "Reshape", `${prefix}reshape`, [gate], { shape: ["N", channels, 1, 1] });
  gate = conv(net, gate, `${prefix}reduce`, { channels: squeezed, kernel: 1, bias: true, activation });
  gate = conv(net, gate, `${prefix}expand`, { channels, kernel: 1, bias: true, activation: { op: "Sigmoid" } });
  return single(net, "Multiply", "Mul", `${prefix}excite`, [x, gate], {});
}

function normalizeActivate(net: GraphBuilder, x: string, prefix: string, { activation }: Family): string {
  const name = `${prefix}activation`;
  const normalized = batchNorm(net, x, `${prefix}bn`);
  return net.within({ name, className: "Activation" }, () => activate(net, normalized, name, activation));
}

/** Rounds to a multiple of 8, but not below 90 % of the exact value. Keras' `round_filters`. */
export function scaleChannels(channels: number, width: number): number {
  const exact = channels * width;
  const rounded = Math.max(8, Math.floor((exact + 4) / 8) * 8);
  return rounded < 0.9 * exact ? rounded + 8 : rounded;
}

/** Keras refuses sides below 32, five halvings, too. */
function requireSide(what: string, side: number): void {
  if (!Number.isInteger(side) || side < 32) {
    throw new GraphError(`input_layer: ${what} ${side}, expected a whole number of at least 32 px`);
  }
}
