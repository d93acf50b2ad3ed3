/** The inner loops of `resample`, as WebAssembly. Sums are in float64, each in the order of its formula. */
import {
  advance,
  type Code,
  constant,
  double,
  doubles,
  get,
  instantiate,
  int,
  type KernelMemory,
  loopWhile,
  set,
  storeFloat,
  types,
  zeros,
} from "./webassembly.js";

/** Numbers are addresses in `memory`, in bytes, but weights, `tapBytes` and what `Spread` has. */
export interface ResampleKernel {
  readonly memory: KernelMemory;
  /**
   * sums[x] += wa·a[x] + wb·b[x] + wc·c[x] + wd·d[x]: float64 sums from `sums` to `end`, float32 rows. In steps of 4: as
   * many as are needed are computed beyond `end`.
   */
  addFour(
    ...operands: [
      ...[sums: number, end: number, a: number, b: number, c: number, d: number],
      ...[wa: number, wb: number, wc: number, wd: number],
    ]
  ): void;
  /**
   * row[i] = Σ_k weights[i·taps + k] · sums[first[i] + k], float32 from `row` to `end`; `first` int32, `weights` float64.
   * Even and odd k are summed on their own. `tapBytes` is 8 · taps, taps a multiple of 4.
   */
  narrow(sums: number, first: number, weights: number, row: number, end: number, tapBytes: number): void;
  /** Values in place of which levels are written, float32 from `row` to `end`, see `Spread`; in steps of 2. */
  spread(row: number, end: number, low: number, scale: number, sign: number, offset: number): void;
}

const { int32, float64, vector } = types;
const { add, multiply } = doubles;

/** A kernel with a memory of its own. */
export function createResampleKernel(): ResampleKernel {
  const four = [float64, float64, float64, float64];
  const two = [int32, int32];
  const six = [...two, ...two, ...two];
  return instantiate<ResampleKernel>([
    { name: "addFour", parameters: [...six, ...four], locals: [vector, vector, vector, vector], code: addFour() },
    { name: "narrow", parameters: six, locals: [int32, int32, vector], code: narrow() },
    { name: "spread", parameters: [...two, ...four], locals: Array<number>(6).fill(vector), code: spread() },
  ]);
}

/** Locals: 0 sums, 1 end, 2–5 rows, 6–9 weights; 10–13 weights in both lanes. */
function addFour(): Code {
  const [first, ...others] = [2, 3, 4, 5] as const;
  const term = (row: number, x: number) => [...get(row), ...doubles.loadFloats(4 * x), ...get(row + 8), ...multiply];
  const sum = (x: number) => [...term(first, x), ...others.flatMap((row) => [...term(row, x), ...add])];
  const addTwo = (x: number) => [
    ...[...get(0), ...get(0), ...doubles.load(8 * x)],
    ...[...sum(x), ...add, ...doubles.store(8 * x)],
  ];
  return [
    ...[6, 7, 8, 9].flatMap((weight) => [...get(weight), ...doubles.spread, ...set(weight + 4)]),
    ...loopWhile(0, 1, addTwo(0), addTwo(2), advance(0, 32), ...[2, 3, 4, 5].map((row) => advance(row, 16))),
  ];
}

/** Locals: 0 sums, 1 first, 2 weights, 3 row, 4 end, 5 tap bytes; 6 window, 7 end of its weights, 8 sums of two lanes. */
function narrow(): Code {
  const load = (local: number, offset: number) => [...get(local), ...doubles.load(offset)];
  const product = (offset: number) => [...load(6, offset), ...load(2, offset), ...multiply];
  const addProducts = [...get(8), ...product(0), ...add, ...product(16), ...add, ...set(8)];
  const sum = [...get(8), ...doubles.lane(0), ...get(8), ...doubles.lane(1), ...double.add];
  return loopWhile(
    3,
    4,
    [...zeros, ...set(8)],
    [...get(0), ...get(1), ...int.load, ...constant(3), ...int.shiftLeft, ...int.add, ...set(6)],
    [...get(2), ...get(5), ...int.add, ...set(7)],
    loopWhile(2, 7, addProducts, advance(6, 32), advance(2, 32)),
    [...get(3), ...sum, ...double.toFloat, ...storeFloat],
    [...advance(1, 4), ...advance(3, 4)],
  );
}

/** Locals: 0 row, 1 end, 2–5 low, scale, sign and offset; 6–9 the same in both lanes, 10 zeros, 11 whites. */
function spread(): Code {
  const scaled = [...get(0), ...doubles.loadFloats(0), ...get(6), ...doubles.subtract, ...get(7), ...multiply];
  const held = [...scaled, ...get(10), ...doubles.greater, ...get(11), ...doubles.lesser];
  const level = [...held, ...get(8), ...multiply, ...get(9), ...add];
  return [
    ...[2, 3, 4, 5].flatMap((local) => [...get(local), ...doubles.spread, ...set(local + 4)]),
    ...[...zeros, ...set(10), ...double.white, ...doubles.spread, ...set(11)],
    ...loopWhile(0, 1, [...get(0), ...level, ...doubles.storeFloats], advance(0, 8)),
  ];
}
