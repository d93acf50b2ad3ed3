/** Decodes one page of a TIFF: what libvips reads as it is, and the kinds of samples that it would spoil or refuse. */
import { InputError, type Samples } from "@grayling/core";
import { type DecodeLimits, decodeWithSharp, type OpenedLevels } from "./decode-with-sharp.js";
import { patchTiff } from "./patch-tiff.js";
import { asBytes, isReadAsBytes } from "./tiff-as-bytes.js";
import { readTiffDirectories, type TiffDirectory } from "./tiff-directories.js";

/** `page` counts from 1. Throws `InputError` for what it can name, and sharp's error for the rest. */
export async function decodeTiff(
  bytes: Uint8Array,
  { page, maxPixels }: DecodeLimits & { readonly page: number },
): Promise<OpenedLevels> {
  const directories = readTiffDirectories((at, length) => bytes.subarray(at, at + length));
  const directory = directories[page - 1];
  if (!directory) throw new InputError(`page ${page} of ${directories.length}: there is no such page`);
  if (isReadAsBytes(directory)) return decodeAsBytes(bytes, directory, { page, maxPixels });
  const { bits, sampleFormat, samplesPerPixel, isWhiteZero } = directory;
  if (!knownBits.includes(bits)) {
    throw new InputError(
      `TIFF with ${bits} bits per sample (${sampleFormat}) is not supported, expected 1, 2, 4, 8–16 or 32, or float64; save it with 16 bits or as float32`,
    );
  }
  const { levels, bitDepth } = await decodeWithSharp(...withKnownSamples(bytes, directory, { page, maxPixels }));
  // What is unsigned to libvips it turns round by itself.
  const isInverted = isWhiteZero && samplesPerPixel === 1 && levels.samples !== "int16" && sampleFormat !== "uint";
  return { levels: isInverted ? { ...levels, isInverted } : levels, bitDepth };
}

const knownBits: readonly number[] = [1, 2, 4, 8, 16, 32];

async function decodeAsBytes(
  file: Uint8Array,
  directory: TiffDirectory,
  { page, maxPixels }: DecodeArguments[1],
): Promise<OpenedLevels> {
  const { bytes, reread } = asBytes(file, directory, maxPixels);
  const { levels } = await decodeWithSharp(bytes, { page, maxPixels: 8 * maxPixels, reread }); // up to 8 bytes a pixel
  const { bits, isWhiteZero: isInverted } = directory;
  const range = bits < 16 ? { low: 0, high: 2 ** bits - 1 } : levels.range;
  return { levels: { ...levels, range, isInverted }, bitDepth: bits };
}

type DecodeArguments = Parameters<typeof decodeWithSharp>;

/**
 * libvips takes int16 and float16 for unsigned gray of 16 bits on its way out, and cuts values below zero off and
 * fractions away. So the file is made to say unsigned, and the bits are read as what they are (libvips 8.18; the tests
 * of int16 and float16 tell when this can go).
 */
function withKnownSamples(bytes: Uint8Array, directory: TiffDirectory, options: DecodeArguments[1]): DecodeArguments {
  const reread = directory.bits === 16 ? rereads.get(directory.sampleFormat) : undefined;
  const patched = reread && patchTiff(bytes, directory, { sampleFormat: 1 });
  if (!patched) return [bytes, options];
  return [patched, { ...options, reread: (pixels) => ({ ...pixels, data: reread(pixels.data) }) }];
}

type Reread = (samples: Samples) => Samples;

const rereads: ReadonlyMap<TiffDirectory["sampleFormat"], Reread> = new Map<TiffDirectory["sampleFormat"], Reread>([
  ["int", (samples) => new Int16Array(samples.buffer, samples.byteOffset, samples.length)],
  ["float", (samples) => Float32Array.from(samples, halfToFloat)],
]);

/** The value of 16 bits as IEEE 754 binary16. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
