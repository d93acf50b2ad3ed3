/** Stored values of one frame of a DICOM file, however it is coded. */
import { InputError } from "@grayling/core";
import type { PixelData } from "./dicom-dataset.js";
import { encapsulatedFrame, nativeFrames } from "./dicom-fragments.js";
import type { PixelFormat } from "./dicom-pixel-format.js";
import { decodeRle } from "./dicom-rle.js";
import { howToConvert, type PixelCoding, type TransferSyntax } from "./dicom-transfer-syntax.js";
import { readJpegHeader } from "./jpeg-header.js";
import type { DecodeLuma } from "./turbo-jpeg.js";

/** Writes sample `sample` of the pixels from number `first` on, as many as `values` has room for. */
export type ReadSamples = (first: number, sample: number, values: Float32Array) => void;

export interface FrameSource {
  readonly format: PixelFormat;
  readonly syntax: TransferSyntax;
  readonly pixelData: PixelData;
}

export interface FrameSamples {
  readonly read: ReadSamples;
  /** Of JPEG only luma is decoded: sample 0 is gray whatever the file's kind of colour. */
  readonly isLuma: boolean;
}

type OpenFrame = (source: FrameSource, frame: number, decodeLuma: DecodeLuma) => FrameSamples;

/** Opens frame number `frame`, from 0. Throws `InputError` if its data are cut or damaged. */
export const openFrame: { readonly [C in PixelCoding]: OpenFrame } = {
  native: ({ format, syntax, pixelData }, frame) => {
    const { height, width, samplesPerPixel, bitsAllocated, frames, isPlanar } = format;
    const pixels = height * width;
    const base = frame * pixels * samplesPerPixel;
    const all = frames * pixels * samplesPerPixel * (bitsAllocated / 8);
    const layout = isPlanar ? { base, step: 1, plane: pixels } : { base, step: samplesPerPixel, plane: 1 };
    const isBigEndian = syntax.isBigEndian === true;
    if (bitsAllocated === 16) return samplesAt(format, layout, wordReader(nativeFrames(pixelData, all), isBigEndian));
    // In big endian two samples of 8 bits make one word, the second of them in front. Source: PS3.5 §8.1.1, annex D.
    const isSwapped = isBigEndian && pixelData.isWords;
    const bytes = nativeFrames(pixelData, isSwapped ? all + (all % 2) : all);
    return samplesAt(format, layout, isSwapped ? (index) => bytes[index ^ 1]! : (index) => bytes[index]!);
  },
  rle: ({ format, pixelData }, frame) => {
    const { height, width, samplesPerPixel, bitsAllocated, frames } = format;
    const pixels = height * width;
    const sampleBytes = bitsAllocated / 8;
    const planes = decodeRle(encapsulatedFrame(pixelData, frame, frames), samplesPerPixel * sampleBytes, pixels);
    const layout = { base: 0, step: 1, plane: sampleBytes * pixels };
    if (sampleBytes === 1) return samplesAt(format, layout, (index) => planes[index]!);
    return samplesAt(format, layout, (index) => planes[index]! * 256 + planes[index + pixels]!);
  },
  jpeg: ({ format, syntax, pixelData }, frame, decodeLuma) => {
    const luma = decodeJpeg(encapsulatedFrame(pixelData, frame, format.frames), format, syntax.name, decodeLuma);
    const read: ReadSamples = (first, _sample, values) => values.set(luma.subarray(first, first + values.length));
    return { read, isLuma: true };
  },
};

/** Where samples stand, counted in samples. */
interface SampleLayout {
  readonly base: number; // of the frame's first
  readonly step: number; // to the next pixel's
  readonly plane: number; // to the next sample of the same pixel
}

function wordReader(bytes: Uint8Array, isBigEndian: boolean): (index: number) => number {
  const [low, high] = isBigEndian ? [1, 0] : [0, 1];
  return (index) => bytes[2 * index + low]! + 256 * bytes[2 * index + high]!;
}

/** Takes the stored bits out of what was allocated; what overlays of old wrote above them is left out. */
function samplesAt(
  { bitsStored, highBit, isSigned }: PixelFormat,
  { base, step, plane }: SampleLayout,
  rawAt: (index: number) => number,
): FrameSamples {
  const up = 31 - highBit; // the stored bits to the top of 32, then down again with or without their sign
  const down = 32 - bitsStored;
  const read: ReadSamples = (first, sample, values) => {
    let index = base + first * step + sample * plane;
    for (let i = 0; i < values.length; i++, index += step) {
      const top = rawAt(index) << up;
      values[i] = isSigned ? top >> down : top >>> down;
    }
  };
  return { read, isLuma: false };
}

function decodeJpeg(bytes: Uint8Array, format: PixelFormat, syntaxName: string, decodeLuma: DecodeLuma): Uint8Array {
  const { height, width, photometric, bitsStored, isSigned } = format;
  if (bitsStored !== 8 || isSigned || photometric === "PALETTE COLOR") {
    const kind = `${isSigned ? "signed " : ""}${bitsStored} bits, ${photometric}`;
    throw new InputError(`${syntaxName} of ${kind} is not decoded, only 8 bits, gray or colour: ${howToConvert}`);
  }
  const header = readJpegHeader(bytes);
  if (!header) throw new InputError(`damaged DICOM: a frame is not ${syntaxName}`);
  if (header.bitDepth !== 8) throw new InputError(`damaged DICOM: a JPEG of ${header.bitDepth} bits, expected 8`);
  if (header.height !== height || header.width !== width) {
    const found = `${header.width} × ${header.height}`;
    throw new InputError(`damaged DICOM: a JPEG of ${found} pixels in a picture of ${width} × ${height}`);
  }
  const luma = decodeLuma(bytes, height, width);
  if (!luma) throw new InputError(`truncated or damaged DICOM: its ${syntaxName} cannot be decoded`);
  return luma;
}
