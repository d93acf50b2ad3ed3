/** What a classifier says of images. */
import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError, sharpen } from "@grayling/core";
import { findImages } from "../dataset/find-images.js";
import { listPages } from "../dataset/list-pages.js";
import { type PagedImage, parsePage, showPage } from "../dataset/paged-image.js";
import { type ClassifyOptions, classify } from "./classify.js";
import { type Decision, decide } from "./decide.js";
import type { Classifier } from "./open-classifier.js";

export interface Prediction extends Decision {
  /** As the user wrote it; below a folder, with that folder. Of a file of several pages `file.tif#3`. */
  readonly path: string;
  /** Of every class, in the classifier's order; calibrated, but with `raw`. */
  readonly probabilities: Float32Array;
}

export interface Skipped {
  readonly path: string;
  readonly reason: string;
}

export interface PredictOptions extends Omit<ClassifyOptions, "onSkip" | "onUnlike"> {
  /** Called for each file that cannot be read. */
  readonly onSkip?: ((file: Skipped) => void) | undefined;
  /** Called, once for each reason, for the first file that is unlike those that trained. */
  readonly onUnlike?: ((file: Skipped) => void) | undefined;
  /** Whether probabilities are as the head gave them before it was calibrated (of tiles: their mean is undone); decisions stay as they are. Default false. */
  readonly raw?: boolean | undefined;
}

/** Predictions in the order of the files, as they come; a folder stands for the images below it. */
export async function* predict(
  classifier: Classifier,
  paths: readonly string[],
  options: PredictOptions = {},
): AsyncGenerator<Prediction, void, void> {
  const files = await listImages(paths, options.onSkip);
  const name = (index: number) => showPage(files[index]!.path, files[index]!.page);
  const { classes, judgement } = classifier;
  const count = classes.length;
  const batches = classify(classifier, files, {
    ...options,
    onSkip: (index, reason) => options.onSkip?.({ path: name(index), reason }),
    onUnlike: (index, reason) => options.onUnlike?.({ path: name(index), reason }),
  });
  for await (const { indices, probabilities: all, novelty } of batches) {
    for (const [i, index] of indices.entries()) {
      const calibrated = all.slice(i * count, (i + 1) * count);
      const probabilities = options.raw ? sharpen(calibrated, count, judgement.temperature) : calibrated;
      yield { path: name(index), ...decide(calibrated, classes, judgement, novelty?.[i]), probabilities };
    }
  }
}

/** The k most probable classes, falling; of equals the first. */
export function topClasses(
  probabilities: Float32Array,
  classes: readonly string[],
  k: number,
): { readonly index: number; readonly label: string; readonly probability: number }[] {
  return [...probabilities.keys()]
    .sort((a, b) => probabilities[b]! - probabilities[a]! || a - b)
    .slice(0, k)
    .map((index) => ({ index, label: classes[index]!, probability: probabilities[index]! }));
}

/**
 * The images of files and below folders, every page of a file that has several. Throws `InputError` for a path that is not
 * there, and for a folder without images.
 */
export async function listImages(
  paths: readonly string[],
  onSkip?: PredictOptions["onSkip"],
): Promise<readonly PagedImage[]> {
  return listPages(await listFiles(paths, onSkip));
}

async function listFiles(paths: readonly string[], onSkip: PredictOptions["onSkip"]): Promise<PagedImage[]> {
  const files: PagedImage[] = [];
  for (const path of paths) {
    const { image, found } = await findFile(path);
    if (!found.isDirectory()) files.push(image);
    else {
      const { images, skipped } = await findImages(path);
      if (images.length === 0) throw new InputError(`folder ${path}: expected images below it, got none`);
      for (const image of images) files.push({ path: join(path, image) });
      for (const file of skipped) onSkip?.({ path: join(path, file.path), reason: file.reason });
    }
  }
  return files;
}

/** A file or a folder; where there is none of that name, `file.tif#3` is a page. */
async function findFile(path: string): Promise<{ readonly image: PagedImage; readonly found: Stats }> {
  for (const image of [{ path }, parsePage(path)]) {
    const found = await stat(image.path).catch(() => undefined);
    if (found) return { image, found };
  }
  throw new InputError(`image ${path}: no such file or folder`);
}
