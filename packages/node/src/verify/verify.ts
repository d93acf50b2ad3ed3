/** Holds the 1-channel network against the 3-channel one that it was folded from, on one image. */
import {
  averageGrayscale,
  cut,
  type Difference,
  foldBatchNorm,
  foldGrayscale,
  largestDifference,
  type Runtime,
} from "@grayling/core";
import type { Backbone } from "../backbone/open-backbone.js";
import { noisePlane, type PlaneReading, readPlane, threeTimes } from "../images/read-plane.js";
import { runModel } from "../runtime/run-model.js";

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
export async function verify(
  runtime: Runtime,
  backbone: Backbone,
  path: string | undefined,
  reading: PlaneReading = {},
): Promise<Verification> {
  const { model } = backbone;
  const plane = path === undefined ? noisePlane(backbone, 0) : await readPlane(path, backbone, reading);
  const top = model.graph.outputs[0]!;
  const [reference, folded, averaged] = await Promise.all([
    runModel(runtime, cut(model, stemLayer, top), threeTimes(plane)),
    runModel(runtime, foldBatchNorm(cut(foldGrayscale(model), stemLayer, top)), plane),
    runModel(runtime, foldBatchNorm(cut(averageGrayscale(model), stemLayer, top)), plane),
  ]);
  const compare = (layer: string): Comparison => ({
    folded: largestDifference(folded[layer]!.data, reference[layer]!.data),
    averaged: largestDifference(averaged[layer]!.data, reference[layer]!.data),
  });
  return { image: path ?? "seeded noise", stem: compare(stemLayer), features: compare(top) };
}
