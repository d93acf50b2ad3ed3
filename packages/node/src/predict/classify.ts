/** Images through a classifier, batch by batch. */
import { explainInputRange, InputError, seenTogether } from "@grayling/core";
import type { PagedImage } from "../dataset/paged-image.js";
import { type ImageBatch, readBatches } from "../dataset/read-batches.js";
import { meanOfRows, TileRows } from "../dataset/tile-rows.js";
import type { Classifier } from "./open-classifier.js";

export interface ClassifyOptions {
  readonly batch?: number | undefined; // images, or tiles of them; default 32
  /** An image that claims more pixels is left out; default 178,956,970. */
  readonly maxPixels?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called, once for each reason, where images are unlike those that trained; the index is that of the first. */
  readonly onUnlike?: ((index: number, reason: string) => void) | undefined;
  readonly onSkip: (index: number, reason: string) => void;
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

export interface ClassifiedBatch {
  /** Ascending, into the images given. */
  readonly indices: readonly number[];
  /** [indices.length, classes]; of an image that is cut into tiles, the mean of theirs. */
  readonly probabilities: Float32Array;
  /** [indices.length] Above 1 an image is unlike all that trained; of tiles, the mean. Absent: the model cannot tell. */
  readonly novelty?: Float32Array | undefined;
}

/**
 * Yields every readable image's probabilities, in order. Decoding goes on while the network computes.
 * Throws `InputError` for floats of which the first batch is 0–1 where the model reads more.
 */
export async function* classify(
  classifier: Classifier,
  images: readonly PagedImage[],
  { batch = 32, maxPixels, signal, onSkip, onUnlike = () => {}, onProgress }: ClassifyOptions,
): AsyncGenerator<ClassifiedBatch, void, void> {
  if (!Number.isInteger(batch) || batch < 1)
    throw new InputError(`batch ${batch}: expected a whole number of at least 1`);
  const { framing, window, session } = classifier;
  const compare = compareWithTraining(classifier, onUnlike);
  const merge = mergeTiles(classifier.classes.length);
  let done = 0;
  const skip = (index: number, reason: string) => {
    done++;
    onSkip(index, reason);
  };
  const options = { ...framing, window, maxPixels, batch, signal, onSkip: skip };
  for await (const read of readBatches(images, options)) {
    compare(read);
    const { planes, indices } = read;
    const shape = [indices.length, 1, framing.height, framing.width];
    const { predictions, novelty } = await session.run({ input_layer: { shape, data: planes } });
    const classified = merge(read, predictions!.data, novelty?.data);
    if (classified.indices.length === 0) continue;
    done += classified.indices.length;
    onProgress?.({ done, total: images.length });
    yield classified;
  }
}

/** Turns what a batch's planes gave into what the images did whose last tile is among them. */
function mergeTiles(
  classes: number,
): (read: ImageBatch, ofPlanes: Float32Array, novelty: Float32Array | undefined) => ClassifiedBatch {
  const incoming = new TileRows(classes + 1);
  const row = new Float32Array(classes + 1);
  return (read, ofPlanes, novelty) => {
    const merged: { readonly index: number; readonly mean: Float32Array }[] = [];
    for (const [i, index] of read.indices.entries()) {
      row.set(ofPlanes.subarray(i * classes, (i + 1) * classes));
      row[classes] = novelty?.[i] ?? 0;
      const rows = incoming.add(index, read.tiles[i]!, row);
      if (rows) merged.push({ index, mean: meanOfRows(rows, classes + 1) });
    }
    const probabilities = new Float32Array(merged.length * classes);
    for (const [i, { mean }] of merged.entries()) probabilities.set(mean.subarray(0, classes), i * classes);
    return {
      indices: merged.map(({ index }) => index),
      probabilities,
      novelty: novelty && Float32Array.from(merged, ({ mean }) => mean[classes]!),
    };
  };
}

/**
 * Tells what is unlike the training: the range of the first batch, and each type of samples that was not in it. What it
 * returns throws `InputError` for floats of which the first batch is 0–1 where the model reads more.
 */
export function compareWithTraining(
  { window, samples: trained }: Pick<Classifier, "window" | "samples">,
  onUnlike: (index: number, reason: string) => void,
): (read: ImageBatch) => void {
  let isFirst = true;
  const known = new Set(trained);
  return ({ indices, infos }) => {
    const seen = isFirst ? seenTogether(infos) : undefined;
    const reason = seen && explainInputRange(seen, window);
    if (reason !== undefined && seen?.samples.startsWith("float")) throw new InputError(`input range: ${reason}`);
    if (reason !== undefined) onUnlike(indices[0]!, reason); // few pictures may well be that dark
    isFirst &&= seen === undefined;
    for (const [i, { samples }] of infos.entries()) {
      if (trained === undefined || known.has(samples)) continue;
      known.add(samples);
      onUnlike(indices[i]!, `its samples are ${samples}, those of the images that trained ${trained.join(" and ")}`);
    }
  };
}
