/** Reads HDF5 files through h5wasm (the HDF5 library as WebAssembly), in memory; every size is checked before use. */
import type { Dataset, Entity, Group, Metadata } from "h5wasm";
import { WeightsError } from "../errors.js";
import { showShape, sizeOf, type Tensor } from "../graph/tensor.js";
import { withDiagnostics } from "./hdf5-diagnostics.js";
import { findDamagedHeap } from "./hdf5-global-heaps.js";
import { withMemoryLimit } from "./hdf5-memory-limit.js";
import { type Library, withTransaction } from "./hdf5-transaction.js";
import { quoted, shortened } from "./quoted.js";

/** Bytes of tensors per byte of file. Keras does not compress; trained weights hardly shrink, zeros would, by 1000. */
const maximumExpansion = 16;
/**
 * Names on the paths of the groups and tensors that are opened in one file, which is what opening takes time for: with links,
 * 31 groups make a tree of 2^31. The largest EfficientNet, in a model in a model, has 30,000, and 40 bytes of file for each.
 */
const [maximumSteps, stepsPerByte, freeSteps] = [60_000, 1 / 8, 1000];
/** bytes that HDF5 may take for itself, beside twice the file's: it copies what it reads. It begins with 19 MB. */
const baseMemory = 32 * 2 ** 20;
/** characters of what HDF5 says about a damaged file. */
const longestReason = 200;

/** What one open file may still cost, and what HDF5 said of it. */
interface OpenFile {
  readonly h5wasm: typeof import("h5wasm");
  readonly bytes: number;
  tensorBytes: number;
  steps: number;
  readonly complaint: () => string | undefined;
}

/**
 * Opens the bytes as an HDF5 file and returns what `read` makes of its root. The groups are valid only within `read`.
 * A damaged file does not spoil the next one, but HDF5 may take long over it, and each crash inside HDF5 costs some of
 * the library's stack of 2 MB for good: read strangers' files in a worker that you can end.
 * Throws `WeightsError` for bytes that are not HDF5, damaged, or larger than they can be.
 */
export async function readHdf5<T>(bytes: Uint8Array, read: (root: Hdf5Group) => T): Promise<T> {
  const damaged = findDamagedHeap(bytes);
  if (damaged !== undefined) throw new WeightsError(`HDF5: the texts at byte ${damaged} are damaged`);
  // Importing h5wasm compiles its WebAssembly, so that waits for the first file.
  const h5wasm = await import("h5wasm");
  // Its types describe an older Emscripten than the one that made it.
  const library = (await h5wasm.ready) as unknown as Library;
  // From here to the end nothing waits, so two reads at once cannot meet.
  return withDiagnostics(library.FS, (complaint) =>
    withMemoryLimit(baseMemory + 2 * bytes.length, () =>
      withTransaction(library, bytes, (path) => {
        try {
          const file = new h5wasm.File(path, "r");
          if (file.file_id < 0n) throw new Error("it does not open");
          const steps = Math.min(maximumSteps, freeSteps + bytes.length * stepsPerByte);
          const limits = { bytes: bytes.length, tensorBytes: maximumExpansion * bytes.length, steps };
          const result = read(new Hdf5Group(file, { h5wasm, complaint, ...limits }));
          file.close();
          return result;
        } catch (cause) {
          if (cause instanceof WeightsError) throw cause;
          const reason = complaint() ?? (cause instanceof Error ? cause.message : cause);
          throw new WeightsError(`HDF5: cannot read the file: ${shortened(String(reason), longestReason)}`, { cause });
        }
      }),
    ),
  );
}

/** A group of an open file. Every method throws `WeightsError` where the file is damaged. */
export class Hdf5Group {
  readonly #group: Group;
  readonly #file: OpenFile;
  #attributes: Group["attrs"] | undefined;

  constructor(group: Group, file: OpenFile) {
    this.#group = group;
    this.#file = file;
    this.#requireSound();
  }

