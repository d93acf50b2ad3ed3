/** Splits a folder of classes as one of Keras' loaders does. */
import { InputError, kerasDatasetSplit, kerasGeneratorSplit, type SplitSide } from "@grayling/core";
import type { Dataset, DatasetImage } from "./dataset.js";
import { listKerasFiles } from "./list-keras-files.js";

/** What Keras calls the loader, and the call that draws the same, by the name of the split. */
const loaders = {
  "keras-generator": {
    loader: "flow_from_directory",
    call: "ImageDataGenerator(validation_split=…).flow_from_directory(…, subset=…)",
  },
  "keras-dataset": {
    loader: "image_dataset_from_directory",
    call: "image_dataset_from_directory(…, validation_split=…, subset=…, seed=…)",
  },
  "keras-dataset-unshuffled": {
    loader: "image_dataset_from_directory",
    call: "image_dataset_from_directory(…, validation_split=…, subset=…, shuffle=False)",
  },
} as const;

export type KerasSplitName = keyof typeof loaders;
export const kerasSplitNames = Object.keys(loaders) as KerasSplitName[]; // the keys of a closed table

/**
 * Throws `InputError` for `keras` alone, which could be any of three that put other files on each side: with the name of
 * each and the call that it reproduces. Any other text passes.
 */
export function refuseAmbiguousKeras(split: string): void {
  if (!/^(tf\.)?keras$/i.test(split.trim())) return;
  const each = kerasSplitNames.map((name) => `${name} for ${loaders[name].call}`);
  throw new InputError(`split "${split}": Keras has several, write ${each.join("; ")}`);
}

/**
 * The dataset with Keras' `validation_split` as a ready-made one, drawn among the files that Keras would count, those
 * that cannot be read included. What the loader does not read, by its extension, is skipped.
 * Throws `InputError` for a dataset that is split already or no folder, and what Keras refuses.
 */
export async function splitAsKeras(
  dataset: Dataset,
  name: KerasSplitName,
  fraction: number,
  seed: number,
): Promise<Dataset> {
  if (dataset.images.some(({ split }) => split !== null)) {
    throw new InputError(`split ${name}: ${dataset.root} is split already; leave --split out`);
  }
  if (dataset.root.toLowerCase().endsWith(".csv")) {
    throw new InputError(`split ${name}: Keras splits a folder of classes, got ${dataset.root}`);
  }
  const paths = await listKerasFiles(dataset.root);
  const { train, val } =
    name === "keras-generator"
      ? kerasGeneratorSplit(paths, fraction)
      : kerasDatasetSplit(paths, fraction, name === "keras-dataset" ? seed : undefined);
  const [training, validation] = [new Set(train), new Set(val)];
  const sideOf = ({ relative }: DatasetImage): SplitSide | undefined =>
    training.has(relative) ? "train" : validation.has(relative) ? "val" : undefined;
  const images = dataset.images.flatMap((image) => {
    const split = sideOf(image);
    return split === undefined ? [] : [{ ...image, split }];
  });
  const reason = `not read by Keras' ${loaders[name].loader}`;
  const unread = dataset.images.filter((image) => sideOf(image) === undefined);
  checkTraining(dataset, images);
  return {
    ...dataset,
    images: [...images.filter(({ split }) => split === "train"), ...images.filter(({ split }) => split === "val")],
    skipped: [...dataset.skipped, ...unread.map(({ relative }) => ({ path: relative, reason }))],
  };
}

/** Unshuffled, the last class can be all validation: Keras does not mind, a classifier does. */
function checkTraining({ classes }: Dataset, images: readonly DatasetImage[]): void {
  const trained = new Set(images.filter(({ split }) => split === "train").map(({ label }) => label));
  const missing = classes.find((_, label) => !trained.has(label));
  if (missing === undefined) return;
  throw new InputError(
    `class "${missing}": Keras' split leaves nothing of it to train on, expected at least one image; use --split stratified`,
  );
}
