/**
 * Reads DICOM: gray in the units of the modality, colour as luma, frame by frame.
 *
 * What is decoded stands in `dicom-transfer-syntax.ts`. Pixel spacing is ignored: a picture is its pixels.
 */
import { InputError, type Levels, luma, type SampleType, sampleRanges, type ValueRange } from "@grayling/core";
import { type Attributes, type DicomDataset, readDicomDataset } from "./dicom-dataset.js";
import { lookUp, readLookupTable } from "./dicom-lookup-table.js";
import { readModality } from "./dicom-modality.js";
import { fillPadding, findPadding, markPadding } from "./dicom-padding.js";
import { type Photometric, type PixelFormat, readPixelFormat } from "./dicom-pixel-format.js";
import { type FrameSamples, openFrame, type ReadSamples } from "./dicom-samples.js";
import type { PixelCoding } from "./dicom-transfer-syntax.js";
import { readVoiWindow } from "./dicom-window.js";
import { defaultMaxPixels } from "./max-pixels.js";
import { type DecodeLuma, loadTurboJpeg } from "./turbo-jpeg.js";

export interface DicomFile {
  readonly height: number; // px
  readonly width: number; // px
  readonly frames: number;
  readonly bitDepth: number; // stored bits per sample, 1–16
  /** `jpeg` alone needs a decoder of JPEG. */
  readonly coding: PixelCoding;
  readonly ids: DicomIds;
  /** Frame number `frame`, counted from 1 as in `file.dcm#1`. Throws `InputError` if there is none, or it is damaged. */
  readFrame(frame: number, decodeLuma: DecodeLuma): DicomFrame;
}

/** Whose picture it is: pictures that share one of these should not be on two sides of a split. */
export interface DicomIds {
  readonly patient?: string; // (0010,0020)
  readonly study?: string; // (0020,000D)
  readonly series?: string; // (0020,000E)
}

export interface DicomFrame extends Levels {
  /** What of the file's wishes for display is not followed, in one line each. */
  readonly notes: readonly string[];
}

/**
 * Reads everything but the pixels. Throws `InputError` with a short reason, without the path: for what is no DICOM, is
 * damaged, claims more than `maxPixels` in a frame, or is compressed in a way that is not decoded. A beginning of a file
 * that reaches the pixel data is enough for all but `readFrame`, unless it is deflated.
 */
export function openDicom(bytes: Uint8Array, maxPixels: number = defaultMaxPixels): DicomFile {
  const dataset = readDicomDataset(bytes);
  const format = readPixelFormat(dataset.attributes, maxPixels);
  const { height, width, frames, bitsStored } = format;
  return {
    height,
    width,
    frames,
    bitDepth: bitsStored,
    coding: dataset.syntax.coding,
    ids: readIds(dataset.attributes),
    readFrame: (frame, decodeLuma) => {
      if (!Number.isInteger(frame) || frame < 1 || frame > frames) {
        throw new InputError(`frame ${frame}: there is none, expected 1${frames > 1 ? ` to ${frames}` : ""}`);
      }
      return readFrame(dataset, format, frame - 1, decodeLuma);
    },
  };
}

/** One frame of a file, counted from 1. Throws what `openDicom` and `readFrame` throw. */
export async function decodeDicom(
  bytes: Uint8Array,
  { page, maxPixels }: { readonly page: number; readonly maxPixels: number },
): Promise<{ levels: DicomFrame; bitDepth: number; notes: readonly string[] }> {
  const { coding, bitDepth, readFrame } = openDicom(bytes, maxPixels);
  const decodeLuma = coding === "jpeg" ? await loadTurboJpeg() : () => undefined;
  const levels = readFrame(page, decodeLuma);
  return { levels, bitDepth, notes: levels.notes };
}

function readIds(attributes: Attributes): DicomIds {
  const patient = attributes.text("x00100020");
  const study = attributes.text("x0020000d");
  const series = attributes.text("x0020000e");
  return { ...(patient && { patient }), ...(study && { study }), ...(series && { series }) };
}

function readFrame(dataset: DicomDataset, format: PixelFormat, frame: number, decodeLuma: DecodeLuma): DicomFrame {
  const { syntax, pixelData } = dataset;
  const samples = openFrame[syntax.coding]({ format, syntax, pixelData }, frame, decodeLuma);
  const attributes = dataset.attributesOfFrame(frame);
  if (format.photometric.startsWith("MONOCHROME")) return grayFrame(attributes, format, samples);
  return colourFrame(attributes, format, samples);
}

function grayFrame(attributes: Attributes, format: PixelFormat, samples: FrameSamples): DicomFrame {
  const { height, width, photometric, isSigned } = format;
  const modality = readModality(attributes, format);
  const padding = findPadding(attributes, isSigned);
  const { window, notes } = readVoiWindow(attributes);
  const levels: Levels = {
    height,
    width,
    samples: smallestType(modality.range),
    range: modality.range,
    isInverted: photometric === "MONOCHROME1",
    readValues: (y, values) => {
      samples.read(y * width, 0, values);
      if (padding) markPadding(values, padding);
      modality.apply(values);
    },
  };
  return { ...(padding ? fillPadding(levels) : levels), fileWindow: window, notes };
}

/** As if values had been stored after rescaling: it tells whether there are any below zero. */
function smallestType({ low, high }: ValueRange): SampleType {
  const types: readonly SampleType[] = ["uint8", "uint16", "uint32", "int8", "int16", "int32"];
  return types.find((type) => sampleRanges[type].low <= low && high <= sampleRanges[type].high) ?? "float32";
}

/** Luma of a picture in colour, which has neither a modality's units nor a window. */
function colourFrame(attributes: Attributes, format: PixelFormat, samples: FrameSamples): DicomFrame {
  const { height, width, photometric, bitsStored } = format;
  const { fill, bits } =
    photometric === "PALETTE COLOR"
      ? paletteLuma(attributes, format, samples.read)
      : { fill: directLuma(photometric, samples), bits: bitsStored };
  const range = { low: 0, high: 2 ** bits - 1 };
  return {
    height,
    width,
    samples: smallestType(range),
    range,
    readValues: (y, values) => fill(y * width, values),
    notes: [],
  };
}

type Fill = (first: number, values: Float32Array) => void;

function directLuma(photometric: Photometric, { read, isLuma }: FrameSamples): Fill {
  if (isLuma || photometric === "YBR_FULL") return (first, values) => read(first, 0, values);
  if (photometric === "YBR_FULL_422") throw new InputError("DICOM picture of kind YBR_FULL_422, read in JPEG only");
  return (first, values) => {
    const [red, green, blue] = [0, 1, 2].map((sample) => {
      const plane = new Float32Array(values.length);
      read(first, sample, plane);
      return plane;
    });
    for (let i = 0; i < values.length; i++) values[i] = luma(red![i]!, green![i]!, blue![i]!);
  };
}

function paletteLuma(
  attributes: Attributes,
  { isSigned }: PixelFormat,
  read: ReadSamples,
): { fill: Fill; bits: number } {
  if (attributes.has("x00281221")) throw new InputError("DICOM with a segmented palette is not read");
  const [red, green, blue] = [1, 2, 3].map((n) =>
    readLookupTable(attributes, `x0028110${n}`, `x0028120${n}`, isSigned),
  );
  const fill: Fill = (first, values) => {
    read(first, 0, values);
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      values[i] = luma(lookUp(red!, value), lookUp(green!, value), lookUp(blue!, value));
    }
  };
  return { fill, bits: Math.max(red!.bits, green!.bits, blue!.bits) };
}
