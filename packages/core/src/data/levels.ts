/**
 * A gray picture in the units of its file: what every decoder yields, before a window turns the values into gray levels
 * 0–255 (see `window.ts`). Nothing here goes through 8 bits unless the file has 8.
 */

/** From black to white, or from the smallest value to the largest; `low` ≤ `high`. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** The window that a file states for itself (DICOM's centre and width). */
export interface FileWindow extends ValueRange {
  /**
   * level = 255 / (1 + e^(−4 (v − c) / w)), with c in the middle of `low` and `high` and w their distance, instead of the
   * straight line. Default false. Source: DICOM PS3.3 C.11.2.1.3.1.
   */
  readonly isSigmoid?: boolean;
}

/** How one sample is stored. 1, 2 and 4 bits count as `uint8`, scaled to 0–255 as every reader does. */
export type SampleType = "uint8" | "uint16" | "uint32" | "int8" | "int16" | "int32" | "float32" | "float64";

/**
 * Not assignable to `GrayRows` (its method has another name), so that values cannot be resized before they are gray levels.
 */
export interface Levels {
  readonly height: number; // px, upright
  readonly width: number; // px, upright
  readonly samples: SampleType;
  /**
   * What the file can hold, in the units of `readValues`: 0–255, 0–65,535, or fewer where the file says how many bits it
   * uses (DICOM's 12 stored bits: 0–4,095, after rescaling). Of floats 0–1, black and white by convention.
   */
  readonly range: ValueRange;
  /** The file's own choice of black and white, if it makes one. */
  readonly fileWindow?: FileWindow | undefined;
  /** Large values are dark (DICOM's MONOCHROME1): levels are inverted after windowing. Default false. */
  readonly isInverted?: boolean | undefined;
  /**
   * Writes row `y` and those below it into `values` [n, width]: as many as it has room for. In the file's own units (after
   * DICOM's rescaling), upright. Exact but for 32-bit integers and float64, which are rounded to float32.
   */
  readValues(y: number, values: Float32Array): void;
}

export const sampleTypes: readonly SampleType[] = [
  "uint8",
  "uint16",
  "uint32",
  "int8",
  "int16",
  "int32",
  "float32",
  "float64",
];

/** Whether samples are floating point, so that a file could hold any value. */
export const isFloat = (samples: string): boolean => samples.startsWith("float");

/** What a type can hold; of floats 0–1. */
export const sampleRanges: { readonly [T in SampleType]: ValueRange } = {
  uint8: { low: 0, high: 2 ** 8 - 1 },
  uint16: { low: 0, high: 2 ** 16 - 1 },
  uint32: { low: 0, high: 2 ** 32 - 1 },
  int8: { low: -(2 ** 7), high: 2 ** 7 - 1 },
  int16: { low: -(2 ** 15), high: 2 ** 15 - 1 },
  int32: { low: -(2 ** 31), high: 2 ** 31 - 1 },
  float32: { low: 0, high: 1 },
  float64: { low: 0, high: 1 },
};
