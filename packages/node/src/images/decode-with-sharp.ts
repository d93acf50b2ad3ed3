/**
 * Decodes with sharp (libvips): every format but BMP and DICOM, and every kind of it.
 *
 * Nothing of what libvips would like to do on the way is wanted: its gray goes through linear light, 16 bits become 8,
 * resizing multiplies by alpha, colour profiles shift levels. So it is asked for the stored samples, in the space in
 * which they are stored.
 */
import { InputError, type Levels, type PixelLayout, type Pixels, pixelLevels } from "@grayling/core";
import { checkPixels } from "./check-pixels.js";
import { loadSharp } from "./load-sharp.js";

/** The colour spaces of libvips in which samples are taken as they are stored. */
const layouts: ReadonlyMap<string | undefined, PixelLayout> = new Map([
  ["b-w", "gray"],
  ["grey16", "gray"],
  ["srgb", "rgb"],
  ["rgb16", "rgb"],
  ["scrgb", "rgb"], // RGB of floats
  ["cmyk", "cmyk"],
]);

/** Arrays for the sample types of libvips. All but two only come from TIFF. */
const arrays = {
  uchar: Uint8Array,
  ushort: Uint16Array,
  char: Int8Array,
  short: Int16Array,
  int: Int32Array,
  uint: Uint32Array,
  float: Float32Array,
  double: Float64Array,
} as const;

export interface DecodeLimits {
  readonly maxPixels: number;
}

export interface OpenedLevels {
  readonly levels: Levels;
  readonly bitDepth: number; // of the file, per sample
  /** What of a DICOM file's wishes for display is not followed, in one line each. */
  readonly notes?: readonly string[];
}

export interface SharpOptions extends DecodeLimits {
  readonly page: number; // from 1
  /** Makes other pixels of those that libvips gives. Default: they stay. */
  readonly reread?: ((pixels: Pixels) => Pixels) | undefined;
}

/**
 * The levels of a picture, upright. Throws `InputError` for what it can name, and sharp's error for the rest.
 */
export async function decodeWithSharp(
  bytes: Uint8Array,
  { page, maxPixels, reread = (pixels) => pixels }: SharpOptions,
): Promise<OpenedLevels> {
  const sharp = await loadSharp();
  // "warning": in JPEG, damaged data is only a warning to its library, which then goes on with gray.
  const options = { failOn: "warning", autoOrient: true, ignoreIcc: true, page: page - 1 } as const;
  const metadata = await sharp(bytes, { ...options, limitInputPixels: false }).metadata(); // reads the header only
  const { width, height, space, depth, format, bitsPerSample } = metadata;
  checkPixels(width, height, maxPixels);
  const layout = layouts.get(space);
  if (!layout) throw new InputError(`colour space ${space} is not supported, expected gray, RGB or CMYK`);
  if (!isDepth(depth)) throw new InputError(`samples of type ${depth} are not supported`);
  const picture = sharp(bytes, { ...options, limitInputPixels: maxPixels }).toColourspace(space);
  if (layout === "cmyk") picture.pipelineColourspace(space); // else a colour profile of libvips' own is applied
  const { data, info } = await picture.raw({ depth }).toBuffer({ resolveWithObject: true });
  const samples = new arrays[depth](aligned(data));
  const pixels = { data: samples, height: info.height, width: info.width, channels: info.channels, layout };
  return {
    levels: pixelLevels(reread(pixels)),
    bitDepth: depth === "ushort" ? 16 : format === "gif" ? 8 : (bitsPerSample ?? 8),
  };
}

const isDepth = (depth: string | undefined): depth is keyof typeof arrays => depth !== undefined && depth in arrays;

/** The memory of the samples: sharp gives pictures memory of their own; a small one may lie in Node's common pool. */
function aligned({ buffer, byteOffset, byteLength }: Buffer): ArrayBuffer {
  const own = buffer as ArrayBuffer; // Buffers of sharp are not shared
  return byteOffset === 0 && byteLength === own.byteLength ? own : own.slice(byteOffset, byteOffset + byteLength);
}
