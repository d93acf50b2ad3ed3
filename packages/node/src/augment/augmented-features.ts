/** Features of augmented variants of images: each variant once through the trunk, or from the cache. */
import { createHash } from "node:crypto";
import {
  type AugmentOptions,
  applyAugmentation,
  type DrawnAugmentation,
  drawVariant,
  InputError,
  type Session,
  type SettledWindow,
} from "@grayling/core";
import type { PagedImage } from "../dataset/paged-image.js";
import { type ImageBatch, readBatches } from "../dataset/read-batches.js";
import type { FeatureCache } from "../features/feature-cache.js";
import { rowStarts } from "../features/feature-table.js";
import type { Trunk } from "../features/trunk.js";

export interface VariantOptions {
  readonly augment: AugmentOptions;
  readonly variants: number; // of each image, 1 or more
  /** [images] Tiles of each image; default: one, the whole. */
  readonly tiles?: readonly number[] | undefined;
  readonly seed: number;
  readonly batch: number; // images, or tiles of them
  /** That of the images themselves; default `full`. */
  readonly window?: SettledWindow | undefined;
  readonly maxPixels?: number | undefined;
  /** That of the images themselves: variants have names of their own in it. */
  readonly cache?: FeatureCache | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined; // variants
}

export interface VariantFeatures {
  /** [Σ tiles · variants, columns]: image by image, of each variant by variant, of each tile by tile. */
  readonly values: Float32Array;
  readonly computed: number; // variants that went through the trunk
  readonly cached: number;
}

/** Rises when the same drawn augmentation gives other planes, so that cached features are not mixed. */
const augmentVersion = 1;

/** What decides how a variant looks, a tile of which each has a draw of its own. */
type TiledVariant = Pick<VariantOptions, "augment" | "seed"> & {
  readonly variant: number;
  readonly ofFirst: DrawnAugmentation;
};

/** The name of a variant in the cache: image and what was drawn for it, so that other options never find it. */
export function variantKey(hash: string, drawn: DrawnAugmentation | TiledVariant): string {
  return createHash("sha256").update(JSON.stringify({ augmentVersion, hash, drawn })).digest("hex");
}

/**
 * Features of all variants of all images. Throws `InputError` for an image that cannot be read: those given have been
 * read before. Throws the signal's reason when aborted; what was computed until then is in the cache.
 */
export async function extractVariants(
  images: readonly PagedImage[],
  trunk: Trunk,
  session: Session,
  options: VariantOptions,
): Promise<VariantFeatures> {
  const { batch, window, maxPixels, cache, signal, onProgress, variants } = options;
  const rows = new VariantRows(images.length, trunk, options);
  const batches = readBatches(images, {
    ...trunk.preprocessing,
    ...{ window, maxPixels, batch, signal },
    known: (hash) => cache !== undefined && rows.keysOf(hash).every((key) => cache.has(key)),
    onSkip: (index, reason) => {
      throw new InputError(`image ${images[index]!.path}: could be read a moment ago, now ${reason}`);
    },
  });
  // One batch is with the trunk while the next one is augmented.
  let last: Promise<void> = Promise.resolve();
  try {
    for await (const read of batches) {
      for (let variant = 0; read.indices.length > 0 && variant < variants; variant++) {
        signal?.throwIfAborted();
        const computing = runTrunk(session, trunk, augmentBatch(read, trunk, variant, options));
        const before = last;
        last = before.then(async () => rows.add(read, variant, await computing));
        for (const promise of [computing, last]) promise.catch(() => {}); // thrown where `last` is awaited
        await before;
        onProgress?.({ done: rows.done, total: images.length * variants });
      }
      for (const { index, hash } of read.known) await rows.addKnown(index, hash);
    }
    await last;
  } finally {
    await last.catch(() => {});
    await cache?.save();
  }
  onProgress?.({ done: rows.done, total: images.length * variants });
  return rows;
}

/** The table in the making. */
class VariantRows implements VariantFeatures {
  readonly values: Float32Array;
  computed = 0;
  cached = 0;
  readonly #columns: number;
  readonly #isTiled: boolean;
  readonly #options: VariantOptions;
  /** [images + 1] Tiles of all images before each. */
  readonly #starts: readonly number[];

