/**
 * Activations of images at the cut of a network on disk, so that no image goes through what is frozen twice, in one training or
 * the next.
 *
 * One folder per key; in it chunks of about 32 MB, each a safetensors file of F32 or F16 [rows, columns] whose metadata holds the
 * name of each row, the hash of its image or variant, and a checksum. Rows are read from the chunks in any order, without
 * holding more than those asked for. A chunk that does not match its checksum counts as not there.
 */
import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { float16Table, InputError, readSafetensors, toFloat16, WeightsError } from "@grayling/core";
import { writeAtomically } from "../files/write-atomically.js";
import { writing } from "../files/write-failure.js";

/** How activations lie on disk. */
export const cacheTypes = ["float32", "float16"] as const;
export type CacheType = (typeof cacheTypes)[number];

const dtypes = { float32: { name: "F32", bytes: 4 }, float16: { name: "F16", bytes: 2 } } as const;

const chunkBytes = 32 << 20;

/** Activations are large: those of a key that no training has used for so long are removed. */
const unusedMs = 30 * 24 * 3600_000;

/** Of an activation cache. */
export interface ActivationCacheOptions {
  readonly columns: number;
  readonly type: CacheType;
}

/** Where the row of one image or variant lies. */
interface Place {
  readonly path: string;
  readonly at: number; // byte
}

export class ActivationCache {
  readonly #folder: string;
  readonly #columns: number;
  readonly #type: CacheType;
  readonly #places: Map<string, Place>;
  readonly #unsaved = new Map<string, Float32Array>();
  readonly #halves: Float32Array | undefined;

  private constructor(folder: string, { columns, type }: ActivationCacheOptions, places: Map<string, Place>) {
    this.#folder = folder;
    this.#columns = columns;
    this.#type = type;
    this.#places = places;
    this.#halves = type === "float16" ? float16Table() : undefined;
  }

  /** Opens, or begins, the activations of one key. Checks every chunk. Throws `InputError` where it cannot be written. */
  static async open(cache: string, key: string, options: ActivationCacheOptions): Promise<ActivationCache> {
    const all = join(cache, "activations");
    const folder = join(all, `${key.slice(0, 32)}-${options.type}`);
    await writing(folder, mkdir(folder, { recursive: true }));
    const now = new Date();
    await writing(folder, utimes(folder, now, now));
    await removeUnused(all);
    const places = new Map<string, Place>();
    for (const name of await writing(folder, readdir(folder))) {
      if (!name.endsWith(".safetensors")) continue;
      const path = join(folder, name);
      const chunk = await checkChunk(path, options);
      if (chunk) addPlaces(places, path, chunk, options);
      else await writing(path, rm(path, { force: true }));
    }
    return new ActivationCache(folder, options, places);
  }

  has(name: string): boolean {
    return this.#unsaved.has(name) || this.#places.has(name);
  }

  /** What `read` will give for these values. */
  rounded(values: Float32Array): Float32Array {
    const table = this.#halves;
    return table ? Float32Array.from(toFloat16(values.slice()), (bits) => table[bits]!) : values;
  }

