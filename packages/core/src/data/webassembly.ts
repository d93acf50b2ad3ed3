/**
 * WebAssembly from a few instructions, for inner loops: with the processor's vectors they take a third of the time of the
 * same loops in JavaScript, or less. Assembled when it runs, so that the source is what runs.
 * Source: WebAssembly 2.0 (W3C), §5 (binary format). Every runtime that Node 20 or ONNX Runtime Web needs has vectors.
 */

/** What is used of WebAssembly: ECMAScript's types do not have it, but browsers, workers and Node do. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** Bytes of instructions. */
export type Code = readonly number[];

export const types = { int32: 0x7f, float64: 0x7c, vector: 0x7b } as const;

export interface KernelFunction {
  readonly name: string;
  readonly parameters: Code; // types
  /** Further locals, numbered behind the parameters. */
  readonly locals: Code; // types
  readonly code: Code;
}

/** Zeros, a page of 65,536 bytes at first, which `grow` makes more. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

export const pageBytes = 2 ** 16;

/** The functions, by their names, on a `memory` of their own. `Kernel` is the type of just these. */
export function instantiate<Kernel>(functions: readonly KernelFunction[]): Kernel & { readonly memory: KernelMemory } {
  const exported = functions.map(({ name }, index) => exportOf(name, 0, index));
  const bytes = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      functions.map(({ parameters }) => [0x60, parameters.length, ...parameters, 0]),
    ), // no result
    ...section(
      3,
      functions.map((_, index) => [index]),
    ),
    ...section(5, [[0, 1]]), // one page
    ...section(7, [exportOf("memory", 2, 0), ...exported]),
    ...section(10, functions.map(bodyOf)),
  ];
  return new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes))).exports as ReturnType<
    typeof instantiate<Kernel>
  >;
}

const section = (id: number, items: readonly Code[]): Code => [id, ...sized([items.length, ...items.flat()])];
const exportOf = (name: string, kind: number, index: number): Code => [
  ...[name.length, ...Array.from(name, (letter) => letter.charCodeAt(0))],
  ...[kind, index],
];
const bodyOf = ({ locals, code }: KernelFunction): Code =>
  sized([locals.length, ...locals.flatMap((type) => [1, type]), ...code, 0x0b]);
const sized = (content: Code): Code => [...unsigned(content.length), ...content];

/** LEB128. */
const unsigned = (value: number): Code => (value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >> 7)]);

export const get = (local: number): Code => [0x20, local];
export const set = (local: number): Code => [0x21, local];

/** A whole number, 0–63. */
export const constant = (value: number): Code => [0x41, value];

/** Adds bytes to an address. */
export const advance = (local: number, bytes: number): Code => [
  ...[...get(local), ...constant(bytes)],
  ...[...int.add, ...set(local)],
];

/** Repeats the body while one address is below another; at least once. */
export const loopWhile = (address: number, end: number, ...body: readonly Code[]): Code => [
  ...[0x03, 0x40, ...body.flat()],
  ...[...get(address), ...get(end), 0x49, 0x0d, 0, 0x0b],
];

// Instructions, behind their operands. Loads and stores: the binary logarithm of the alignment, then `offset`, 0–127 bytes
// that are added to the address.

export const int = { load: [0x28, 2, 0], add: [0x6a], shiftLeft: [0x74] } as const;

export const double = { add: [0xa0], toFloat: [0xb6], white: [0x44, 0, 0, 0, 0, 0, 0xe0, 0x6f, 0x40] } as const; // 255

export const storeFloat: Code = [0x38, 2, 0];

const wide = (...opcode: number[]): Code => [0xfd, ...opcode];

/** Two float64 in a vector. */
export const doubles = {
  load: (offset: number) => wide(0x00, 3, offset),
  store: (offset: number) => wide(0x0b, 3, offset),
  /** Of two float32. */
  loadFloats: (offset: number) => [...wide(0x5d, 2, offset), ...wide(0x5f)],
  /** As two float32. */
  storeFloats: [...wide(0x5e), ...wide(0x5b, 2, 0, 0)],
  spread: wide(0x14),
  lane: (index: 0 | 1) => wide(0x21, index),
  add: wide(0xf0, 1),
  subtract: wide(0xf1, 1),
  multiply: wide(0xf2, 1),
  /** The smaller; the first where one is no number. */
  lesser: wide(0xf6, 1),
  greater: wide(0xf7, 1),
} as const;

export const zeros = wide(0x0c, ...Array<number>(16).fill(0));

/** Sixteen bytes in a vector. */
export const bytes = {
  load: wide(0x00, 0, 0),
  store: wide(0x0b, 0, 0),
  add: wide(0x6e),
  larger: wide(0x79),
} as const;

/** Eight whole numbers of 16 bits in a vector. */
export const shorts = {
  /** Of eight bytes. */
  loadBytes: wide(0x02, 0, 0),
  /** As eight bytes, of numbers 0–255. */
  storeBytes: [...zeros, ...wide(0x66), ...wide(0x5b, 0, 0, 0)],
  constant: (value: number) => wide(0x0c, ...Array.from({ length: 8 }, () => [value & 255, value >> 8]).flat()),
  add: wide(0x8e, 1),
  subtract: wide(0x91, 1),
  absolute: wide(0x80, 1),
  larger: wide(0x99, 1),
  /** By so many bits that an int32 says. */
  shiftRight: wide(0x8d, 1),
  /** All bits of a lane where the first is not greater. */
  notGreater: wide(0x33),
} as const;

/** Of whole vectors. `choose`: the bits of the first where the third has ones, else of the second. */
export const bits = { and: wide(0x4e), choose: wide(0x52) } as const;
