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
import { openRowStore, type RowStore } from "./row-store.js";

/** How images become rows, and where these lie. */
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
  const filling = readPlanes(images, options, async (index, hash, plane) => {
    hashes[index] = hash;
    await store.write(index, plane);
  });
  await closedOnFailure(store, filling);
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
  const { seed, augment, variants } = options;
  const shape = outputOf(below).shape.slice(1) as readonly number[]; // the batch is first
  const perImage = augment ? 1 + variants : 1;
  const starts: number[] = []; // the image's own row, its variants after it
  let rows = 0;
  for (const training of isTraining) {
    starts.push(rows);
    rows += training ? perImage : 1;
  }
  const store = await openRowStore({ rows, columns: sizeOf(shape), ...options });
  const computing = computeActivations(images, options, {
    below,
    runtime,
    countOf: (index) => (isTraining[index] ? perImage : 1),
    write: (index, variant, values) => store.write(starts[index]! + variant, values),
  });
  await closedOnFailure(store, computing);
  return {
    side: (indices, training) => ({
      labels: indices.map((index) => images[index]!.label),
      async read(rows, epoch) {
        const drawn = (index: number) =>
          training ? new SeededRandom(seed, `variant ${index}/${epoch}`).integer(perImage) : 0;
        const wanted = rows.map((row) => indices[row]!).map((index) => starts[index]! + drawn(index));
        return { shape: [rows.length, ...shape], data: await store.read(wanted) };
      },
    }),
    close: () => store.close(),
  };
}

const outputOf = ({ graph }: Model) => graph.nodes.get(graph.outputs[0]!)!;

interface Computation {
  readonly below: Model;
  readonly runtime: DeviceRuntime;
  /** How often an image goes through: itself, and its variants. */
  readonly countOf: (index: number) => number;
  /** Variant 0 is the image itself. */
  readonly write: (index: number, variant: number, values: Float32Array) => Promise<void>;
}

/** Every image and its variants through what lies below the cut, a batch at a time. */
async function computeActivations(
  images: readonly DatasetImage[],
  options: RowsOptions,
  { below, runtime, countOf, write }: Computation,
): Promise<void> {
  const { height, width } = options.framing;
  const output = outputOf(below);
  const columns = sizeOf(output.shape.slice(1) as readonly number[]); // the batch is first
  const session = await runtime.openForBatches(encode(lower(below, inference)));
  let waiting: { readonly index: number; readonly variant: number; readonly plane: Float32Array }[] = [];
  const flush = async () => {
    if (waiting.length === 0) return;
    const data = new Float32Array(new SharedArrayBuffer(4 * waiting.length * height * width));
    for (const [i, { plane }] of waiting.entries()) data.set(plane, i * height * width);
    const own = waiting;
    waiting = [];
    const outputs = await session.run({ input_layer: { shape: [own.length, 1, height, width], data } });
    const values = outputs[output.name]!.data;
    for (const [i, { index, variant }] of own.entries()) {
      await write(index, variant, values.subarray(i * columns, (i + 1) * columns));
    }
  };
  try {
    await readPlanes(images, options, async (index, hash, plane) => {
      for (let variant = 0; variant < countOf(index); variant++) {
        waiting.push({ index, variant, plane: variantOf(plane, hash, variant, options) });
        if (waiting.length === options.batch) await flush();
      }
    });
    await flush();
  } finally {
    await session.release();
  }
}

/** A plane as it is, or one of its variants, in a new array. */
function variantOf(
  plane: Float32Array,
  hash: string,
  variant: number,
  { augment, seed, framing: { height, width } }: RowsOptions,
): Float32Array {
  const drawn = variant === 0 || !augment ? [] : drawVariant(augment, { seed, image: hash, epoch: variant - 1 });
  return applyAugmentation({ values: plane.slice(), height, width }, drawn).values;
}

/** What fails while a store is filled leaves no file of many gigabytes behind. */
async function closedOnFailure(store: RowStore, filling: Promise<void>): Promise<void> {
  try {
    await filling;
  } catch (error) {
    await store.close();
    throw error;
  }
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
