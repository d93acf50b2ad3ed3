/** What a network in training reads: planes that are augmented anew in every epoch, or activations at the cut. */
import {
  type AugmentOptions,
  applyAugmentation,
  drawVariant,
  encode,
  type Framing,
  InputError,
  inference,
  lower,
  type Model,
  type NetworkRows,
  SeededRandom,
  type SettledWindow,
  sizeOf,
} from "@grayling/core";
import type { DatasetImage } from "../../dataset/dataset.js";
import { readBatches } from "../../dataset/read-batches.js";
import type { ExtractProgress } from "../../features/extract-features.js";
import type { DeviceRuntime } from "../../runtime/open-runtime.js";
import { openRowStore } from "./row-store.js";

export interface RowsOptions {
  readonly framing: Framing;
  readonly window: SettledWindow;
  readonly maxPixels: number | undefined;
  readonly batch: number;
  readonly seed: number;
  /** Bytes of memory that rows may take. */
  readonly budget: number;
  /** Where they lie otherwise. */
  readonly folder: string;
  /** Of images that train. */
  readonly augment: AugmentOptions | undefined;
  /** Variants of each image that are kept at the cut, besides the image itself. */
  readonly variants: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: ExtractProgress) => void;
}

/** Every image of a dataset, once; sides take theirs. */
export interface StoredRows {
  /** Those of the images at `indices`; `isTraining`: augmented. */
  side(indices: readonly number[], isTraining: boolean): NetworkRows;
  close(): Promise<void>;
}

/** Planes [1, H, W], as the network reads them where it trains from the stem on. */
export async function storePlanes(images: readonly DatasetImage[], options: RowsOptions): Promise<StoredRows> {
  const { height, width } = options.framing;
  const { augment, seed } = options;
  const pixels = height * width;
  const store = await openRowStore({ rows: images.length, columns: pixels, ...options });
  const hashes = new Array<string>(images.length);
  await readPlanes(images, options, async (index, hash, plane) => {
    hashes[index] = hash;
    await store.write(index, plane);
  });
  return {
    side: (indices, isTraining) => ({
      labels: indices.map((index) => images[index]!.label),
      async read(rows, epoch) {
        const data = await store.read(rows.map((row) => indices[row]!));
        if (augment && isTraining) {
          for (const [i, row] of rows.entries()) {
            const values = data.subarray(i * pixels, (i + 1) * pixels);
            const drawn = drawVariant(augment, { seed, image: hashes[indices[row]!]!, epoch });
            values.set(applyAugmentation({ values, height, width }, drawn).values);
          }
        }
        return { shape: [rows.length, 1, height, width], data };
      },
    }),
    close: () => store.close(),
  };
}

/**
 * Activations [C, H, W] at the cut, each image and each of its variants once through what lies below. An epoch reads the
 * image or one of its variants, as seed and epoch draw.
 */
export async function storeActivations(
  images: readonly DatasetImage[],
  isTraining: readonly boolean[],
  below: Model,
  runtime: DeviceRuntime,
  options: RowsOptions,
): Promise<StoredRows> {
  const { seed, augment, variants, framing, batch } = options;
  const output = below.graph.outputs[0]!;
  const shape = below.graph.nodes.get(output)!.shape.slice(1) as readonly number[]; // the batch is first
  const columns = sizeOf(shape);
  const perImage = augment ? 1 + variants : 1;
  const store = await openRowStore({ rows: images.length * perImage, columns, ...options });
  const session = await runtime.openForBatches(encode(lower(below, inference)));
  const pixels = framing.height * framing.width;
  let waiting: { readonly row: number; readonly plane: Float32Array }[] = [];
  const flush = async () => {
    if (waiting.length === 0) return;
    const data = new Float32Array(new SharedArrayBuffer(4 * waiting.length * pixels));
    for (const [i, { plane }] of waiting.entries()) data.set(plane, i * pixels);
    const rows = waiting.map(({ row }) => row);
    waiting = [];
    const outputs = await session.run({
      input_layer: { shape: [rows.length, 1, framing.height, framing.width], data },
    });
    const values = outputs[output]!.data;
    for (const [i, row] of rows.entries()) await store.write(row, values.subarray(i * columns, (i + 1) * columns));
  };
  try {
    await readPlanes(images, options, async (index, hash, plane) => {
      const count = isTraining[index] ? perImage : 1;
      for (let variant = 0; variant < count; variant++) {
        const values = plane.slice();
        const drawn = variant === 0 || !augment ? [] : drawVariant(augment, { seed, image: hash, epoch: variant - 1 });
        const { height, width } = framing;
        waiting.push({
          row: index * perImage + variant,
          plane: applyAugmentation({ values, height, width }, drawn).values,
        });
        if (waiting.length === batch) await flush();
      }
    });
    await flush();
  } finally {
    await session.release();
  }
  return {
    side: (indices, training) => ({
      labels: indices.map((index) => images[index]!.label),
      async read(rows, epoch) {
        const variantOf = (index: number) =>
          training ? new SeededRandom(seed, `variant ${index}/${epoch}`).integer(perImage) : 0;
        const wanted = rows.map((row) => indices[row]!).map((index) => index * perImage + variantOf(index));
        return { shape: [rows.length, ...shape], data: await store.read(wanted) };
      },
    }),
    close: () => store.close(),
  };
}

async function readPlanes(
  images: readonly DatasetImage[],
  { framing, window, maxPixels, batch, signal, onProgress }: RowsOptions,
  use: (index: number, hash: string, plane: Float32Array) => Promise<void>,
): Promise<void> {
  const pixels = framing.height * framing.width;
  let done = 0;
  const batches = readBatches(images, {
    ...framing,
    ...{ window, maxPixels, batch, signal },
    onSkip: (index, reason) => {
      throw new InputError(`image ${images[index]!.path}: could be read a moment ago, now ${reason}`);
    },
  });
  for await (const { indices, hashes, planes } of batches) {
    for (const [i, index] of indices.entries()) {
      await use(index, hashes[i]!, planes.subarray(i * pixels, (i + 1) * pixels));
    }
    done += indices.length;
    onProgress({ done, total: images.length });
  }
}
