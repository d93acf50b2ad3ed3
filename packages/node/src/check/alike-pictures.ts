/** Pairs of pictures that a network finds alike where pixels do not: shots of one thing that overlap, mirrored copies. */
import { InputError, type Runtime } from "@grayling/core";
import { bundledModel, openBackbone } from "../backbone/open-backbone.js";
import { chooseWindow } from "../features/choose-window.js";
import { extractFeatures } from "../features/extract-features.js";
import { FeatureCache } from "../features/feature-cache.js";
import { featureKey } from "../features/feature-key.js";
import { buildTrunk } from "../features/trunk.js";
import { nearDuplicates } from "./duplicate-groups.js";
import { groupBy } from "./group-by.js";
import { type Inspection, type ReadablePicture, readable } from "./inspected-file.js";
import { mutualNeighbours } from "./mutual-neighbours.js";

export interface AlikeOptions {
  /** On the CPU. */
  readonly runtime: Runtime;
  /** Folder of features: those that a training by default has kept are taken, others computed and kept. Default: none. */
  readonly cache?: string | undefined;
  readonly maxPixels?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

export interface AlikePair {
  readonly files: readonly [ReadablePicture, ReadablePicture];
  readonly cosine: number;
  /** See `MutualPair`. */
  readonly ratio: number;
}

export interface Alike {
  /** That were compared. */
  readonly pictures: number;
  /** The surest first. */
  readonly pairs: readonly AlikePair[];
}

/**
 * Measured with the bundled network: of 1,799 pictures of neu-cls 28 pairs lie below 0.5, all in one class, 20 of them
 * with numbers at most 5 apart; of 1,562 letters of aksara-jawa 1. Of copies, 76 and 26 %
 * of mirrored ones lie below, 25 and 20 % of those cut by 5 % at each side, few of turned ones.
 */
const mostRatio = 0.5;

/** In a class of fewer, two may be alike only because there is no third. */
export const leastOfClass = 20;

/** Comparing takes the square: 1.5 s of a core for 1,800 pictures, 6.1 for 3,600, so 7 minutes for these. */
export const mostPictures = 30_000;

/** Images in one run of the network. */
const batch = 32;

/**
 * Of files with the same content or look one takes part, and none that is one gray. Throws `InputError` where no class has
 * `leastOfClass` pictures, or there are more than `mostPictures`.
 */
export async function findAlike(inspection: Inspection, options: AlikeOptions): Promise<Alike> {
  const files = comparable(inspection);
  if (files.length === 0) {
    throw new InputError(`features: expected a class of at least ${leastOfClass} different pictures, got none`);
  }
  if (files.length > mostPictures) {
    const [most, got] = [mostPictures, files.length].map((count) => count.toLocaleString("en"));
    throw new InputError(`features: compares at most ${most} pictures, got ${got}; check a part of the folder`);
  }
  const { values, columns, indices } = await readFeatures(files, options);
  const pairs = await mutualNeighbours(values, columns, options.signal);
  const fileOf = (row: number) => files[indices[row]!]!;
  return {
    pictures: indices.length,
    pairs: pairs
      .filter(({ ratio }) => ratio < mostRatio)
      .map(({ a, b, cosine, ratio }) => ({ files: [fileOf(a), fileOf(b)], cosine, ratio })),
  };
}

function comparable(inspection: Inspection): ReadablePicture[] {
  const copies = new Set(nearDuplicates(inspection).flatMap(({ files }) => files.slice(1)));
  const hashes = new Set<string | null>();
  const different = readable(inspection).filter((file) => {
    const { black, white } = file.picture.thumbnail;
    const isNew = white > black && !copies.has(file) && !hashes.has(file.hash);
    hashes.add(file.hash);
    return isNew;
  });
  const byClass = groupBy(different, ({ label }) => label);
  return different.filter(({ label }) => byClass.get(label)!.length >= leastOfClass);
}

/** As a training by default reads them, so that what it keeps is what is looked for. */
async function readFeatures(
  files: readonly ReadablePicture[],
  { runtime, cache, maxPixels, signal, onProgress }: AlikeOptions,
) {
  const trunk = buildTrunk(await openBackbone(bundledModel, { pooling: "avg", signal }), "stretch");
  const { window } = await chooseWindow(files, { maxPixels, signal });
  const key = featureKey(trunk, "cpu", window);
  const kept = cache === undefined ? undefined : await FeatureCache.open(cache, key, trunk.columns);
  const session = await runtime.open(trunk.encoded);
  try {
    const reading = { batch, window, maxPixels, signal, onProgress, cache: kept, onSkip: () => {} }; // `check` tells why
    const { values, indices } = await extractFeatures(files, trunk, session, reading);
    return { values, indices, columns: trunk.columns };
  } finally {
    await session.release();
  }
}
