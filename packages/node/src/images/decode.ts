/**
 * Decodes a picture to the gray plane that a model reads: luma only, upright, in the file's own precision until a window
 * has made gray levels of it.
 *
 * Gray levels and size are made by core (`applyWindow`, `resize`). The JPEGs and PNGs that nearly all are have decoders of
 * little overhead; whatever these do not take, damaged files among it, goes to `openLevels`, which says what is an error.
 */
import type { Framing, SampleType, SettledWindow } from "@grayling/core";
import { loadPlainDecoder, type PlainPicture } from "./decode-plain.js";
import type { ImageFormat } from "./image-format.js";
import { createPlaneMaker } from "./make-plane.js";
import { openLevels } from "./open-levels.js";

/** How files become planes. */
export interface Decoding extends Framing {
  /** Which values become black and white; default `full`. */
  readonly window?: SettledWindow | undefined;
  /** A picture that claims more is refused; default `defaultMaxPixels`. */
  readonly maxPixels?: number | undefined;
}

/** What is known of the file besides its pixels; `max` tells 12 bits in a 16-bit file, which come out nearly black. */
export interface ImageInfo {
  readonly format: ImageFormat;
  readonly samples: SampleType;
  readonly bitDepth: number; // of the file, per sample, 1–64
  readonly sourceHeight: number; // px, upright
  readonly sourceWidth: number; // px, upright
  readonly min: number; // smallest value seen, in the file's units; of unsigned samples 0, since it is not looked for
  readonly max: number; // largest value seen, in the file's units
}

export interface DecodedImage extends ImageInfo {
  /** [height · width] of the framing, gray levels 0–255 with fractions; of tiles [tiles · height · width]. */
  readonly plane: Float32Array;
}

/**
 * Decodes the bytes of one file. Reads PNG, JPEG, WebP, TIFF (a page, from 1), GIF (first frame), BMP, whatever the name.
 * Throws `InputError` with a short reason, without the path, for what is no picture, is damaged or cannot be read.
 */
export type DecodeGray = (bytes: Uint8Array, page?: number) => Promise<DecodedImage>;

/**
 * Makes a decoder for one model input; see `loadSharp` for what sharp, once it is needed, sets in the process.
 * Throws `InputError` for a size that is none, so that whatever the decoder throws is about the file.
 */
export async function createDecoder(decoding: Decoding): Promise<DecodeGray> {
  const finish = createFinisher(decoding);
  const decodePlain = await loadPlainDecoder(decoding.maxPixels);
  return (bytes, page = 1) => finish(decodePlain(bytes) ?? bytes, { page });
}

export interface FinishOptions {
  /** From 1; default 1. */
  readonly page?: number | undefined;
  /** Where the plane is written; default: a new one is made. */
  readonly plane?: Float32Array | undefined;
}

/** Finishes what `loadPlainDecoder`'s could decode, or decodes the bytes of any file. */
export type Finish = (picture: PlainPicture | Uint8Array, options?: FinishOptions) => Promise<DecodedImage>;

/** Makes the second half of a decoder. */
export function createFinisher(decoding: Decoding): Finish {
  const makePlane = createPlaneMaker(decoding);
  const { maxPixels } = decoding;
  return async (picture, { page, plane } = {}) =>
    makePlane(await openLevels(picture, { page, maxPixels }), picture, plane);
}
