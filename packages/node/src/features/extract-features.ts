/** The features phase: every image once through the trunk, or from the cache. */
import { checkInputRange, fullWindow, type Session, type SettledWindow, seenTogether } from "@grayling/core";
import type { PagedImage } from "../dataset/paged-image.js";
import { type ImageBatch, readBatches } from "../dataset/read-batches.js";
import type { ImageInfo } from "../images/decode.js";
import type { FeatureCache } from "./feature-cache.js";
import type { Trunk } from "./trunk.js";

export interface ExtractOptions {
  readonly batch: number; // images
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
  /** [indices.length, columns] */
  readonly values: Float32Array;
  /** Images that could be read, ascending, into those given. */
  readonly indices: readonly number[];
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
  const values = new Float32Array(images.length * columns);
  const isRead = new Uint8Array(images.length);
  const done: Float32Array[] = []; // planes that the trunk is done with
  const counts = { computed: 0, cached: 0, twelveBit: 0, skipped: 0 };
  const report = () => {
    onProgress?.({ done: counts.computed + counts.cached + counts.skipped, total: images.length });
  };

  const store = async (read: ImageBatch, rows: Promise<Float32Array>) => {
    const computed = await rows;
    if (read.indices.length === batch) done.push(read.planes);
    for (const [i, index] of read.indices.entries()) {
      const row = values.subarray(index * columns, (index + 1) * columns);
      row.set(computed.subarray(i * columns, (i + 1) * columns));
      isRead[index] = 1;
      await cache?.add(read.hashes[i]!, row);
    }
    counts.computed += read.indices.length;
    if (window.kind === "full") counts.twelveBit += read.infos.filter(isTwelveBit).length;
    for (const { index, hash } of read.known) {
      const row = await cache?.get(hash);
      if (!row)
        throw new Error(`the feature cache changed while it was read; run the command again (${hash.slice(0, 12)})`);
      values.set(row, index * columns);
      isRead[index] = 1;
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
  const indices = images.map((_, index) => index).filter((index) => isRead[index] === 1);
  return { values: compact(values, indices, columns), indices, ...counts };
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

/** The rows that were read, moved together. */
function compact(values: Float32Array, indices: readonly number[], columns: number): Float32Array {
  for (const [to, from] of indices.entries()) {
    if (to !== from) values.copyWithin(to * columns, from * columns, (from + 1) * columns);
  }
  return values.subarray(0, indices.length * columns);
}
