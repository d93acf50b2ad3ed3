/** Measures a decoded picture in one pass over its rows: values, histogram, thumbnail and hash. */
import { createResize, type GrayRows, isFloat, type Levels, type ValueRange, valueRange } from "@grayling/core";
import { type Picture, type Thumbnail, thumbnailSide } from "./inspected-file.js";
import { createPerceptualHash } from "./perceptual-hash.js";

/** What is measured; the rest of a `Picture` is the file's. */
export type Measured = Omit<Picture, "format" | "bitDepth" | "notes">;

/** Makes the measure for many pictures. */
export function createPictureMeasure(): (levels: Levels) => Measured {
  const resize = createResize({ height: thumbnailSide, width: thumbnailSide, fit: "stretch" });
  const hash = createPerceptualHash(thumbnailSide);
  const plane = new Float32Array(thumbnailSide ** 2);
  return (levels) => {
    const { height, width, samples } = levels;
    const range = isFloat(samples) ? valueRange(levels) : levels.range;
    const meter = new ValueMeter(range);
    resize({ height, width, readRows: metered(levels, meter) }, plane); // reads every row, once; in any units
    const thumbnail = toThumbnail(plane);
    return { height, width, samples, range, ...meter.read(height * width), hash: hash(plane), thumbnail };
  };
}

/** Light where the file says light, so that an inverted copy looks as its original. */
function metered({ readValues, isInverted, range }: Levels, meter: ValueMeter): GrayRows["readRows"] {
  return (y, values) => {
    readValues(y, values);
    if (isInverted) for (let i = 0; i < values.length; i++) values[i] = range.low + range.high - values[i]!;
    meter.add(values);
  };
}

const bins = 64;

/** Counts values as they go by. */
class ValueMeter {
  readonly #counts = new Float64Array(bins);
  readonly #low: number;
  readonly #perValue: number; // bins
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  constructor({ low, high }: ValueRange) {
    this.#low = low;
    // All whole numbers of 8 bits, and of 16, lie in bins of the same size; the last value of floats is in the last bin.
    this.#perValue = high > low ? bins / (Number.isInteger(high) ? high + 1 - low : (high - low) * (1 + 1e-7)) : 0;
  }

  add(values: Float32Array): void {
    const counts = this.#counts;
    const [low, perValue] = [this.#low, this.#perValue];
    let [sum, min, max] = [0, this.#min, this.#max];
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
      counts[((value - low) * perValue) | 0]!++;
    }
    this.#sum += sum;
    this.#min = min;
    this.#max = max;
  }

  read(pixels: number): Pick<Picture, "mean" | "min" | "max" | "histogram"> {
    const histogram = Float32Array.from(this.#counts, (count) => count / pixels);
    return { mean: this.#sum / pixels, min: this.#min, max: this.#max, histogram };
  }
}

function toThumbnail(plane: Float32Array): Thumbnail {
  let [black, white] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const level of plane) {
    if (level < black) black = level;
    if (level > white) white = level;
  }
  const scale = white > black ? 255 / (white - black) : 0;
  return { values: Uint8Array.from(plane, (level) => Math.round((level - black) * scale)), black, white };
}
