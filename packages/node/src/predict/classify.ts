/** Images through a classifier, batch by batch. */
import { InputError } from "@grayling/core";
import { readBatches } from "../dataset/read-batches.js";
import type { Classifier } from "./open-classifier.js";

export interface ClassifyOptions {
  readonly batch?: number | undefined; // images; default 32
  readonly signal?: AbortSignal | undefined;
  readonly onSkip: (index: number, reason: string) => void;
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

export interface ClassifiedBatch {
  /** Ascending, into the images given. */
  readonly indices: readonly number[];
  /** [indices.length, classes] */
  readonly probabilities: Float32Array;
}

/** Yields every readable image's probabilities, in order. Decoding goes on while the network computes. */
export async function* classify(
  { framing, session }: Classifier,
  images: readonly { readonly path: string }[],
  { batch = 32, signal, onSkip, onProgress }: ClassifyOptions,
): AsyncGenerator<ClassifiedBatch, void, void> {
  if (!Number.isInteger(batch) || batch < 1)
    throw new InputError(`batch ${batch}: expected a whole number of at least 1`);
  let done = 0;
  const skip = (index: number, reason: string) => {
    done++;
    onSkip(index, reason);
  };
  for await (const { planes, indices } of readBatches(images, { ...framing, batch, signal, onSkip: skip })) {
    const shape = [indices.length, 1, framing.height, framing.width];
    const { predictions } = await session.run({ input_layer: { shape, data: planes } });
    done += indices.length;
    onProgress?.({ done, total: images.length });
    yield { indices, probabilities: predictions!.data };
  }
}
