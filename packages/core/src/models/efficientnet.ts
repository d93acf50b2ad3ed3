/**
 * EfficientNet B0–B7, V2 B0–B3, V2 S, M, L and Lite0–4, every Keras layer by its Keras name: names, order, rounding and
 * padding are those of `keras.applications` (Keras 3), so its weights load by name.
 */
import { GraphError } from "../errors.js";
import { type Graph, GraphBuilder } from "../graph/graph.js";
import { addBlock, type Block, normalizeActivate, padForStrideTwo, type Style } from "./blocks.js";
import { arithmeticOf, type Convention } from "./conventions.js";
import { type Activation, conv, dense, globalPool, single } from "./layers.js";
import { type Preprocessing, preprocess } from "./preprocessing.js";
import { type Family, families, type ModelName, type Variant, variants } from "./variants.js";

/** Drop rate of the residual branches, growing linearly from 0. Keras' `drop_connect_rate`. */
const dropConnectRate = 0.2;

/** Of `predictions`, by Keras' names. */
const classifierActivations = {
  softmax: { op: "Softmax" },
  sigmoid: { op: "Sigmoid" },
  none: undefined,
} as const satisfies Record<string, Activation | undefined>;

export type ClassifierActivation = keyof typeof classifierActivations;

export interface EfficientNetOptions {
  /** px; default: the resolution that the variant was designed for. */
  readonly height?: number;
  /** px; default as for `height`. */
  readonly width?: number;
  /** Of the declared input: 3 (default) is RGB, 1 gray, another number has no meaning of its own. */
  readonly channels?: number;
  /** With pooling, dropout and the classifier `predictions`. Default true. */
  readonly includeTop?: boolean;
  /** Pooling at the end where `includeTop` is false; default none: [N, C, H/32, W/32]. */
  readonly pooling?: "avg" | "max";
  /** Units of `predictions`; default 1000. */
  readonly classes?: number;
  /** Default "softmax"; "none" gives logits. */
  readonly classifierActivation?: ClassifierActivation;
  /** Keras builds B0–B7 with one more rescaling for its ImageNet weights. Default "imagenet" with three channels, else "none". */
  readonly topology?: "imagenet" | "none";
  /** Whose borders, epsilon and preprocessing. Default "keras". */
  readonly convention?: Convention;
  /** For a checkpoint that was trained with another than its convention's. */
  readonly preprocessing?: Preprocessing;
}

/** From `input_layer` [N, channels, H, W], gray levels or RGB 0–255, to the last layer. Throws `GraphError`. */
export function efficientNet(name: ModelName, options: EfficientNetOptions = {}): Graph {
  const variant = variants[name];
  const family: Family = families[variant.family];
  const { height = variant.resolution, width = variant.resolution, channels = 3 } = options;
  const { topology = channels === 3 ? "imagenet" : "none", convention = "keras" } = options;
  requireInput({ height, width, channels }, topology);
  const style: Style = { family, arithmetic: arithmeticOf(name, convention) };
  const endChannels = (count: number) => (family.scalesEnds ? scaleChannels(count, variant.width, family) : count);

  const net = new GraphBuilder();
  let x = single(net, "InputLayer", "Input", "input_layer", [], { shape: ["N", channels, height, width] });
  const { preprocessing = declaredPreprocessing(style, convention, channels) } = options;
  x = preprocess(net, x, preprocessing, { channels, topology });
  x = stem(net, x, endChannels(family.stem), style);
  for (const block of blocksOf(variant, family)) x = addBlock(net, x, block, style);
  x = conv(net, x, "top_conv", { channels: endChannels(family.top), kernel: 1 });
  x = normalizeActivate(net, x, "top_", style);
  return net.build([top(net, x, variant.dropout, options)]);
}

/** Keras prepares a V2 B0–B3 otherwise when it is declared with another number of channels than three. */
function declaredPreprocessing({ arithmetic }: Style, convention: Convention, channels: number): Preprocessing {
  const { preprocessing } = arithmetic;
  const isKeras = convention === "keras" || convention === "keras-unsized";
  return isKeras && preprocessing === "imagenet-constants" && channels !== 3 ? "symmetric-128" : preprocessing;
}

function stem(net: GraphBuilder, input: string, channels: number, style: Style): string {
  const { padding } = style.arithmetic;
  const isPadded = style.family.version === 1;
  const x = isPadded ? padForStrideTwo(net, input, "stem_conv_pad", 3, padding) : input;
  const options = { channels, kernel: 3, stride: 2, padding: isPadded ? ("valid" as const) : padding };
  return normalizeActivate(net, conv(net, x, "stem_conv", options), "stem_", style);
}

/** The blocks of all stages, scaled: `block1a_`, `block2a_`, `block2b_`, … */
function blocksOf({ width, depth }: Variant, family: Family): Block[] {
  const { scalesEnds, stages } = family;
  const blocks = stages.flatMap((stage, i) => {
    const isEnd = i === 0 || i === stages.length - 1;
    const repeats = isEnd && !scalesEnds ? stage.repeats : Math.ceil(stage.repeats * depth);
    return Array.from({ length: repeats }, (_, repeat) => ({
      prefix: `block${i + 1}${String.fromCharCode("a".charCodeAt(0) + repeat)}_`,
      stage: {
        ...stage,
        channels: scaleChannels(stage.channels, width, family),
        stride: repeat === 0 ? stage.stride : 1,
      },
    }));
  });
  // V2 divides by the number of blocks before scaling, so that its deeper variants end above the rate.
  const count = family.version === 1 ? blocks.length : stages.reduce((sum, { repeats }) => sum + repeats, 0);
  return blocks.map((block, i) => ({ ...block, dropRate: (dropConnectRate * i) / count }));
}

/** Pooling, dropout and classifier, or what is asked of them. */
function top(net: GraphBuilder, x: string, rate: number, options: EfficientNetOptions): string {
  const { includeTop = true, pooling, classes = 1000, classifierActivation = "softmax" } = options;
  if (!includeTop) return pooling ? globalPool(net, x, `${pooling}_pool`, pooling) : x;
  const pooled = globalPool(net, x, "avg_pool", "avg");
  const dropped = single(net, "Dropout", "Dropout", "top_dropout", [pooled], { rate, noise: "element" });
  return dense(net, dropped, "predictions", classes, classifierActivations[classifierActivation]);
}

/** Rounds to a multiple of 8; V1 not below 90 % of the exact value. Keras' `round_filters`. */
export function scaleChannels(channels: number, width: number, { version }: Pick<Family, "version">): number {
  const exact = channels * width;
  const rounded = Math.max(8, Math.floor((exact + 4) / 8) * 8);
  return version === 1 && rounded < 0.9 * exact ? rounded + 8 : rounded;
}

/** What Keras refuses, in its words. Source: Keras 3.15.1, `applications/imagenet_utils.py`, `obtain_input_shape`. */
function requireInput(input: Record<"height" | "width" | "channels", number>, topology: "imagenet" | "none"): void {
  for (const [what, extent] of Object.entries(input)) {
    if (!Number.isInteger(extent) || extent < 1) {
      throw new GraphError(`input_layer: ${what} ${extent}, expected a whole number of at least 1`);
    }
  }
  const { height, width, channels } = input;
  const received = `input_shape=(${height}, ${width}, ${channels})`;
  if (channels !== 3 && topology === "imagenet") {
    throw new GraphError(`input_layer: The input must have 3 channels; Received \`${received}\``);
  }
  if (Math.min(height, width) < 32) {
    throw new GraphError(`input_layer: Input size must be at least 32x32; Received: ${received}`);
  }
}
