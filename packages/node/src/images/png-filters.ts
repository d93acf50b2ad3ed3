/**
 * PNG's filters, undone: a byte is stored as what it is more than those beside it. As WebAssembly: the bytes of a pixel, up
 * to 8, are worked on at once, without a branch. Source: PNG 3 (W3C), §9.2.
 */
import { webassembly } from "@grayling/core/pictures";

const { advance, bits, bytes, get, int, loopWhile, pageBytes, set, shorts, types } = webassembly;
type Code = webassembly.Code;

/**
 * Rows [height · stride] from filtered rows [height · (1 + stride)], the first byte of each being the filter's number;
 * undefined if it is none. In place: the rows lie in the memory of `filtered`, which moves up by a byte per row. `pixel`:
 * bytes from a sample to the same one of the next pixel, 1–8.
 */
export type UndoFilters = (
  filtered: Uint8Array,
  height: number,
  stride: number,
  pixel: number,
) => Uint8Array | undefined;

/**
 * Writes the row at `to` that is stored at `from`, below the row at `above`; addresses. Where `to` reaches `end`, up to 15
 * bytes behind have been written and read, too.
 */
type UndoFilter = (from: number, above: number, to: number, end: number, pixel: number) => void;

type Kernel = Readonly<Record<"none" | "left" | "up" | "average" | "paeth", UndoFilter>>;

/** Bytes of rows that are in the kernel's memory at once, unless one row is more. */
const bytesAtOnce = 2 ** 16;

/** What a vector reads and writes behind a row. */
const overrun = 16;

export function createUndoFilters(): UndoFilters {
  const { memory, none, left, up, average, paeth } = webassembly.instantiate<Kernel>(kernel());
  const filters: readonly UndoFilter[] = [none, left, up, average, paeth];
  return (filtered, height, stride, pixel) => {
    const rows = Math.min(height, Math.max(1, Math.floor(bytesAtOnce / (1 + stride))));
    const from = (1 + rows) * stride + overrun; // behind the rows that are made, and the one above them
    const missing = from + rows * (1 + stride) + overrun - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
    const held = new Uint8Array(memory.buffer);
    held.fill(0, 0, stride); // above the first row are zeros
    for (let y = 0; y < height; y += rows) {
      const count = Math.min(rows, height - y);
      held.set(filtered.subarray(y * (1 + stride), (y + count) * (1 + stride)), from);
      for (let row = 0; row < count; row++) {
        const [start, above] = [from + row * (1 + stride), row * stride];
        const undo = filters[held[start]!];
        if (!undo) return undefined;
        undo(start + 1, above, above + stride, above + 2 * stride, pixel);
      }
      filtered.set(held.subarray(stride, (1 + count) * stride), y * stride);
      held.copyWithin(0, count * stride, (1 + count) * stride);
    }
    return filtered.subarray(0, height * stride);
  };
}

// Locals: 0 from, 1 above, 2 to, 3 end, 4 bytes of a pixel; of those below: 5 a, to the left; 6 b, above; 7 c, above to the
// left; 8, 9, 10 their distances from a + b − c. Left of the first pixel, a and c are zeros.

function kernel(): webassembly.KernelFunction[] {
  const parameters = Array<number>(5).fill(types.int32);
  const named = { none: none(), left: byPixels([]), up: up(), average: byPixels(average()), paeth: byPixels(paeth()) };
  const locals = Array<number>(6).fill(types.vector);
  return Object.entries(named).map(([name, code]) => ({ name, parameters, locals, code }));
}

const next = (...addresses: number[]) => addresses.flatMap((address) => advance(address, 16));

function none(): Code {
  return loopWhile(2, 3, [...get(2), ...get(0), ...bytes.load, ...bytes.store], next(0, 2));
}

function up(): Code {
  const sum = [...get(0), ...bytes.load, ...get(1), ...bytes.load, ...bytes.add];
  return loopWhile(2, 3, [...get(2), ...sum, ...bytes.store], next(0, 1, 2));
}

/**
 * a ← x + what is made of a, b and c, modulo 256, pixel by pixel: `predict` leaves that in a. Bytes behind a pixel are
 * written over by those of the next.
 */
function byPixels(predict: Code): Code {
  const sum = [...get(0), ...shorts.loadBytes, ...get(5), ...shorts.add, ...shorts.constant(255), ...bits.and];
  const step = (address: number) => [...get(address), ...get(4), ...int.add, ...set(address)];
  return loopWhile(
    2,
    3,
    [...get(1), ...shorts.loadBytes, ...set(6), ...predict],
    [...sum, ...set(5), ...get(6), ...set(7)],
    [...get(2), ...get(5), ...shorts.storeBytes],
    [0, 1, 2].flatMap(step),
  );
}

function average(): Code {
  const one = [0x41, 1];
  return [...get(5), ...get(6), ...shorts.add, ...one, ...shorts.shiftRight, ...set(5)];
}

/** Of a, b and c the one nearest to a + b − c; on a tie the first of them. */
function paeth(): Code {
  const minus = (a: number, b: number) => [...get(a), ...get(b), ...shorts.subtract];
  const distances = [
    ...[...minus(6, 7), ...set(8), ...minus(5, 7), ...set(9)],
    ...[...get(8), ...get(9), ...shorts.add, ...shorts.absolute, ...set(10)],
    ...[8, 9].flatMap((local) => [...get(local), ...shorts.absolute, ...set(local)]),
  ];
  const isNearer = (first: number, second: number) => [...get(first), ...get(second), ...shorts.notGreater];
  const bOrC = [...get(6), ...get(7), ...isNearer(9, 10), ...bits.choose];
  return [
    ...distances,
    ...[...get(5), ...bOrC, ...isNearer(8, 9), ...isNearer(8, 10), ...bits.and, ...bits.choose, ...set(5)],
  ];
}