  /** `/layers/conv2d/vars` */
  get path(): string {
    return this.#group.path;
  }

  /** Groups, datasets and links in it. */
  childNames(): readonly string[] {
    const names = this.#group.keys();
    this.#requireSound();
    return names;
  }

  /** The group at a path below, undefined where there is none. */
  group(path: string): Hdf5Group | undefined {
    const entity = this.#open(path);
    return entity instanceof this.#file.h5wasm.Group ? new Hdf5Group(entity, this.#file) : undefined;
  }

  /** The texts of an attribute, undefined where there is none. An empty one is an empty list, whatever its type. */
  texts(name: string): readonly string[] | undefined {
    // Listing them takes as long as there are many, and a list in pieces asks often.
    this.#attributes ??= this.#group.attrs;
    const attributes = this.#attributes;
    if (!Object.hasOwn(attributes, name)) return undefined;
    const attribute = attributes[name]!;
    const { total_size, size, shape } = attribute.metadata;
    if (shape === null || total_size === 0) return [];
    if (!(total_size * size <= this.#file.bytes)) throw invalid(`${this.path}, ${name}`, "larger than the file");
    const value = attribute.value;
    this.#requireSound();
    const texts = typeof value === "string" ? [value] : value;
    if (Array.isArray(texts) && texts.every((text) => typeof text === "string")) return texts;
    throw invalid(`${this.path}, ${name}`, "expected texts");
  }

  /** The numbers at a path below, rounded to float32 if they are float64 or integers. */
  tensor(path: string): Tensor {
    // Asking for the type takes a third of the time, but without it HDF5 would lose some of its stack where there is none.
    const dataset = this.#open(path);
    if (!(dataset instanceof this.#file.h5wasm.Dataset))
      throw invalid(`${this.path}/${path}`, "expected a tensor, there is none");
    const shape = this.#checkedShape(dataset.path, dataset.metadata);
    const value = dataset.value;
    this.#requireSound();
    const data = toFloat32(dataset.path, value);
    // A type that h5wasm does not know comes as its bytes.
    if (data.length !== sizeOf(shape)) throw invalid(dataset.path, "expected numbers");
    return { shape, data };
  }

  #open(path: string): Entity | null {
    this.#file.steps -= `${this.path}/${path}`.split("/").length;
    if (this.#file.steps < 0) throw invalid(this.path, "more groups and tensors than a file of this size has");
    const entity = this.#group.get(path);
    this.#requireSound();
    return entity;
  }

  /** Before anything is read: the library would allocate what the file claims. */
  #checkedShape(path: string, metadata: Metadata): readonly number[] {
    const { shape, total_size, size, chunks, littleEndian, virtual_sources } = metadata;
    if (shape === null || sizeOf(shape) !== total_size) throw invalid(path, "the extents make no sense");
    if (virtual_sources) throw invalid(path, "the values lie in another file, expected them in this one");
    if (!littleEndian && size > 1) throw invalid(path, "big endian numbers, expected little endian");
    const bytes = Math.max(total_size, sizeOf(chunks ?? [])) * size;
    if (!(bytes <= this.#file.tensorBytes))
      throw invalid(path, `${shortened(showShape(shape))} is larger than the file can hold`);
    this.#file.tensorBytes -= bytes;
    return shape;
  }

  #requireSound(): void {
    const complaint = this.#file.complaint();
    if (complaint === undefined) return;
    throw new WeightsError(`HDF5: cannot read the file: ${shortened(complaint, longestReason)}`);
  }
}

function toFloat32(path: string, value: Dataset["value"]): Float32Array {
  if (value instanceof Float32Array) return value;
  if (typeof value === "number" || typeof value === "bigint") return Float32Array.of(Number(value));
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return Float32Array.from(value, Number);
  if (ArrayBuffer.isView(value)) return Float32Array.from(value);
  throw invalid(path, "expected numbers");
}

const invalid = (subject: string, message: string): WeightsError =>
  new WeightsError(`HDF5: ${quoted(subject)}: ${message}`);
