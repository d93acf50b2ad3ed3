/** Augmented variants of the images that train, as features. */
import type { SplitSide } from "@grayling/core";
import { extractVariants } from "../augment/augmented-features.js";
import type { VariantTable } from "../augment/select-with-variants.js";
import type { Ready } from "./with-features.js";

/**
 * Variants of the images on the side `train`, in their order; none where nothing is augmented, nor where the network trains:
 * that learns from variants itself, and its head only begins at an optimum.
 */
export async function readVariants(ready: Ready, sides: readonly SplitSide[]): Promise<VariantTable | undefined> {
  const { runtime, dataset, features, chosen, trunk, options, kept, onEvent, signal } = ready;
  const { augment, augmentVariants: perImage, batch, seed, maxPixels } = options;
  if (augment === undefined || perImage === undefined || options.network) return undefined;
  const session = await runtime.openForBatches(trunk.encoded);
  try {
    const isTraining = (_: unknown, i: number) => sides[i] === "train";
    const images = dataset.images.filter(isTraining);
    const { values, computed, cached } = await extractVariants(images, trunk, session, {
      ...{ augment, variants: perImage, seed, batch, maxPixels, signal },
      tiles: features.tiles.filter(isTraining),
      window: chosen.window,
      cache: kept,
      onProgress: (progress) => onEvent({ kind: "variants", ...progress }),
    });
    onEvent({ kind: "augmented", computed, cached });
    return { values, perImage };
  } finally {
    await session.release();
  }
}
