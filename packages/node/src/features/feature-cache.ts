/**
 * Features of images on disk, so that no image goes through the same trunk twice.
 *
 * One folder per trunk; in it chunks, each a safetensors file with a few hundred rows of features. Its metadata holds the
 * content hash of each row's image, the same for the rows of an image's tiles, which follow each other, and a checksum of
 * the values. A chunk that does not match its checksum, or is no safetensors file, counts as not there: its images are
 * computed again, and the chunk is removed.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors, type Tensor, WeightsError, writeSafetensors } from "@grayling/core";
import { writeAtomically } from "../files/write-atomically.js";
import { writing } from "../files/write-failure.js";

/** Rows per file, or the tiles of one image more: 1.3 MB at 1,280 features. */
const chunkRows = 256;

/** Where the features of one image lie. */
interface Place {
  readonly path: string;
  readonly row: number;
  readonly rows: number;
}

export class FeatureCache {
  readonly #folder: string;
  readonly #columns: number;
  readonly #places: Map<string, Place>;
  readonly #unsaved = new Map<string, Float32Array>();
  #unsavedRows = 0;
  /** The chunk that was read last: images come in the order in which they were computed. */
  #last: { readonly path: string; readonly data: Float32Array } | undefined;
  #onFailure: ((message: string) => void) | undefined;
  #isFailed = false;
  /** Chunks that were found damaged when the cache was opened. */
  readonly damaged: number;

  private constructor(folder: string, columns: number, places: Map<string, Place>, damaged: number) {
    this.#folder = folder;
    this.#columns = columns;
    this.#places = places;
    this.damaged = damaged;
  }

  /**
   * Opens, or begins, the cache of one trunk: `key` is its, `columns` the number of its features. Checks every chunk. Throws
   * `InputError` where it cannot be written.
   */
  static async open(cache: string, key: string, columns: number): Promise<FeatureCache> {
    const folder = join(cache, "features", key.slice(0, 32));
    await writing(folder, mkdir(folder, { recursive: true }));
    const places = new Map<string, Place>();
    let damaged = 0;
    for (const name of (await writing(folder, readdir(folder)))
      .filter((file) => file.endsWith(".safetensors"))
      .sort()) {
      const path = join(folder, name);
      const chunk = await readChunk(path, columns);
      for (const [hash, place] of placesIn(path, chunk?.hashes ?? [])) places.set(hash, place);
      if (chunk) continue;
      damaged++;
      await writing(path, rm(path, { force: true }));
    }
    return new FeatureCache(folder, columns, places, damaged);
  }

  has(hash: string): boolean {
    return this.#unsaved.has(hash) || this.#places.has(hash);
  }

  /** [tiles, columns] of the image with this content hash; undefined if they are not known, or their chunk is gone. */
  async get(hash: string): Promise<Float32Array | undefined> {
    const place = this.#places.get(hash);
    if (!place) return this.#unsaved.get(hash);
    if (this.#last?.path !== place.path) {
      const chunk = await readChunk(place.path, this.#columns);
      if (!chunk) return undefined;
      this.#last = { path: place.path, data: chunk.data };
    }
    return this.#last.data.subarray(place.row * this.#columns, (place.row + place.rows) * this.#columns);
  }

  /** Keeps the features of one image, [tiles, columns]; written to disk with the next full chunk, or by `save`. */
  async add(hash: string, rows: Float32Array): Promise<void> {
    if (this.has(hash)) return;
    this.#unsaved.set(hash, rows);
    this.#unsavedRows += rows.length / this.#columns;
    if (this.#unsavedRows >= chunkRows) await this.save();
  }

  /** From now on what cannot be written stays in memory, and `tell` is told why, once; without this `save` throws. */
  tolerateFailure(tell: (message: string) => void): void {
    this.#onFailure = tell;
  }

  /** Writes what is not on disk yet. Throws `InputError` where that cannot be. */
  async save(): Promise<void> {
    if (this.#unsaved.size === 0 || this.#isFailed) return;
    try {
      await this.#write();
    } catch (error) {
      if (!this.#onFailure) throw error;
      this.#isFailed = true;
      this.#onFailure((error as Error).message);
    }
  }

  async #write(): Promise<void> {
    const hashes: string[] = []; // of each row
    const data = new Float32Array(this.#unsavedRows * this.#columns);
    for (const [hash, rows] of this.#unsaved) {
      data.set(rows, hashes.length * this.#columns);
      for (let row = 0; row < rows.length / this.#columns; row++) hashes.push(hash);
    }
    const checksum = checksumOf(hashes, data);
    const path = join(this.#folder, `${checksum.slice(0, 32)}.safetensors`);
    const features: Tensor = { shape: [hashes.length, this.#columns], data };
    const metadata = { hashes: hashes.join(" "), checksum };
    await writing(this.#folder, mkdir(this.#folder, { recursive: true })); // it may have been removed meanwhile
    await writeAtomically(path, writeSafetensors(new Map([["features", features]]), metadata));
    for (const [hash, place] of placesIn(path, hashes)) this.#places.set(hash, place);
    this.#unsaved.clear();
    this.#unsavedRows = 0;
  }
}

/** Where the images of a chunk lie, whose rows are of these hashes. */
function placesIn(path: string, hashes: readonly string[]): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const [at, hash] of hashes.entries()) {
    const { row, rows } = places.get(hash) ?? { row: at, rows: 0 };
    places.set(hash, { path, row, rows: rows + 1 });
  }
  return places;
}

/** The content of a chunk; undefined if it is damaged or gone. */
async function readChunk(
  path: string,
  columns: number,
): Promise<{ readonly hashes: readonly string[]; readonly data: Float32Array } | undefined> {
  try {
    const { tensors, metadata } = readSafetensors(await readFile(path));
    const hashes = metadata["hashes"]?.split(" ") ?? [];
    const data = tensors.get("features")?.data ?? new Float32Array();
    if (data.length !== hashes.length * columns || metadata["checksum"] !== checksumOf(hashes, data)) return undefined;
    return { hashes, data };
  } catch (error) {
    if (error instanceof WeightsError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const checksumOf = (hashes: readonly string[], data: Float32Array) =>
  createHash("sha256")
    .update(hashes.join(" "))
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex");
