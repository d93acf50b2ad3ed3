/**
 * The rows that the networks are built from: B0–B7, V2 B0–B3, V2 S, M, L, and Lite0–4.
 *
 * B0–B7: Tan & Le 2019, https://arxiv.org/abs/1905.11946, table 1 and §3.3; `keras.applications.efficientnet`.
 * V2: Tan & Le 2021, https://arxiv.org/abs/2104.00298, table 4; `keras.applications.efficientnet_v2`.
 * Lite0–4: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite, in Keras' names and layers.
 */
import type { Activation } from "./layers.js";
import type { Preprocessing } from "./preprocessing.js";

/** A row of the paper's table, unscaled. The stride is the first repeat's; later ones have stride 1. */
export interface Stage {
  readonly block: "mbconv" | "fused";
  readonly repeats: number;
  readonly kernel: number;
  readonly stride: number;
  /** Channels inside ÷ channels before. */
  readonly expand: number;
  readonly channels: number;
  /** Squeezed units ÷ channels before the block; 0: no squeeze-and-excite. */
  readonly squeeze: number;
}

/** What a family's variants have in common. */
export interface Family {
  readonly activation: Activation;
  readonly stages: readonly Stage[];
  /** Filters of the first and last convolution, unscaled. */
  readonly stem: number;
  readonly top: number;
  /** Whether stem, top and the depth of the first and last stage grow with the variant. */
  readonly scalesEnds: boolean;
  /** V1 pads before each stride of 2 by a layer of its own, and calls the depthwise convolution `dwconv`; V2 `dwconv2`. */
  readonly version: 1 | 2;
  /** Of the running statistics of its normalizations. */
  readonly momentum: number;
  readonly preprocessing: Preprocessing;
}

const mbconv = (row: Omit<Stage, "block" | "squeeze">): Stage => ({ block: "mbconv", squeeze: 0.25, ...row });
const fused = (row: Omit<Stage, "block" | "squeeze" | "kernel">): Stage => {
  return { block: "fused", squeeze: 0, kernel: 3, ...row };
};

const mobileStages: readonly Stage[] = [
  mbconv({ repeats: 1, kernel: 3, stride: 1, expand: 1, channels: 16 }),
  mbconv({ repeats: 2, kernel: 3, stride: 2, expand: 6, channels: 24 }),
  mbconv({ repeats: 2, kernel: 5, stride: 2, expand: 6, channels: 40 }),
  mbconv({ repeats: 3, kernel: 3, stride: 2, expand: 6, channels: 80 }),
  mbconv({ repeats: 3, kernel: 5, stride: 1, expand: 6, channels: 112 }),
  mbconv({ repeats: 4, kernel: 5, stride: 2, expand: 6, channels: 192 }),
  mbconv({ repeats: 1, kernel: 3, stride: 1, expand: 6, channels: 320 }),
];

const silu = { op: "Silu" } as const;
const v1 = { stem: 32, top: 1280, version: 1, momentum: 0.99 } as const;
const v2 = { activation: silu, top: 1280, scalesEnds: true, version: 2, momentum: 0.9 } as const;

export const families = {
  b: { ...v1, activation: silu, stages: mobileStages, scalesEnds: true, preprocessing: "imagenet" },
  lite: {
    ...v1,
    activation: { op: "Clip", min: 0, max: 6 },
    stages: mobileStages.map((stage) => ({ ...stage, squeeze: 0 })),
    scalesEnds: false,
    preprocessing: "symmetric-127",
  },
  "v2-b": {
    ...v2,
    stem: 32,
    preprocessing: "imagenet-constants",
    stages: [
      fused({ repeats: 1, stride: 1, expand: 1, channels: 16 }),
      fused({ repeats: 2, stride: 2, expand: 4, channels: 32 }),
      fused({ repeats: 2, stride: 2, expand: 4, channels: 48 }),
      mbconv({ repeats: 3, kernel: 3, stride: 2, expand: 4, channels: 96 }),
      mbconv({ repeats: 5, kernel: 3, stride: 1, expand: 6, channels: 112 }),
      mbconv({ repeats: 8, kernel: 3, stride: 2, expand: 6, channels: 192 }),
    ],
  },
  "v2-s": {
    ...v2,
    stem: 24,
    preprocessing: "symmetric-128",
    stages: [
      fused({ repeats: 2, stride: 1, expand: 1, channels: 24 }),
      fused({ repeats: 4, stride: 2, expand: 4, channels: 48 }),
      fused({ repeats: 4, stride: 2, expand: 4, channels: 64 }),
      mbconv({ repeats: 6, kernel: 3, stride: 2, expand: 4, channels: 128 }),
      mbconv({ repeats: 9, kernel: 3, stride: 1, expand: 6, channels: 160 }),
      mbconv({ repeats: 15, kernel: 3, stride: 2, expand: 6, channels: 256 }),
    ],
  },
  "v2-m": {
    ...v2,
    stem: 24,
    preprocessing: "symmetric-128",
    stages: [
      fused({ repeats: 3, stride: 1, expand: 1, channels: 24 }),
      fused({ repeats: 5, stride: 2, expand: 4, channels: 48 }),
      fused({ repeats: 5, stride: 2, expand: 4, channels: 80 }),
      mbconv({ repeats: 7, kernel: 3, stride: 2, expand: 4, channels: 160 }),
      mbconv({ repeats: 14, kernel: 3, stride: 1, expand: 6, channels: 176 }),
      mbconv({ repeats: 18, kernel: 3, stride: 2, expand: 6, channels: 304 }),
      mbconv({ repeats: 5, kernel: 3, stride: 1, expand: 6, channels: 512 }),
    ],
  },
  "v2-l": {
    ...v2,
    stem: 32,
    preprocessing: "symmetric-128",
    stages: [
      fused({ repeats: 4, stride: 1, expand: 1, channels: 32 }),
      fused({ repeats: 7, stride: 2, expand: 4, channels: 64 }),
      fused({ repeats: 7, stride: 2, expand: 4, channels: 96 }),
      mbconv({ repeats: 10, kernel: 3, stride: 2, expand: 4, channels: 192 }),
      mbconv({ repeats: 19, kernel: 3, stride: 1, expand: 6, channels: 224 }),
      mbconv({ repeats: 25, kernel: 3, stride: 2, expand: 6, channels: 384 }),
      mbconv({ repeats: 7, kernel: 3, stride: 1, expand: 6, channels: 640 }),
    ],
  },
} as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof families;

