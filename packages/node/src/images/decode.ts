/**
 * Decodes a picture to the gray plane that a model reads: luma only, upright, in the file's own precision.
 *
 * Gray levels and size are made by core (`grayRows`, `resize`). The JPEGs and PNGs that nearly all are have decoders of
 * little overhead; whatever these do not take, damaged files among it, goes to sharp, which alone says what is an error.
 */
import { createResize, type Framing, type GrayRows, grayRows, InputError, type Pixels } from "@grayling/core";
import { readBmp } from "./bmp.js";
import { checkPixels } from "./check-pixels.js";
import { loadPlainDecoder, type PlainPicture } from "./decode-plain.js";
import { decodeWithSharp } from "./decode-with-sharp.js";
import { explainDamage } from "./explain-damage.js";
import { type ImageFormat, sniff } from "./image-format.js";

/** What is known of the file besides its pixels; `max` tells 12 bits in a 16-bit file, which come out nearly black. */
export interface ImageInfo {
  readonly format: ImageFormat;
  readonly bitDepth: number; // of the file, per sample, 1–16
  readonly sourceHeight: number; // px, upright
  readonly sourceWidth: number; // px, upright
  readonly max: number; // largest gray level seen, 0–255; 12 of 16 bits: below 4,096 / 257
}

export interface DecodedImage extends ImageInfo {
  /** [height · width] of the framing, gray levels 0–255 with fractions. */
  readonly plane: Float32Array;
}

/**
 * Decodes the bytes of one file. Reads PNG, JPEG, WebP, TIFF (first page), GIF (first frame), BMP, whatever the name.
 * Throws `InputError` with a short reason, without the path, for what is no picture, is damaged or cannot be read.
 */
export type DecodeGray = (bytes: Uint8Array) => Promise<DecodedImage>;

/**
 * Makes a decoder for one model input; see `loadSharp` for what sharp, once it is needed, sets in the process.
 * Throws `InputError` for a size that is none, so that whatever the decoder throws is about the file.
 */
export async function createDecoder(framing: Framing): Promise<DecodeGray> {
  const finish = createFinisher(framing);
  const decodePlain = await loadPlainDecoder();
  return (bytes) => finish(decodePlain(bytes) ?? bytes);
}

/** Finishes what `loadPlainDecoder`'s could decode, or decodes the bytes of any file; into a plane that is given or made. */
export type Finish = (picture: PlainPicture | Uint8Array, plane?: Float32Array) => Promise<DecodedImage>;

/** Makes the second half of a decoder. */
export function createFinisher(framing: Framing): Finish {
  const resize = createResize(framing);
  return async (picture, into) => {
    const opened = picture instanceof Uint8Array ? await openRows(picture) : withRows(picture);
    const { rows, format, bitDepth } = opened;
    let max = opened.max ?? 0;
    const readRows: GrayRows["readRows"] = (y, levels) => {
      rows.readRows(y, levels);
      max = Math.max(max, largest(levels));
    };
    const plane = resize(opened.max === undefined ? { ...rows, readRows } : rows, into);
    return { plane, format, bitDepth, sourceHeight: rows.height, sourceWidth: rows.width, max };
  };
}

interface OpenedImage {
  readonly rows: GrayRows;
  readonly format: ImageFormat;
  readonly bitDepth: number;
  /** Largest gray level, where that is known from the samples; else it is looked for in the rows. */
  readonly max?: number;
}

function withRows({ pixels, format, bitDepth }: PlainPicture): OpenedImage {
  const opened = { rows: grayRows(pixels), format, bitDepth };
  return pixels.channels === 1 ? { ...opened, max: largest(pixels.data) / (bitDepth === 16 ? 257 : 1) } : opened;
}

/** Four at a time: one maximum would wait for the one before it. */
function largest(values: Pixels["data"] | Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 4 <= values.length; i += 4) {
    if (values[i]! > a) a = values[i]!;
    if (values[i + 1]! > b) b = values[i + 1]!;
    if (values[i + 2]! > c) c = values[i + 2]!;
    if (values[i + 3]! > d) d = values[i + 3]!;
  }
  for (; i < values.length; i++) if (values[i]! > a) a = values[i]!;
  return Math.max(a, b, c, d);
}

async function openRows(bytes: Uint8Array): Promise<OpenedImage> {
  if (bytes.length === 0) throw new InputError("empty file (0 bytes)");
  const found = sniff(bytes);
  if (found.kind === "unsupported") throw new InputError(`${found.name} is not supported yet`);
  if (found.kind === "other") throw new InputError(`not an image: ${found.name}`);
  const { format } = found;
  if (format === "bmp") {
    const { rows, bitDepth } = readBmp(bytes);
    checkPixels(rows.width, rows.height);
    return { rows, format, bitDepth };
  }
  try {
    return { format, ...(await decodeWithSharp(bytes)) };
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(explainDamage(bytes, format), { cause: error });
  }
}
