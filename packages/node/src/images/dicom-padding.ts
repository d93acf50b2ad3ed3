/**
 * Pixels that no detector saw, which the file marks with a value of their own (around a CT's circle, beside a film).
 *
 * They are shown black, as the darkest pixel that was measured: left as they are, −2,000 in a CT, they would stretch every
 * window that looks at the values. Source: DICOM PS3.3 C.7.5.1.1.2 (not to be windowed, shown as background).
 */
import type { Levels, ValueRange } from "@grayling/core";
import type { Attributes } from "./dicom-dataset.js";

/** The stored values that are padding, both ends included; undefined if the file names none. */
export function findPadding(attributes: Attributes, isSigned: boolean): ValueRange | undefined {
  const words = [attributes.uint16("x00280120"), attributes.uint16("x00280121")];
  const [value, limit = value] = words.map((word) => (isSigned && word !== undefined ? (word << 16) >> 16 : word));
  if (value === undefined || limit === undefined) return undefined;
  return { low: Math.min(value, limit), high: Math.max(value, limit) };
}

/** Writes NaN where the stored values are padding. */
export function markPadding(values: Float32Array, { low, high }: ValueRange): void {
  for (let i = 0; i < values.length; i++) if (values[i]! >= low && values[i]! <= high) values[i] = Number.NaN;
}

/** The same picture with its darkest value in the place of every NaN. Reads it once, for that value. */
export function fillPadding(levels: Levels): Levels {
  const { height, width, isInverted, range, readValues } = levels;
  const row = new Float32Array(width);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let y = 0; y < height; y++) {
    readValues(y, row);
    for (const value of row) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) [low, high] = [range.low, range.high]; // nothing but padding
  const darkest = isInverted ? high : low;
  return {
    ...levels,
    readValues: (y, values) => {
      readValues(y, values);
      for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) values[i] = darkest;
    },
  };
}