/** Compound scaling: channels × width, repeats × depth. `resolution` in px, `dropout` before the classifier. */
export interface Variant {
  readonly family: FamilyName;
  readonly width: number;
  readonly depth: number;
  readonly resolution: number;
  readonly dropout: number;
}

export const variants = {
  "efficientnet-b0": { family: "b", width: 1.0, depth: 1.0, resolution: 224, dropout: 0.2 },
  "efficientnet-b1": { family: "b", width: 1.0, depth: 1.1, resolution: 240, dropout: 0.2 },
  "efficientnet-b2": { family: "b", width: 1.1, depth: 1.2, resolution: 260, dropout: 0.3 },
  "efficientnet-b3": { family: "b", width: 1.2, depth: 1.4, resolution: 300, dropout: 0.3 },
  "efficientnet-b4": { family: "b", width: 1.4, depth: 1.8, resolution: 380, dropout: 0.4 },
  "efficientnet-b5": { family: "b", width: 1.6, depth: 2.2, resolution: 456, dropout: 0.4 },
  "efficientnet-b6": { family: "b", width: 1.8, depth: 2.6, resolution: 528, dropout: 0.5 },
  "efficientnet-b7": { family: "b", width: 2.0, depth: 3.1, resolution: 600, dropout: 0.5 },
  "efficientnet-v2-b0": { family: "v2-b", width: 1.0, depth: 1.0, resolution: 224, dropout: 0.2 },
  "efficientnet-v2-b1": { family: "v2-b", width: 1.0, depth: 1.1, resolution: 240, dropout: 0.2 },
  "efficientnet-v2-b2": { family: "v2-b", width: 1.1, depth: 1.2, resolution: 260, dropout: 0.2 },
  "efficientnet-v2-b3": { family: "v2-b", width: 1.2, depth: 1.4, resolution: 300, dropout: 0.2 },
  "efficientnet-v2-s": { family: "v2-s", width: 1.0, depth: 1.0, resolution: 384, dropout: 0.2 },
  "efficientnet-v2-m": { family: "v2-m", width: 1.0, depth: 1.0, resolution: 480, dropout: 0.2 },
  "efficientnet-v2-l": { family: "v2-l", width: 1.0, depth: 1.0, resolution: 480, dropout: 0.2 },
  "efficientnet-lite0": { family: "lite", width: 1.0, depth: 1.0, resolution: 224, dropout: 0.2 },
  "efficientnet-lite1": { family: "lite", width: 1.0, depth: 1.1, resolution: 240, dropout: 0.2 },
  "efficientnet-lite2": { family: "lite", width: 1.1, depth: 1.2, resolution: 260, dropout: 0.3 },
  "efficientnet-lite3": { family: "lite", width: 1.2, depth: 1.4, resolution: 280, dropout: 0.3 },
  "efficientnet-lite4": { family: "lite", width: 1.4, depth: 1.8, resolution: 300, dropout: 0.3 },
} as const satisfies Record<string, Variant>;

export type ModelName = keyof typeof variants;

/** Every network that can be built, smallest first in its family. */
export const modelNames = Object.keys(variants) as ModelName[]; // the keys of a closed table

export const isModelName = (name: string): name is ModelName => Object.hasOwn(variants, name);

/** The name that Keras gives the model: `efficientnetb0`, `efficientnetv2-b0`. */
export const kerasModelName = (name: ModelName): string => name.replace("efficientnet-", "efficientnet");

/** Height and width, in px, that the network was designed for. */
export const defaultResolution = (name: ModelName): number => variants[name].resolution;
