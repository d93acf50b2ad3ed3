/**
 * Makes the plane that a model reads of a picture's levels: gray levels by the window, in the framing's size. Loads no
 * decoder: for reading threads.
 */
import { applyWindow, createResize, fullWindow } from "@grayling/core/pictures";
import type { DecodedImage, Decoding } from "./decode.js";
import type { PlainPicture } from "./decode-plain.js";
import { createLargestSample } from "./largest-sample.js";
import type { OpenedImage } from "./open-levels.js";
import { checkFullRange, watchPicture } from "./watch-values.js";

/**
 * The plane of what was opened, `picture` being what it was opened from; written into `plane` if that is given. Throws
 * `InputError` for values that are none and for a window that the file does not have.
 */
export type MakePlane = (
  opened: OpenedImage,
  picture: PlainPicture | Uint8Array,
  plane?: Float32Array | undefined,
) => DecodedImage;

/** For one model input; throws `InputError` for a size that is none. */
export function createPlaneMaker({ window = fullWindow, ...framing }: Decoding): MakePlane {
  const resize = createResize(framing);
  const largestSample = createLargestSample();
  return ({ levels, format, bitDepth }, picture, into) => {
    const watched = watchPicture(levels, picture, largestSample);
    const plane = resize(applyWindow(watched.levels, window), into);
    const { low, high } = watched.seen();
    if (window.kind === "full") checkFullRange(levels.samples, { low, high });
    const { samples, height: sourceHeight, width: sourceWidth } = levels;
    return { plane, format, samples, bitDepth, sourceHeight, sourceWidth, min: low, max: high };
  };
}
