/** Values in a file's units become gray levels 0–255, before anything is resized. */
import { InputError } from "../errors.js";
import type { GrayRows, Spread } from "./gray-rows.js";
import type { FileWindow, Levels, ValueRange } from "./levels.js";
import type { SettledWindow } from "./window.js";

/**
 * level = 255 (value − low) / (high − low), black below `low` and white above `high`; inverted after that where large
 * values are dark. Where `low` = `high`, in a picture of one value, all is black before inverting. Files of 8 bits
 * with the window `full` are read as they are, without any cost. Throws `InputError` for `dicom` where the file states no
 * window.
 */
export function applyWindow(levels: Levels, window: SettledWindow): GrayRows {
  const { height, width, isInverted = false } = levels;
  const { low, high, isSigmoid } = windowOf(levels, window);
  if (isSigmoid) return sigmoidRows(levels, { low, high });
  if (low === 0 && high === 255 && !isInverted && levels.samples === "uint8") {
    return { height, width, readRows: levels.readValues };
  }
  // Scale and rounding of 16 bits are those of value / 257.
  const scale = high > low ? 255 / (high - low) : 0;
  const spread: Spread = isInverted ? { low, scale, sign: -1, offset: 255 } : { low, scale, sign: 1, offset: 0 };
  return {
    height,
    width,
    spread: { ...spread, readValues: levels.readValues },
    readRows: (y, rows) => {
      levels.readValues(y, rows);
      spreadLevels(rows, spread);
    },
  };
}

/** Apart from its caller, whose variables a compiled loop would load again for every value: two thirds of the time. */
function spreadLevels(rows: Float32Array, { low, scale, sign, offset }: Spread): void {
  for (let x = 0; x < rows.length; x++) {
    let level = (rows[x]! - low) * scale; // comparing takes half the time of Math.min and Math.max
    if (level < 0) level = 0;
    else if (level > 255) level = 255;
    rows[x] = offset + sign * level;
  }
}

function sigmoidRows({ height, width, readValues, isInverted = false }: Levels, { low, high }: ValueRange): GrayRows {
  const steepness = (isInverted ? 4 : -4) / (high - low);
  const middle = (low + high) / 2;
  return {
    height,
    width,
    readRows: (y, rows) => {
      readValues(y, rows);
      for (let x = 0; x < rows.length; x++) rows[x] = 255 / (1 + Math.exp(steepness * (rows[x]! - middle)));
    },
  };
}

/** Which values of this picture become black and white. Throws what `applyWindow` throws. */
export function windowOf(levels: Levels, window: SettledWindow): FileWindow {
  if (window.kind === "values") return window;
  if (window.kind === "full") return levels.range;
  if (window.kind === "image") return valueRange(levels);
  if (levels.fileWindow) return levels.fileWindow;
  throw new InputError("states no window centre and width, which the window dicom needs; choose another --window");
}

/** Values that are looked at together. */
const valuesAtOnce = 2 ** 16;

/** Calls `look` with all values of a picture, a few rows at a time; the array is used again. */
export function forEachRows({ height, width, readValues }: Levels, look: (values: Float32Array) => void): void {
  const rows = Math.max(1, Math.floor(valuesAtOnce / width));
  const held = new Float32Array(rows * width);
  for (let y = 0; y < height; y += rows) {
    const values = held.subarray(0, Math.min(rows, height - y) * width);
    readValues(y, values);
    look(values);
  }
}

/** The smallest and the largest value. */
export function valueRange(levels: Levels): ValueRange {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  forEachRows(levels, (values) => {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  });
  return { low, high };
}