  /** Keeps one row; written with the next full chunk, or by `save`. Throws `InputError` where that cannot be. */
  async add(name: string, values: Float32Array): Promise<void> {
    if (this.has(name)) return;
    this.#unsaved.set(name, values.slice());
    if (this.#unsaved.size * this.#columns * dtypes[this.#type].bytes >= chunkBytes) await this.save();
  }

  /** Writes what is not on disk yet. Throws `InputError` where that cannot be. */
  async save(): Promise<void> {
    if (this.#unsaved.size === 0) return;
    const names = [...this.#unsaved.keys()];
    const data = new Uint8Array(names.length * this.#columns * dtypes[this.#type].bytes);
    let at = 0;
    for (const values of this.#unsaved.values()) {
      const packed = this.#type === "float16" ? toFloat16(values) : values;
      data.set(new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength), at);
      at += packed.byteLength;
    }
    const options = { columns: this.#columns, type: this.#type };
    const path = join(this.#folder, `${checksumOf(names, data).slice(0, 32)}.safetensors`);
    await writing(this.#folder, mkdir(this.#folder, { recursive: true })); // it may have been removed meanwhile
    const header = headerOf(names, data, options);
    await writeAtomically(path, Buffer.concat([header, data]));
    addPlaces(this.#places, path, { names, start: header.length }, options);
    this.#unsaved.clear();
  }

  /** Rows of these names, each known, one behind the other. Throws `InputError` where a chunk is gone or has been cut short. */
  async read(names: readonly string[]): Promise<Float32Array<ArrayBuffer>> {
    const rows = new Float32Array(names.length * this.#columns);
    const ofPath = new Map<string, { readonly row: number; readonly at: number }[]>();
    for (const [row, name] of names.entries()) {
      const place = this.#places.get(name);
      if (!place) rows.set(this.rounded(this.#unsaved.get(name)!), row * this.#columns);
      else ofPath.set(place.path, [...(ofPath.get(place.path) ?? []), { row, at: place.at }]);
    }
    await Promise.all([...ofPath].map(([path, wanted]) => this.#readFrom(path, wanted, rows)));
    return rows;
  }

  async #readFrom(path: string, wanted: readonly { readonly row: number; readonly at: number }[], rows: Float32Array) {
    const length = this.#columns * dtypes[this.#type].bytes;
    const file = await open(path, "r").catch(() => undefined);
    try {
      for (const { row, at } of wanted) {
        const bytes = new Uint8Array(length);
        const { bytesRead = 0 } = (await file?.read(bytes, 0, length, at)) ?? {};
        if (bytesRead < length)
          throw new InputError(`${path}: was removed or changed while it was read; run the command again`);
        rows.set(this.#widened(bytes), row * this.#columns);
      }
    } finally {
      await file?.close();
    }
  }

  #widened(bytes: Uint8Array<ArrayBuffer>): Float32Array {
    const table = this.#halves;
    return table
      ? Float32Array.from(new Uint16Array(bytes.buffer), (bits) => table[bits]!)
      : new Float32Array(bytes.buffer);
  }
}

/** The header of a safetensors file, padded so that rows begin at a multiple of 8. */
function headerOf(names: readonly string[], data: Uint8Array, { columns, type }: ActivationCacheOptions): Uint8Array {
  const tensor = { dtype: dtypes[type].name, shape: [names.length, columns], data_offsets: [0, data.length] };
  const metadata = { names: names.join(" "), checksum: checksumOf(names, data) };
  const json = JSON.stringify({ __metadata__: metadata, activations: tensor });
  const bytes = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, bytes]);
}

interface Chunk {
  /** Of its rows. */
  readonly names: readonly string[];
  /** Where they begin, in bytes. */
  readonly start: number;
}

function addPlaces(
  places: Map<string, Place>,
  path: string,
  { names, start }: Chunk,
  { columns, type }: ActivationCacheOptions,
): void {
  for (const [row, name] of names.entries()) places.set(name, { path, at: start + row * columns * dtypes[type].bytes });
}

/** Undefined if it is damaged, gone, or of another form. */
async function checkChunk(path: string, { columns, type }: ActivationCacheOptions): Promise<Chunk | undefined> {
  try {
    const bytes = await readFile(path);
    const { tensors, metadata } = readSafetensors(bytes);
    const names = metadata["names"]?.split(" ") ?? [];
    const start = bytes.length - names.length * columns * dtypes[type].bytes;
    const isWhole = tensors.get("activations")?.data.length === names.length * columns && start > 0;
    return isWhole && metadata["checksum"] === checksumOf(names, bytes.subarray(start)) ? { names, start } : undefined;
  } catch (error) {
    if (error instanceof WeightsError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function removeUnused(all: string): Promise<void> {
  for (const name of await readdir(all)) {
    const folder = join(all, name);
    const used = await stat(folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity, // another process has removed it
    );
    if (Date.now() - used > unusedMs) await rm(folder, { recursive: true, force: true });
  }
}

const checksumOf = (names: readonly string[], data: Uint8Array) =>
  createHash("sha256").update(names.join(" ")).update(data).digest("hex");