  constructor(images: number, { columns, preprocessing: { fit } }: Trunk, options: VariantOptions) {
    const { tiles = new Array<number>(images).fill(1) } = options;
    this.#starts = rowStarts(tiles);
    this.values = new Float32Array(this.#starts[images]! * options.variants * columns);
    this.#columns = columns;
    this.#isTiled = fit === "tile";
    this.#options = options;
  }

  get done(): number {
    return this.computed + this.cached;
  }

  /** One key for each variant. */
  keysOf(hash: string): string[] {
    return Array.from({ length: this.#options.variants }, (_, variant) => this.#keyOf(hash, variant));
  }

  #keyOf(hash: string, variant: number): string {
    const { augment, seed } = this.#options;
    const drawn = drawFor(hash, variant, this.#options);
    return variantKey(hash, this.#isTiled ? { augment, seed, variant, ofFirst: drawn } : drawn);
  }

  /** Features [n, columns] of one variant of a batch. */
  async add({ indices, tiles, hashes }: ImageBatch, variant: number, features: Float32Array): Promise<void> {
    for (const [i, index] of indices.entries()) {
      const { tile, of } = tiles[i]!;
      const rows = this.#rowsOf(index, variant);
      if (rows.length !== of * this.#columns)
        throw new InputError("the images changed while they were read; run the command again");
      rows.set(features.subarray(i * this.#columns, (i + 1) * this.#columns), tile * this.#columns);
      if (tile < of - 1) continue;
      await this.#options.cache?.add(this.#keyOf(hashes[i]!, variant), rows);
      this.computed++;
    }
  }

  async addKnown(index: number, hash: string): Promise<void> {
    for (const [variant, key] of this.keysOf(hash).entries()) {
      const rows = await this.#options.cache?.get(key);
      const place = this.#rowsOf(index, variant);
      if (rows?.length !== place.length)
        throw new Error(`the feature cache changed while it was read; run the command again (${hash.slice(0, 12)})`);
      place.set(rows);
      this.cached++;
    }
  }

  /** Of all tiles of the image, [tiles, columns]. */
  #rowsOf(index: number, variant: number): Float32Array {
    const tiles = this.#starts[index + 1]! - this.#starts[index]!;
    const row = this.#starts[index]! * this.#options.variants + variant * tiles;
    return this.values.subarray(row * this.#columns, (row + tiles) * this.#columns);
  }
}

/** Of the image with this content hash; of its tiles but the first under names of their own. */
export const drawFor = (
  hash: string,
  epoch: number,
  { augment, seed }: Pick<VariantOptions, "augment" | "seed">,
  tile = 0,
): DrawnAugmentation => drawVariant(augment, { seed, image: tile === 0 ? hash : `${hash} tile ${tile}`, epoch });

/** The variant of every image of a batch, [n, height, width], in shared memory: a thread is handed it without a copy. */
function augmentBatch(
  { planes, indices, tiles, hashes }: ImageBatch,
  { preprocessing: { height, width } }: Trunk,
  variant: number,
  options: VariantOptions,
): { readonly planes: Float32Array; readonly count: number } {
  const pixels = height * width;
  const augmented = new Float32Array(new SharedArrayBuffer(4 * indices.length * pixels));
  for (const i of indices.keys()) {
    const plane = { values: planes.subarray(i * pixels, (i + 1) * pixels), height, width };
    const drawn = drawFor(hashes[i]!, variant, options, tiles[i]!.tile);
    augmented.set(applyAugmentation(plane, drawn).values, i * pixels);
  }
  return { planes: augmented, count: indices.length };
}

async function runTrunk(
  session: Session,
  { model, preprocessing: { height, width } }: Trunk,
  { planes, count }: ReturnType<typeof augmentBatch>,
): Promise<Float32Array> {
  const outputs = await session.run({ input_layer: { shape: [count, 1, height, width], data: planes } });
  return outputs[model.graph.outputs[0]!]!.data;
}
