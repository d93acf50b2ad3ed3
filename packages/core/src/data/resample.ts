/**
 * Resamples a picture by one filter down and one across. First down, then across: sums over whole rows are one long loop,
 * and only the rows of the plane are narrowed. The rows of one window are held, each in the place of one that left it.
 */
import type { GrayRows } from "./gray-rows.js";
import { createResampleKernel, type ResampleKernel } from "./resample-kernel.js";
import type { AxisFilter } from "./triangle-filter.js";
import { pageBytes } from "./webassembly.js";

export interface AxisFilters {
  readonly down: AxisFilter;
  readonly across: AxisFilter;
}

/** Calls `write` with each row of the result, in order; the array is used again. */
export type Resample = (source: GrayRows, write: (i: number, row: Float32Array) => void) => void;

/** Makes a `Resample` for pictures of that width by these filters. */
export type PrepareResample = (width: number, filters: AxisFilters) => Resample;

/** The memory of what was prepared last is used again. */
export function createResample(): PrepareResample {
  const kernel = createResampleKernel();
  return (width, filters) => {
    const places = layOut(width, filters);
    const missing = places.bytes - kernel.memory.buffer.byteLength;
    if (missing > 0) kernel.memory.grow(Math.ceil(missing / pageBytes));
    return resampleIn(kernel, places, width, filters);
  };
}

/** Addresses. Rows are float32, with room for a multiple of 4. */
interface Places {
  readonly weights: number; // float64, of `across`
  readonly sums: number; // float64, with zeros behind, where a window's weights are zero
  readonly sumsEnd: number;
  readonly held: number;
  readonly rowBytes: number; // of a held row
  readonly first: number; // int32, of `across`
  readonly narrowed: number;
  readonly bytes: number;
}

function layOut(width: number, { down, across }: AxisFilters): Places {
  const padded = 4 * Math.ceil(width / 4);
  const sums = 8 * across.weights.length;
  const sumsEnd = sums + 8 * padded;
  const held = sumsEnd + 8 * across.taps;
  const rowBytes = 4 * padded;
  const first = held + down.taps * rowBytes;
  const narrowed = first + 4 * across.first.length;
  return { weights: 0, sums, sumsEnd, held, rowBytes, first, narrowed, bytes: narrowed + 4 * across.first.length };
}

function resampleIn(kernel: ResampleKernel, places: Places, width: number, { down, across }: AxisFilters): Resample {
  const { buffer } = kernel.memory;
  new Uint8Array(buffer, 0, places.bytes).fill(0);
  new Float64Array(buffer, places.weights, across.weights.length).set(across.weights);
  new Int32Array(buffer, places.first, across.first.length).set(across.first);
  const sums = new Float64Array(buffer, places.sums, (places.sumsEnd - places.sums) / 8);
  const narrowed = new Float32Array(buffer, places.narrowed, across.first.length);
  const held = Array.from(
    { length: down.taps },
    (_, i) => new Float32Array(buffer, places.held + i * places.rowBytes, width),
  );
  const narrowedEnd = places.narrowed + narrowed.byteLength;
  return (source, write) => {
    const readRow = rowReader(kernel, places, held, source);
    let next = down.first[0]!;
    for (let i = 0; i < down.first.length; i++) {
      for (const end = down.first[i]! + down.count[i]!; next < end; next++) {
        readRow(next, next % down.taps);
      }
      sums.fill(0);
      sumRows(kernel, places, down, i);
      kernel.narrow(places.sums, places.first, places.weights, places.narrowed, narrowedEnd, 8 * across.taps);
      write(i, narrowed);
    }
  };
}

/** Reads row y into the held row i, with its levels spread there where they can be. */
function rowReader(
  kernel: ResampleKernel,
  { held: start, rowBytes }: Places,
  held: readonly Float32Array[],
  { readRows, spread }: GrayRows,
) {
  if (!spread) return (y: number, i: number) => readRows(y, held[i]!);
  const { readValues, low, scale, sign, offset } = spread;
  return (y: number, i: number) => {
    readValues(y, held[i]!);
    const row = start + i * rowBytes;
    kernel.spread(row, row + rowBytes, low, scale, sign, offset);
  };
}

/** Output row i of `filter`, before it is narrowed, in fours: behind a window's last weight are zeros. */
function sumRows(kernel: ResampleKernel, { sums, sumsEnd, held, rowBytes }: Places, filter: AxisFilter, i: number) {
  const { first, count, weights, taps } = filter;
  for (let k = 0, w = i * taps; k < count[i]!; k += 4, w += 4) {
    const row = (of: number) => held + ((first[i]! + k + of) % taps) * rowBytes;
    const [wa, wb, wc, wd] = [weights[w]!, weights[w + 1]!, weights[w + 2]!, weights[w + 3]!];
    kernel.addFour(sums, sumsEnd, row(0), row(1), row(2), row(3), wa, wb, wc, wd);
  }
}
