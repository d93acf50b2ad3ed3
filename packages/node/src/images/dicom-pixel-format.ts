/** How a DICOM file stores one pixel. Source: DICOM PS3.3 C.7.6.3, PS3.5 §8. */
import { InputError } from "@grayling/core";
import { checkPixels } from "./check-pixels.js";
import type { Attributes } from "./dicom-dataset.js";

const photometrics = ["MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_FULL", "YBR_FULL_422"] as const;

/** YBR: luma and two differences of colour; 422 halves the width of those, and is read in JPEG only. */
export type Photometric = (typeof photometrics)[number];

export interface PixelFormat {
  readonly height: number; // px
  readonly width: number; // px
  readonly frames: number;
  readonly photometric: Photometric;
  readonly samplesPerPixel: 1 | 3;
  readonly bitsAllocated: 8 | 16;
  readonly bitsStored: number; // the lowest of them at `highBit` + 1 − `bitsStored`
  readonly highBit: number;
  readonly isSigned: boolean;
  /** Three planes, R G B, instead of three samples per pixel. */
  readonly isPlanar: boolean;
}

/** More frames than any scanner writes: what one file may make of itself in a list of images. */
export const maxFrames = 100_000;

/** Throws `InputError` for what is missing, contradicts itself, is too large or is not read. */
export function readPixelFormat(attributes: Attributes, maxPixels: number): PixelFormat {
  const demand = (name: string, tag: string): number => {
    const value = attributes.uint16(tag);
    if (value === undefined) throw new InputError(`damaged DICOM: ${name} is missing`);
    return value;
  };
  const height = demand("Rows (0028,0010)", "x00280010");
  const width = demand("Columns (0028,0011)", "x00280011");
  if (height === 0 || width === 0) throw new InputError(`damaged DICOM: ${width} × ${height} pixels`);
  checkPixels(width, height, maxPixels);

  const photometric = readPhotometric(attributes.text("x00280004"));
  const isColour = photometric === "RGB" || photometric.startsWith("YBR");
  const samplesPerPixel = attributes.uint16("x00280002") ?? 1;
  if (samplesPerPixel !== (isColour ? 3 : 1)) {
    throw new InputError(`damaged DICOM: ${samplesPerPixel} samples per pixel in a picture of kind ${photometric}`);
  }
  const isSigned = attributes.uint16("x00280103") === 1;
  if (isColour && isSigned) throw new InputError(`damaged DICOM: signed samples in a picture of kind ${photometric}`);
  return {
    height,
    width,
    frames: readFrames(attributes.number("x00280008") ?? 1),
    photometric,
    samplesPerPixel,
    ...readBits(demand("BitsAllocated (0028,0100)", "x00280100"), attributes),
    isSigned,
    isPlanar: attributes.uint16("x00280006") === 1,
  };
}

function readPhotometric(text: string | undefined): Photometric {
  if (text === undefined) throw new InputError("damaged DICOM: PhotometricInterpretation (0028,0004) is missing");
  const found = photometrics.find((known) => known === text);
  if (!found) throw new InputError(`DICOM picture of kind ${text}, expected one of ${photometrics.join(", ")}`);
  return found;
}

function readFrames(frames: number): number {
  if (!Number.isInteger(frames) || frames < 1) throw new InputError(`damaged DICOM: ${frames} frames`);
  if (frames <= maxFrames) return frames;
  throw new InputError(`claims ${frames.toLocaleString("en")} frames, limit ${maxFrames.toLocaleString("en")}`);
}

function readBits(allocated: number, attributes: Attributes) {
  if (allocated !== 8 && allocated !== 16) {
    throw new InputError(`DICOM with ${allocated} bits allocated per sample, expected 8 or 16`);
  }
  const bitsStored = attributes.uint16("x00280101") ?? allocated;
  const highBit = attributes.uint16("x00280102") ?? bitsStored - 1;
  if (bitsStored < 1 || highBit < bitsStored - 1 || highBit >= allocated) {
    throw new InputError(`damaged DICOM: ${bitsStored} bits below bit ${highBit + 1} of ${allocated}`);
  }
  return { bitsAllocated: allocated, bitsStored, highBit } as const;
}
