/** What a training of the network reads again and again: planes, or activations at the cut, wherever there is room for them. */
import { createHash } from "node:crypto";
import { access, constants, mkdir } from "node:fs/promises";
import { tmpdir, totalmem } from "node:os";
import { encode, inference, lower, type Model, type PreparedNetwork } from "@grayling/core";
import { featureKey } from "../../features/feature-key.js";
import type { Ready } from "../with-features.js";
import { type RowsOptions, type StoredRows, storeActivations, storePlanes } from "./network-rows.js";

/** Of the memory, what rows may take before they go to disk. */
const memoryShare = 0.25;

/** Every image once: its plane, or its activations at the cut, in memory or on disk. The caller closes them. */
export async function storeRows(
  ready: Ready,
  isTraining: readonly boolean[],
  { split }: PreparedNetwork,
): Promise<StoredRows> {
  const { dataset, trunk, chosen, options, runtime, onEvent, signal } = ready;
  const rowsOptions: RowsOptions = {
    framing: trunk.preprocessing,
    window: chosen.window,
    maxPixels: options.maxPixels,
    batch: options.batch,
    seed: options.seed,
    budget: memoryShare * totalmem(),
    folder: await writableFolder(ready),
    kept: split.below && keptOf(ready, split.below),
    augment: options.augment,
    variants: options.augmentVariants ?? 0,
    signal,
    onProgress: (progress) => onEvent({ kind: "activations", ...progress }),
    onComputed: (counts) => onEvent({ kind: "cut", ...counts }),
    onWarning: (message) => onEvent({ kind: "warning", message }),
  };
  return split.below
    ? storeActivations(dataset.images, isTraining, split.below, runtime, rowsOptions)
    : storePlanes(dataset.images, rowsOptions);
}

/** Activations are kept where features are. Whatever gives others for the same image is in the key. */
function keptOf({ kept, cacheFolder, trunk, chosen, runtime, options }: Ready, below: Model): RowsOptions["kept"] {
  if (!kept || cacheFolder === undefined || !options.network) return undefined;
  const key = createHash("sha256")
    .update(featureKey(trunk, runtime.device, chosen.window))
    .update(encode(lower(below, inference)))
    .digest("hex");
  return { cache: cacheFolder, key, type: options.network.cacheType };
}

/** That of the cache, or, where it cannot be written, the system's own for what is in passing. */
async function writableFolder({ cacheFolder }: Ready): Promise<string> {
  if (cacheFolder === undefined) return tmpdir();
  return mkdir(cacheFolder, { recursive: true })
    .then(() => access(cacheFolder, constants.W_OK))
    .then(
      () => cacheFolder,
      () => tmpdir(), // that features are not kept was told
    );
}
