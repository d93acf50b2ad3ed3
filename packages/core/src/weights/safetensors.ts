/**
 * Reads and writes safetensors files.
 * Source: https://github.com/huggingface/safetensors, README, section "Format", version 0.8.
 */
import { WeightsError } from "../errors.js";
import { showShape, sizeOf, type Tensor } from "../graph/tensor.js";
import { bfloat16Table, float16Table } from "./half-floats.js";
import { quoted, shortened } from "./quoted.js";
import { readHeader, type SafetensorsEntry, writeHeader } from "./safetensors-header.js";
import type { TensorFile } from "./tensor-file.js";

type ReadValue = (view: DataView, at: number) => number;

interface Dtype {
  readonly bytes: number;
  /** Made once per file: the halves need a table. */
  readonly reader: () => ReadValue;
}

/** The types that are read. Little endian, as the format asks, whatever the machine is. */
const dtypes: Readonly<Record<string, Dtype>> = {
  F64: { bytes: 8, reader: () => (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, reader: () => (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, reader: () => halfReader(float16Table()) },
  BF16: { bytes: 2, reader: () => halfReader(bfloat16Table()) },
  I64: { bytes: 8, reader: () => (view, at) => Number(view.getBigInt64(at, true)) },
  I32: { bytes: 4, reader: () => (view, at) => view.getInt32(at, true) },
  U8: { bytes: 1, reader: () => (view, at) => view.getUint8(at) },
};

const halfReader =
  (table: Float32Array): ReadValue =>
  (view, at) =>
    table[view.getUint16(at, true)]!;

/**
 * All tensors as float32: F32 as stored, F16, BF16 and U8 widened exactly, F64, I64 and I32 rounded to nearest.
 * Throws `WeightsError` for anything that the format forbids (also holes and overlaps) and for other types.
 */
export function readSafetensors(bytes: Uint8Array): TensorFile {
  const { entries, metadata, dataStart } = readHeader(bytes);
  const data = bytes.subarray(dataStart);
  checkOffsets(entries, data.length);
  const readers = new Map<string, ReadValue>();
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, data_offsets }] of entries) {
    const type = dtypeOf(name, dtype);
    const [begin, end] = data_offsets;
    const length = lengthOf(shape, type.bytes);
    if (length !== end - begin) {
      throw invalid(name, `${dtype} ${shortened(showShape(shape))} takes ${length} bytes, got ${end - begin}`);
    }
    const read = readers.get(dtype) ?? type.reader();
    readers.set(dtype, read);
    const view = new DataView(data.buffer, data.byteOffset + begin, length);
    tensors.set(name, { shape, data: valuesOf(view, type.bytes, read) });
  }
  return { metadata, tensors };
}

/** The tensors must follow each other without a gap and fill the file: nothing hides in it, nothing is missing. */
function checkOffsets(entries: ReadonlyMap<string, SafetensorsEntry>, dataLength: number): void {
  const ordered = [...entries].sort(([, a], [, b]) => {
    const [[beginA, endA], [beginB, endB]] = [a.data_offsets, b.data_offsets];
    return beginA - beginB || endA - endB;
  });
  let expected = 0;
  for (const [name, { data_offsets }] of ordered) {
    const [begin, end] = data_offsets;
    if (begin !== expected)
      throw invalid(name, `begins at byte ${begin}, expected ${expected}, the previous one's end`);
    if (end < begin) throw invalid(name, `ends at byte ${end}, expected ${begin} or later`);
    if (end > dataLength) throw invalid(name, `ends at byte ${end}, but the file has ${dataLength}: is it cut off?`);
    expected = end;
  }
  if (expected !== dataLength) {
    throw new WeightsError(`safetensors: expected ${expected} bytes of tensors after the header, got ${dataLength}`);
  }
}

function dtypeOf(name: string, dtype: string): Dtype {
  const type = Object.hasOwn(dtypes, dtype) ? dtypes[dtype] : undefined;
  if (type) return type;
  throw invalid(name, `type ${quoted(dtype)}, expected one of ${Object.keys(dtypes).join(", ")}`);
}

/** Infinity if it is too large to be exact; a later extent of 0 does not excuse that. */
function lengthOf(shape: readonly number[], bytes: number): number {
  let length = bytes;
  for (const extent of shape) {
    length *= extent;
    if (!Number.isSafeInteger(length)) return Number.POSITIVE_INFINITY;
  }
  return length;
}

function valuesOf(view: DataView, step: number, read: ReadValue): Float32Array {
  const values = new Float32Array(view.byteLength / step);
  for (let i = 0; i < values.length; i++) values[i] = read(view, i * step);
  return values;
}

/**
 * A file of F32 tensors, sorted by name; those named in `int64` come first, as I64, and must be whole numbers. The same
 * input gives the same bytes, and `readSafetensors` the same values. Throws `WeightsError` for the name `__metadata__`,
 * which the format keeps for itself.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
  int64: ReadonlySet<string> = new Set(),
): Uint8Array {
  if (tensors.has("__metadata__")) throw invalid("__metadata__", "expected another name, this one is the format's own");
  // The wide ones first, as the format's own library orders them: so each is aligned.
  const rank = (name: string) => (int64.has(name) ? 0 : 1);
  const sorted = [...tensors].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const entries = new Map<string, SafetensorsEntry>();
  let dataLength = 0;
  for (const [name, { shape, data }] of sorted) {
    if (sizeOf(shape) !== data.length)
      throw new Error(`internal: ${name}: ${showShape(shape)} has ${data.length} values`);
    const begin = dataLength;
    dataLength += (int64.has(name) ? 8 : 4) * data.length;
    entries.set(name, { dtype: int64.has(name) ? "I64" : "F32", shape: [...shape], data_offsets: [begin, dataLength] });
  }
  const header = writeHeader(entries, metadata);
  const bytes = new Uint8Array(header.length + dataLength);
  bytes.set(header);
  let at = header.length;
  for (const [name, { data }] of sorted) {
    const values = int64.has(name) ? BigInt64Array.from(data, BigInt) : data;
    // The format is little-endian, as is every machine that ONNX Runtime is built for (see `encode`).
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

const invalid = (name: string, message: string): WeightsError =>
  new WeightsError(`safetensors: tensor ${quoted(name)}: ${message}`);
