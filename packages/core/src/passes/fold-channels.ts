/**
 * A model that reads another number of channels than three.
 *
 *   1   gray: exactly what the 3-channel model gives for the gray image three times (`foldGrayscale`)
 *   3   RGB: the model as it is
 *   n   an approximation for images whose channels mean something else (bands, stains, focal planes): plane p is prepared
 *       and weighted as channel p mod 3 of RGB, all of them times 3 / n, so that the stem's sums keep their size.
 *       Source: timm 1.0.31, `timm/models/_manipulate.py`, `adapt_input_conv`, which repeats and rescales the kernel.
 *
 * Preprocessing moves into the stem, as in `foldGrayscale`, so that the border stays exact with n planes, too.
 */
import { GraphError } from "../errors.js";
import type { Model } from "../graph/model.js";
import { affineInput } from "./affine-input.js";
import { foldGrayscale, foldInput } from "./fold-grayscale.js";

/** The model for [N, channels, H, W], 0–255. Throws `GraphError` as `foldGrayscale` does, and where no channel is asked for. */
export function foldChannels(model: Model, channels: number): Model {
  if (!Number.isInteger(channels) || channels < 1) {
    throw new GraphError(`foldChannels: ${channels} channels, expected a whole number of at least 1`);
  }
  if (channels === 1) return foldGrayscale(model);
  const path = affineInput(model, "foldChannels");
  const { length } = path.scale;
  if (channels === length) return model;
  const planes = Array.from({ length: channels }, (_, plane) =>
    path.scale.map((_, c) => (plane % length === c ? length / channels : 0)),
  );
  return foldInput(model, path, planes);
}
