/** PNG's filters, undone: a byte is stored as what it is more than those beside it. Source: PNG 3 (W3C), §9.2. */

/**
 * Rows [height · stride] from filtered rows [height · (1 + stride)], the first byte of each being the filter's number;
 * undefined if it is none. `pixel`: bytes from a sample to the same one of the next pixel, at least 1.
 */
export function undoFilters(
  filtered: Uint8Array,
  height: number,
  stride: number,
  pixel: number,
): Uint8Array | undefined {
  const rows = new Uint8Array((1 + height) * stride); // zeros above the first row
  for (let y = 0; y < height; y++) {
    const at = y * (1 + stride);
    const undo = filters[filtered[at]!];
    if (!undo) return undefined;
    undo(filtered, at + 1, rows, (1 + y) * stride, stride, pixel);
  }
  return rows.subarray(stride);
}

/**
 * Undoes the row at `from` in `stored`, to `to` in `rows`: by offsets, since an array for each row would be garbage. Left
 * of the first pixel are zeros. Sums are taken modulo 256, which is what a Uint8Array keeps.
 */
type UndoFilter = (
  stored: Uint8Array,
  from: number,
  rows: Uint8Array,
  to: number,
  stride: number,
  pixel: number,
) => void;

const none: UndoFilter = (stored, from, rows, to, stride) => {
  for (let i = 0; i < stride; i++) rows[to + i] = stored[from + i]!;
};

const left: UndoFilter = (stored, from, rows, to, stride, pixel) => {
  for (let i = 0; i < pixel; i++) rows[to + i] = stored[from + i]!;
  for (let i = pixel; i < stride; i++) rows[to + i] = stored[from + i]! + rows[to + i - pixel]!;
};

const up: UndoFilter = (stored, from, rows, to, stride) => {
  const above = to - stride;
  for (let i = 0; i < stride; i++) rows[to + i] = stored[from + i]! + rows[above + i]!;
};

const average: UndoFilter = (stored, from, rows, to, stride, pixel) => {
  const above = to - stride;
  for (let i = 0; i < pixel; i++) rows[to + i] = stored[from + i]! + (rows[above + i]! >> 1);
  for (let i = pixel; i < stride; i++) {
    rows[to + i] = stored[from + i]! + ((rows[to + i - pixel]! + rows[above + i]!) >> 1);
  }
};

/** Of left a, above b and above left c the one nearest to a + b − c; on a tie the first of them. */
const paeth: UndoFilter = (stored, from, rows, to, stride, pixel) => {
  const above = to - stride;
  for (let i = 0; i < pixel; i++) rows[to + i] = stored[from + i]! + rows[above + i]!;
  for (let i = pixel; i < stride; i++) {
    const a = rows[to + i - pixel]!;
    const b = rows[above + i]!;
    const c = rows[above + i - pixel]!;
    const toLeft = Math.abs(b - c);
    const toAbove = Math.abs(a - c);
    const toAboveLeft = Math.abs(a + b - 2 * c);
    const nearest = toLeft <= toAbove && toLeft <= toAboveLeft ? a : toAbove <= toAboveLeft ? b : c;
    rows[to + i] = stored[from + i]! + nearest;
  }
};

const filters: readonly UndoFilter[] = [none, left, up, average, paeth];
