/**
 * Decodes with sharp (libvips): every format but BMP, and every kind of it.
 *
 * Nothing of what libvips would like to do on the way is wanted: its gray goes through linear light, 16 bits become 8,
 * resizing multiplies by alpha, colour profiles shift levels. So it is asked for the stored samples, in the space in
 * which they are stored.
 */
import { type GrayRows, grayRows, InputError, type PixelLayout } from "@grayling/core";
import type { Sharp } from "sharp";
import { checkPixels } from "./check-pixels.js";
import { loadSharp } from "./load-sharp.js";
import { maxPixels } from "./max-pixels.js";

/** The colour spaces of libvips in which samples are taken as they are stored. */
const layouts: ReadonlyMap<string | undefined, PixelLayout> = new Map([
  ["b-w", "gray"],
  ["grey16", "gray"],
  ["srgb", "rgb"],
  ["rgb16", "rgb"],
  ["cmyk", "cmyk"],
]);

/**
 * The gray rows of a picture, upright, and the bits per sample in the file. Throws `InputError` for what it can name,
 * and sharp's error for the rest.
 */
export async function decodeWithSharp(bytes: Uint8Array): Promise<{ rows: GrayRows; bitDepth: number }> {
  const sharp = await loadSharp();
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
