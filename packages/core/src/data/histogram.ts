/**
 * Counts the values of many pictures, in bounded memory, to tell percentiles of all of them together.
 *
 * Whole numbers from −65,536 to 65,535 (8, 12 and 16 bits, also after DICOM's rescaling) are counted one by one, so that
 * percentiles are exact. With the first other value the counts go over to bins of floats: 2²¹ of them, by sign,
 * exponent and the 12 highest bits of the fraction of a float32, so that a percentile is off by at most 2⁻¹³ of itself,
 * whatever the range. Rejected: a sample of the values (not the same for every order), bins over a range (needs a second
 * pass), a t-digest (depends on the order).
 */
import type { ValueRange } from "./levels.js";
import type { PooledWindow, SettledWindow } from "./window.js";

const exactFrom = -(2 ** 16);
const exactBins = 2 ** 17;
const droppedBits = 11; // of a float32's 32

export class Histogram {
  #counts = new Float64Array(exactBins); // integers, exact up to 2⁵³
  #isExact = true;
  #count = 0;
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;

  /** Values counted. */
  get count(): number {
    return this.#count;
  }

  /** Whether percentiles are exact. */
  get isExact(): boolean {
    return this.#isExact;
  }

  /** The smallest and the largest value: exact. Of no values 0 and 0. */
  get range(): ValueRange {
    return this.#count === 0 ? { low: 0, high: 0 } : { low: this.#low, high: this.#high };
  }

  /** Counts finite values. */
  add(values: Float32Array): void {
    let i = 0;
    if (this.#isExact) {
      i = this.#addExactly(values);
      if (i < values.length) this.#goOverToFloats();
    }
    if (i < values.length) this.#addFloats(values.subarray(i));
    for (const value of values) {
      if (value < this.#low) this.#low = value;
      if (value > this.#high) this.#high = value;
    }
    this.#count += values.length;
  }

  /**
   * `p` from 0 to 100, interpolated between the two values beside it as NumPy's `percentile` does (method "linear"). Of no
   * values 0.
   */
  percentile(p: number): number {
    if (this.#count === 0) return 0;
    const rank = ((this.#count - 1) * p) / 100;
    const below = this.#valueAt(Math.floor(rank));
    const above = this.#valueAt(Math.ceil(rank));
    return below + (above - below) * (rank - Math.floor(rank));
  }

  /** Stops at the first value that has no bin of its own, and returns its index. */
  #addExactly(values: Float32Array): number {
    const counts = this.#counts;
    for (let i = 0; i < values.length; i++) {
      const bin = values[i]! - exactFrom;
      if (!(bin >= 0 && bin < exactBins && bin === (bin | 0))) return i;
      counts[bin]!++;
    }
    return values.length;
  }

  #addFloats(values: Float32Array): void {
    const patterns = new Uint32Array(values.slice().buffer); // the same bits, aligned whatever the view was
    for (let i = 0; i < patterns.length; i++) this.#counts[floatBin(patterns[i]!)]!++;
  }

  #goOverToFloats(): void {
    const exact = this.#counts;
    this.#counts = new Float64Array(2 ** (32 - droppedBits));
    this.#isExact = false;
    const patterns = new Uint32Array(Float32Array.from(exact, (_, bin) => bin + exactFrom).buffer);
    for (const [bin, count] of exact.entries()) if (count > 0) this.#counts[floatBin(patterns[bin]!)]! += count;
  }

  /** The value of this rank, from 0; of bins of floats the middle of the bin, but never beyond the extremes. */
  #valueAt(rank: number): number {
    if (rank <= 0) return this.#low;
    if (rank >= this.#count - 1) return this.#high;
    let bin = 0;
    for (let left = rank - this.#counts[0]!; left >= 0; left -= this.#counts[bin]!) bin++;
    if (this.#isExact) return bin + exactFrom;
    return Math.min(Math.max(binMiddle(bin), this.#low), this.#high);
  }
}

/** The window in the files' own units, to six digits. Of values that are all the same: from it to one above. */
export function settleWindow(window: PooledWindow, histogram: Histogram): SettledWindow {
  const [low, high] = [window.low, window.high].map((p) => sixDigits(histogram.percentile(p))) as [number, number];
  if (low < high) return { kind: "values", low, high };
  const { low: least, high: most } = histogram.range; // nearly all are the same: a few others are the picture
  return { kind: "values", low: least, high: most > least ? most : least + 1 };
}

const sixDigits = (value: number): number => Number(value.toPrecision(6));

/** Float32 as whole numbers in the order of the values (those below zero are turned round), less the lowest bits. */
function floatBin(pattern: number): number {
  return (pattern >>> 31 === 1 ? ~pattern >>> 0 : (pattern | (2 ** 31)) >>> 0) >>> droppedBits;
}

function binMiddle(bin: number): number {
  const ordered = bin * 2 ** droppedBits + 2 ** (droppedBits - 1);
  const bits = Uint32Array.of(ordered >= 2 ** 31 ? ordered - 2 ** 31 : ~ordered >>> 0);
  return new Float32Array(bits.buffer)[0]!;
}
