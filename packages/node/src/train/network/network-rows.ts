/** What a network in training reads: planes that are augmented anew in every epoch, or activations at the cut. */
import {
  type AugmentOptions,
  applyAugmentation,
  type DrawnAugmentation,
  drawVariant,
  encode,
  type Framing,
  InputError,
  inference,
  lower,
  type Model,
  type NetworkRows,
  SeededRandom,
  type Session,
  type SettledWindow,
  sizeOf,
} from "@grayling/core";
import { variantKey } from "../../augment/augmented-features.js";
import type { DatasetImage } from "../../dataset/dataset.js";
import { readBatches } from "../../dataset/read-batches.js";
import type { CacheType } from "../../features/activation-cache.js";
import type { ExtractProgress } from "../../features/extract-features.js";
import type { DeviceRuntime } from "../../runtime/open-runtime.js";
import { type ActivationStore, openActivations } from "./activation-store.js";
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
  /** Where they lie otherwise, until they are closed. */
  readonly folder: string;
  /** Where activations are kept for the next training; then they are read from there if they are too many for the memory. */
  readonly kept?: { readonly cache: string; readonly key: string; readonly type: CacheType } | undefined;
  /** Told of images and variants that went through what is frozen, and of those that had done so before. */
  readonly onComputed?: ((counts: { readonly computed: number; readonly cached: number }) => void) | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
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
  const filling = readPlanes(images, [...images.keys()], options, {
    use: async (index, hash, plane) => {
      hashes[index] = hash;
      await store.write(index, plane);
    },
    onDone: counting(images.length, options),
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
  const store = await openActivations({ rows, columns: sizeOf(shape) }, options);
  const computing = computeActivations(images, options, {
    ...{ below, runtime, store, isTraining },
    countOf: (index) => (isTraining[index] ? perImage : 1),
    rowOf: (index, variant) => starts[index]! + variant,
  });
  const counts = await closedOnFailure(store, computing);
  options.onComputed?.(counts);
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
  readonly store: ActivationStore;
  readonly isTraining: readonly boolean[];
  /** How often an image goes through: itself, and its variants. */
  readonly countOf: (index: number) => number;
  /** Variant 0 is the image itself. */
  readonly rowOf: (index: number, variant: number) => number;
}

interface WaitingPlane {
  readonly row: number;
  readonly name: string;
  readonly plane: Float32Array;
}

/** Every image and its variants through what lies below the cut, a batch at a time, but those that are known. */
async function computeActivations(
  images: readonly DatasetImage[],
  options: RowsOptions,
  { below, runtime, store, isTraining, countOf, rowOf }: Computation,
): Promise<{ readonly computed: number; readonly cached: number }> {
  let session: Session | undefined; // none is needed where all is known
  const counts = { computed: 0, cached: 0 };
  let waiting: WaitingPlane[] = [];
  const flush = async () => {
    const own = waiting;
    waiting = [];
    if (own.length === 0) return;
    session ??= await runtime.openForBatches(encode(lower(below, inference)));
    await storeBatch(session, own, { below, store, framing: options.framing });
    counts.computed += own.length;
  };
  const namesOf = (hash: string, count: number) =>
    Array.from({ length: count }, (_, variant) => nameOf(hash, drawnFor(hash, variant, options)));
  const onDone = counting(images.length, options);
  try {
    // Of images that train variants must be known too, of others not: they are read apart.
    for (const training of [true, false]) {
      const own = [...images.keys()].filter((index) => isTraining[index] === training);
      if (own.length === 0) continue;
      const count = countOf(own[0]!);
      await readPlanes(images, own, options, {
        onDone,
        known: (hash) => namesOf(hash, count).every((name) => store.has(name)),
        useKnown: async (index, hash) => {
          for (const [variant, name] of namesOf(hash, count).entries()) await store.take(rowOf(index, variant), name);
          counts.cached += count;
        },
        use: async (index, hash, plane) => {
          for (let variant = 0; variant < count; variant++) {
            const drawn = drawnFor(hash, variant, options);
            const { values } = applyAugmentation({ ...options.framing, values: plane.slice() }, drawn);
            waiting.push({ row: rowOf(index, variant), name: nameOf(hash, drawn), plane: values });
            if (waiting.length === options.batch) await flush();
          }
        },
      });
      await flush();
    }
    await store.filled();
    return counts;
  } finally {
    await session?.release();
  }
}

async function storeBatch(
  session: Session,
  own: readonly WaitingPlane[],
  { below, store, framing: { height, width } }: Pick<Computation, "below" | "store"> & Pick<RowsOptions, "framing">,
): Promise<void> {
  const data = new Float32Array(new SharedArrayBuffer(4 * own.length * height * width));
  for (const [i, { plane }] of own.entries()) data.set(plane, i * height * width);
  const outputs = await session.run({ input_layer: { shape: [own.length, 1, height, width], data } });
  const values = outputs[outputOf(below).name]!.data;
  const columns = values.length / own.length;
  for (const [i, { row, name }] of own.entries()) {
    await store.write(row, name, values.subarray(i * columns, (i + 1) * columns));
  }
}

/** What is done to an image: nothing for variant 0. */
const drawnFor = (hash: string, variant: number, { augment, seed }: RowsOptions): DrawnAugmentation =>
  variant === 0 || !augment ? [] : drawVariant(augment, { seed, image: hash, epoch: variant - 1 });

/** Under which it is kept: of a variant as its features are. */
const nameOf = (hash: string, drawn: DrawnAugmentation): string =>
  drawn.length === 0 ? hash : variantKey(hash, drawn);

/** Reports how many are done, of so many more each time. */
function counting(total: number, { onProgress }: RowsOptions): (count: number) => void {
  let done = 0;
  return (count) => {
    done += count;
    onProgress({ done, total });
  };
}

/** What fails while a store is filled leaves no file of many gigabytes behind. */
async function closedOnFailure<T>(store: Pick<RowStore, "close">, filling: Promise<T>): Promise<T> {
  try {
    return await filling;
  } catch (error) {
    await store.close();
    throw error;
  }
}

interface PlaneReader {
  readonly use: (index: number, hash: string, plane: Float32Array) => Promise<void>;
  /** Of images whose content is known nothing is decoded. */
  readonly known?: (hash: string) => boolean;
  readonly useKnown?: (index: number, hash: string) => Promise<void>;
  readonly onDone: (count: number) => void;
}

/** Reads those of the images that are `own`, of which none is left out. */
async function readPlanes(
  images: readonly DatasetImage[],
  own: readonly number[],
  { framing, window, maxPixels, batch, signal }: RowsOptions,
  { use, known, useKnown, onDone }: PlaneReader,
): Promise<void> {
  const pixels = framing.height * framing.width;
  const wanted = own.map((index) => images[index]!);
  const batches = readBatches(wanted, {
    ...framing,
    ...{ window, maxPixels, batch, signal, known },
    onSkip: (at, reason) => {
      throw new InputError(`image ${wanted[at]!.path}: could be read a moment ago, now ${reason}`);
    },
  });
  for await (const read of batches) {
    for (const [i, at] of read.indices.entries()) {
      await use(own[at]!, read.hashes[i]!, read.planes.subarray(i * pixels, (i + 1) * pixels));
    }
    for (const { index: at, hash } of read.known) await useKnown?.(own[at]!, hash);
    onDone(read.indices.length + read.known.length);
  }
}
