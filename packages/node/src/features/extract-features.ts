/** The features phase: every image once through the trunk, or from the cache. */
import { checkInputRange, fullWindow, type Session, type SettledWindow, seenTogether } from "@grayling/core";
import type { PagedImage } from "../dataset/paged-image.js";
import { type ImageBatch, readBatches } from "../dataset/read-batches.js";
import { TileRows } from "../dataset/tile-rows.js";
import type { ImageInfo } from "../images/decode.js";
import type { FeatureCache } from "./feature-cache.js";
import type { Trunk } from "./trunk.js";

export interface ExtractOptions {
  readonly batch: number; // images, or tiles of them
  /** Which values of the files become black and white; default `full`. */
  readonly window?: SettledWindow | undefined;
  readonly maxPixels?: number | undefined;
  /** None: nothing is looked up and nothing is kept. */
  readonly cache?: FeatureCache | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onSkip: (index: number, reason: string) => void;
  readonly onProgress?: ((progress: ExtractProgress) => void) | undefined;
}

export interface ExtractProgress {
  readonly done: number; // images, skipped ones included
  readonly total: number;
}

export interface Features {
  /** [Σ tiles, columns]: the tiles of an image behind each other. */
  readonly values: Float32Array;
  /** Images that could be read, ascending, into those given. */
  readonly indices: readonly number[];
  /** [indices.length] Rows of each image; 1 but of images that are cut into tiles. */
  readonly tiles: readonly number[];
  readonly computed: number; // images that went through the trunk
  readonly cached: number; // images whose features were known
  /** Images of 16 bits, read in full, whose values stay below 4,096: 12-bit data, which looks nearly black. */
  readonly twelveBit: number;
}

/** Batches that wait in the runtime while it works on one, so that no part of it runs out of work. */
const batchesWaiting = 2;

/**
 * Throws the signal's reason when aborted; what was computed until then is in the cache. Throws `InputError` when the
 * first batch does not hold what the network reads (`checkInputRange`).
 */
export async function extractFeatures(
  images: readonly PagedImage[],
  trunk: Trunk,
  session: Session,
  { batch, window = fullWindow, maxPixels, cache, signal, onSkip, onProgress }: ExtractOptions,
): Promise<Features> {
  const columns = trunk.columns;
  const found = new Map<number, Float32Array>(); // [tiles, columns] by image
  const incoming = new TileRows(columns);
  const done: Float32Array[] = []; // planes that the trunk is done with
  const counts = { computed: 0, cached: 0, twelveBit: 0, skipped: 0 };
  const report = () => {
    onProgress?.({ done: counts.computed + counts.cached + counts.skipped, total: images.length });
  };

  const store = async (read: ImageBatch, rows: Promise<Float32Array>) => {
    const computed = await rows;
    if (read.indices.length === batch) done.push(read.planes);
    for (const [i, index] of read.indices.entries()) {
      const rows = incoming.add(index, read.tiles[i]!, computed.subarray(i * columns, (i + 1) * columns));
      if (!rows) continue;
      found.set(index, rows);
      counts.computed++;
      if (window.kind === "full" && isTwelveBit(read.infos[i]!)) counts.twelveBit++;
      await cache?.add(read.hashes[i]!, rows);
    }
    for (const { index, hash } of read.known) {
      const rows = await cache?.get(hash);
      if (!rows)
        throw new Error(`the feature cache changed while it was read; run the command again (${hash.slice(0, 12)})`);
      found.set(index, rows);
      counts.cached++;
    }
    report();
  };

  const stored: Promise<void>[] = []; // of the batches that are with the trunk, each after the one before
  let last: Promise<void> = Promise.resolve();
  const batches = readBatches(images, {
    ...trunk.preprocessing,
    window,
    maxPixels,
    batch,
    signal,
    done,
    known: (hash) => cache?.has(hash) ?? false,
    onSkip: (index, reason) => {
      counts.skipped++;
      onSkip(index, reason);
    },
  });
  try {
    let isChecked = false;
    for await (const read of batches) {
      if (!isChecked) isChecked = checkBatch(read, window);
      const rows = runTrunk(session, trunk, read);
      rows.catch(() => {}); // thrown by `store`, which is not reached if the batch before failed
      last = last.then(() => store(read, rows));
      last.catch(() => {}); // thrown where it is awaited
      stored.push(last);
      if (stored.length > batchesWaiting) await stored.shift();
    }
    await last;
  } finally {
    await last.catch(() => {});
    await cache?.save();
  }
  report();
  const { computed, cached, twelveBit } = counts;
  return { ...joinRows(found, columns), computed, cached, twelveBit };
}

const isTwelveBit = ({ samples, bitDepth, max }: ImageInfo): boolean =>
  samples === "uint16" && bitDepth === 16 && max < 4096;

/** Holds a batch against what the network reads; false for one that nothing was decoded for. */
function checkBatch({ infos }: ImageBatch, window: SettledWindow): boolean {
  const seen = seenTogether(infos);
  if (seen) checkInputRange(seen, window);
  return seen !== undefined;
}

async function runTrunk(session: Session, { model, preprocessing }: Trunk, { planes, indices }: ImageBatch) {
  if (indices.length === 0) return new Float32Array();
  const shape = [indices.length, 1, preprocessing.height, preprocessing.width];
  const outputs = await session.run({ input_layer: { shape, data: planes } });
  return outputs[model.graph.outputs[0]!]!.data;
}

/** The rows of all images, by ascending index, as one table. Those in `found` are let go. */
function joinRows(found: Map<number, Float32Array>, columns: number): Pick<Features, "values" | "indices" | "tiles"> {
  const indices = [...found.keys()].sort((a, b) => a - b);
  const tiles = indices.map((index) => found.get(index)!.length / columns);
  const values = new Float32Array(tiles.reduce((a, b) => a + b, 0) * columns);
  let end = 0;
  for (const index of indices) {
    values.set(found.get(index)!, end);
    end += found.get(index)!.length;
    found.delete(index);
  }
  return { values, indices, tiles };
}
