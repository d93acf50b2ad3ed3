/** Holds the 1-channel network against the 3-channel one that it was folded from, on one image. */
import { readFile } from "node:fs/promises";
import {
  averageGrayscale,
  cut,
  type Difference,
  encode,
  foldBatchNorm,
  foldGrayscale,
  InputError,
  inference,
  largestDifference,
  lower,
  type Model,
  type Runtime,
  SeededRandom,
  type Tensor,
} from "@grayling/core";
import type { Backbone } from "../backbone/open-backbone.js";
import { createDecoder } from "../images/decode.js";

export interface Verification {
  readonly image: string;
  /** After the stem's BatchNormalization, where the image's border is last seen by itself. */
  readonly stem: Comparison;
  /** Pooled features. */
  readonly features: Comparison;
}

/** Against the 3-channel network. */
export interface Comparison {
  /** Folded exactly. */
  readonly folded: Difference;
  /** Kernels summed, mean and std averaged. */
  readonly averaged: Difference;
}

const stemLayer = "stem_bn";

/** `path` is an image, or undefined for seeded noise that fills the range. Throws `InputError` for an unreadable image. */
export async function verify(runtime: Runtime, backbone: Backbone, path: string | undefined): Promise<Verification> {
  const { model, height, width } = backbone;
  const gray = path === undefined ? noise(height, width) : await readPlane(path, height, width);
  const plane: Tensor = { shape: [1, 1, height, width], data: gray };
  const three: Tensor = { shape: [1, 3, height, width], data: Float32Array.from([...gray, ...gray, ...gray]) };
  const top = model.graph.outputs[0]!;
  const [reference, folded, averaged] = await Promise.all([
    run(runtime, cut(model, stemLayer, top), three),
    run(runtime, foldBatchNorm(cut(foldGrayscale(model), stemLayer, top)), plane),
    run(runtime, foldBatchNorm(cut(averageGrayscale(model), stemLayer, top)), plane),
  ]);
  const compare = (layer: string): Comparison => ({
    folded: largestDifference(folded[layer]!.data, reference[layer]!.data),
    averaged: largestDifference(averaged[layer]!.data, reference[layer]!.data),
  });
  return { image: path ?? "seeded noise", stem: compare(stemLayer), features: compare(top) };
}

async function run(runtime: Runtime, model: Model, image: Tensor) {
  const session = await runtime.open(encode(lower(model, inference)));
  const outputs = await session.run({ input_layer: image });
  await session.release();
  return outputs;
}

async function readPlane(path: string, height: number, width: number): Promise<Float32Array> {
  const decode = await createDecoder({ height, width, fit: "stretch" });
  const bytes = await readFile(path).catch((cause) => {
    throw new InputError(`image ${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  });
  try {
    return (await decode(bytes)).plane;
  } catch (cause) {
    if (cause instanceof InputError) throw new InputError(`image ${path}: ${cause.message}`, { cause });
    throw cause;
  }
}

function noise(height: number, width: number): Float32Array {
  const random = new SeededRandom(0, "verify");
  return Float32Array.from({ length: height * width }, () => random.integer(256));
}
