/**
 * Decodes a picture to the gray plane that a model reads: luma only, upright, in the file's own precision.
 *
 * libvips decodes; gray levels and size are made by core (`grayRows`, `resize`). Nothing of what libvips would like to
 * do on the way is wanted: its gray goes through linear light, 16 bits become 8, resizing multiplies by alpha, colour
 * profiles shift levels. So it is asked for the stored samples, in the space in which they are stored.
 */
import {
  checkFraming,
  type Framing,
  type GrayRows,
  grayRows,
  InputError,
  type PixelLayout,
  resize,
} from "@grayling/core";
import type { Sharp } from "sharp";
import { readBmp } from "./bmp.js";
import { explainDamage } from "./explain-damage.js";
import { type ImageFormat, sniff } from "./image-format.js";
import { type LoadedSharp, loadSharp } from "./load-sharp.js";

/**
 * A picture that claims more pixels is refused before anything is allocated: Pillow's own limit, half a gigabyte of RGB.
 * Source: Pillow 13, Image.py: DecompressionBombError above twice MAX_IMAGE_PIXELS.
 */
export const maxPixels = 178_956_970;

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
 * Makes a decoder for one model input; sharp is loaded here, see `loadSharp` for what that sets in the process.
 * Throws `InputError` for a size that is none, so that whatever the decoder throws is about the file.
 */
export async function createDecoder(framing: Framing): Promise<DecodeGray> {
  checkFraming(framing);
  const sharp = await loadSharp();
  return async (bytes) => {
    const { rows, format, bitDepth } = await openRows(sharp, bytes);
    let max = 0;
    const readRow: GrayRows["readRow"] = (y, row) => {
      rows.readRow(y, row);
      for (const level of row) if (level > max) max = level;
    };
    const plane = resize({ ...rows, readRow }, framing);
    return { plane, format, bitDepth, sourceHeight: rows.height, sourceWidth: rows.width, max };
  };
}

interface OpenedImage {
  readonly rows: GrayRows;
  readonly format: ImageFormat;
  readonly bitDepth: number;
}

async function openRows(sharp: LoadedSharp, bytes: Uint8Array): Promise<OpenedImage> {
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
    return { format, ...(await decodeWithSharp(sharp, bytes)) };
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(explainDamage(bytes, format), { cause: error });
  }
}

/** The colour spaces of libvips in which samples are taken as they are stored. */
const layouts: ReadonlyMap<string | undefined, PixelLayout> = new Map([
  ["b-w", "gray"],
  ["grey16", "gray"],
  ["srgb", "rgb"],
  ["rgb16", "rgb"],
  ["cmyk", "cmyk"],
]);

async function decodeWithSharp(sharp: LoadedSharp, bytes: Uint8Array): Promise<Omit<OpenedImage, "format">> {
  // "warning": in JPEG, damaged data is only a warning to its library, which then goes on with gray.
  const options = { failOn: "warning", autoOrient: true, ignoreIcc: true } as const;
  const metadata = await sharp(bytes, { ...options, limitInputPixels: false }).metadata(); // reads the header only
  const { width, height, space, depth, format, bitsPerSample } = metadata;
  checkPixels(width, height);
  const layout = layouts.get(space);
  if (!layout) throw new InputError(`colour space ${space} is not supported, expected gray, RGB or CMYK`);
  if (depth !== "uchar" && depth !== "ushort") {
    throw await noWindow(sharp(bytes, { ...options, limitInputPixels: maxPixels }), space, depth);
  }
  const picture = sharp(bytes, { ...options, limitInputPixels: maxPixels }).toColourspace(space);
  if (layout === "cmyk") picture.pipelineColourspace(space); // else a colour profile of libvips' own is applied
  const { data, info } = await picture.raw({ depth }).toBuffer({ resolveWithObject: true });
  const samples = depth === "ushort" ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  return {
    rows: grayRows({ data: samples, height: info.height, width: info.width, channels: info.channels, layout }),
    bitDepth: depth === "ushort" ? 16 : format === "gif" ? 8 : (bitsPerSample ?? 8),
  };
}

function checkPixels(width: number, height: number): void {
  if (width * height <= maxPixels) return;
  const [shownWidth, shownHeight, limit] = [width, height, maxPixels].map((value) => value.toLocaleString("en"));
  throw new InputError(`claims ${shownWidth} × ${shownHeight} pixels, limit ${limit} in all`);
}

/** Sample types that only TIFF has, under the names that people know. */
const sampleNames: ReadonlyMap<string | undefined, string> = new Map([
  ["char", "int8"],
  ["short", "int16"],
  ["int", "int32"],
  ["uint", "uint32"],
  ["float", "float32"],
  ["double", "float64"],
]);

/** These have no range that is black and white: which values to show as 0 and 255 is the user's choice. */
async function noWindow(picture: Sharp, space: string, depth: string | undefined): Promise<InputError> {
  const { data } = await picture.toColourspace(space).raw({ depth: "float" }).toBuffer({ resolveWithObject: true });
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of new Float32Array(data.buffer, data.byteOffset, data.length / 4)) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const samples = sampleNames.get(depth) ?? depth;
  return new InputError(
    `${samples} TIFF, values ${showValue(low)} … ${showValue(high)}: no window to 0–255 chosen; save it with 8 or 16 bits`,
  );
}

/** Four digits, with the minus of print: −20.5. */
function showValue(value: number): string {
  return String(Number(value.toPrecision(4))).replace("-", "−");
}
