/** PNG's filters, undone: a byte is stored as what it is more than those beside it. Source: PNG 3 (W3C), §9.2. */

/**
 * Rows [height · stride] from filtered rows [height · (1 + stride)], the first byte of each being the filter's number;
 * undefined if it is none. In place: the rows lie in the memory of `bytes`, which moves up by a byte per row. `pixel`:
 * bytes from a sample to the same one of the next pixel, at least 1.
 */
export function undoFilters(bytes: Uint8Array, height: number, stride: number, pixel: number): Uint8Array | undefined {
  for (let y = 0; y < height; y++) {
    const at = y * (1 + stride);
    const undo = (y === 0 ? firstRowFilters : filters)[bytes[at]!];
    if (!undo) return undefined;
    undo(bytes, at + 1, y * stride, stride, pixel);
  }
  return bytes.subarray(0, height * stride);
}

/**
 * Moves the row that is stored at `from` to `to`, below the row before it. By offsets, since an array for each row would
 * be garbage. Left of the first pixel are zeros. Sums are taken modulo 256, which is what a Uint8Array keeps.
 */
type UndoFilter = (bytes: Uint8Array, from: number, to: number, stride: number, pixel: number) => void;

const none: UndoFilter = (bytes, from, to, stride) => {
  bytes.copyWithin(to, from, from + stride);
};

const left: UndoFilter = (bytes, from, to, stride, pixel) => {
  bytes.copyWithin(to, from, from + pixel);
  for (let i = pixel; i < stride; i++) bytes[to + i] = bytes[from + i]! + bytes[to + i - pixel]!;
};

const up: UndoFilter = (bytes, from, to, stride) => {
  const above = to - stride;
  for (let i = 0; i < stride; i++) bytes[to + i] = bytes[from + i]! + bytes[above + i]!;
};

const average: UndoFilter = (bytes, from, to, stride, pixel) => {
  const above = to - stride;
  for (let i = 0; i < pixel; i++) bytes[to + i] = bytes[from + i]! + (bytes[above + i]! >> 1);
  for (let i = pixel; i < stride; i++) {
    bytes[to + i] = bytes[from + i]! + ((bytes[to + i - pixel]! + bytes[above + i]!) >> 1);
  }
};

const averageOfLeft: UndoFilter = (bytes, from, to, stride, pixel) => {
  bytes.copyWithin(to, from, from + pixel);
  for (let i = pixel; i < stride; i++) bytes[to + i] = bytes[from + i]! + (bytes[to + i - pixel]! >> 1);
};

/** Of left a, above b and above left c the one nearest to a + b − c; on a tie the first of them. */
const paeth: UndoFilter = (bytes, from, to, stride, pixel) => {
  const above = to - stride;
  for (let i = 0; i < pixel; i++) bytes[to + i] = bytes[from + i]! + bytes[above + i]!;
  for (let i = pixel; i < stride; i++) {
    bytes[to + i] = bytes[from + i]! + nearest(bytes[to + i - pixel]!, bytes[above + i]!, bytes[above + i - pixel]!);
  }
};

/**
 * Without a branch, since in noise a processor guesses every other one wrong: half the time of comparing distances.
 * With l ≤ h for a and b and t = 3c − a − b: h if t ≤ l, else l if t ≥ h, else c. The sign of a difference, shifted
 * down to all of its bits, chooses.
 */
function nearest(a: number, b: number, c: number): number {
  const down = (b - a) & ((b - a) >> 31);
  const [low, high] = [a + down, b - down];
  const threshold = 3 * c - a - b;
  const lowOrC = low + ((c - low) & ((threshold - high) >> 31));
  return high + ((lowOrC - high) & ((low - threshold) >> 31));
}

const filters: readonly UndoFilter[] = [none, left, up, average, paeth];

/** What they come to where zeros are above. */
const firstRowFilters: readonly UndoFilter[] = [none, left, none, averageOfLeft, left];
