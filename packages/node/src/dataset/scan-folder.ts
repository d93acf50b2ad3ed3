/** Reads a folder of class folders as a dataset, without decoding anything. */
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InputError } from "@grayling/core";
import { type Dataset, type DatasetImage, emptyClass, type SkippedFile } from "./dataset.js";
import { explainFileError } from "./explain-file-error.js";
import { findImages, isHidden, sortedByBytes } from "./find-images.js";

/**
 * Every first-level subfolder is a class, in byte order; nested subfolders count to their class, as in Keras. A root that
 * holds `train/` and `val/` (or `valid/`, `validation/`; beside them at most `test/`, which is left alone), each with
 * class folders, is taken as ready split. Files beside the class folders are ignored.
 * Throws `InputError` when there is no such folder, fewer than two classes, an empty class, or a class only in `val/`.
 */
export async function scanFolder(root: string): Promise<Dataset> {
  const absolute = resolve(root);
  const top = await listFolder(absolute);
  const splits = await readyMadeSplits(absolute, top.folders);
  if (splits) {
    const train = await scanClasses(absolute, "train/", "train", await listFolder(join(absolute, "train")));
    const val = await scanClasses(absolute, `${splits.val}/`, "val", await listFolder(join(absolute, splits.val)));
    return joinSplits(train, val);
  }
  return scanClasses(absolute, "", null, top);
}

interface Listing {
  readonly folders: readonly string[]; // in byte order
  readonly files: number;
}

async function listFolder(folder: string): Promise<Listing> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const folders: string[] = [];
    for (const entry of entries) if (!isHidden(entry.name) && (await isFolder(entry, folder))) folders.push(entry.name);
    return { folders: sortedByBytes(folders), files: entries.length - folders.length };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOTDIR") {
      throw new InputError(`dataset ${folder}: expected a folder with one subfolder per class, got a file`);
    }
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new InputError(`dataset ${folder}: no such folder, expected a folder with one subfolder per class`);
    }
    const reason = explainFileError(error);
    throw reason === undefined ? error : new InputError(`dataset ${folder}: ${reason}`, { cause: error });
  }
}

async function isFolder(entry: Dirent, folder: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  const target = await stat(join(folder, entry.name)).catch(() => undefined); // a broken link is no folder
  return target?.isDirectory() ?? false;
}

const validationNames: readonly string[] = ["val", "valid", "validation"];

async function readyMadeSplits(root: string, folders: readonly string[]): Promise<{ val: string } | undefined> {
  const val = folders.find((name) => validationNames.includes(name));
  const others = folders.filter((name) => name !== "train" && name !== val && name !== "test");
  if (val === undefined || !folders.includes("train") || others.length > 0) return undefined;
  const inside = await Promise.all(["train", val].map((name) => listFolder(join(root, name))));
  return inside.every((listing) => listing.folders.length > 0) ? { val } : undefined;
}

/** The classes of one folder; `prefix` leads from the root to it. */
async function scanClasses(
  root: string,
  prefix: string,
  split: DatasetImage["split"],
  { folders, files }: Listing,
): Promise<Dataset> {
  const shown = join(root, prefix);
  if (folders.length === 0) {
    const got = files === 0 ? "an empty folder" : `${files} files and no folder`;
    throw new InputError(
      `dataset ${shown}: expected one subfolder per class (${join(shown, "class", "1.png")}), got ${got}`,
    );
  }
  const images: DatasetImage[] = [];
  const skipped: SkippedFile[] = [];
  const classes: string[] = [];
  let ignored = files;
  for (const name of folders) {
    const found = await findImages(join(root, prefix, name));
    const lost = found.skipped.map(({ path, reason }) => ({ path: `${prefix}${name}/${path}`, reason }));
    skipped.push(...lost);
    ignored += found.ignored;
    if (found.images.length === 0 && split === "val") continue; // nothing to validate in this class
    if (found.images.length === 0) throw new InputError(emptyClass(shown, name, lost));
    const label = classes.push(name) - 1;
    for (const image of found.images) {
      const relative = `${prefix}${name}/${image}`;
      images.push({ path: join(root, relative), relative, label, split });
    }
  }
  if (classes.length === 1 && split !== "val") {
    throw new InputError(`dataset ${shown}: expected at least two classes, got one, "${classes[0]}"; add a folder`);
  }
  return { root, classes, images, ignored, skipped };
}

function joinSplits(train: Dataset, val: Dataset): Dataset {
  const labels = val.classes.map((name) => train.classes.indexOf(name));
  const unknown = val.classes.filter((_, i) => labels[i] === -1);
  if (unknown.length > 0) {
    const names = unknown.map((name) => `"${name}"`).join(", ");
    throw new InputError(
      `dataset ${train.root}: the validation folder holds ${names}, expected only classes of train/ (${train.classes.join(", ")})`,
    );
  }
  const validation = val.images.map((image) => ({ ...image, label: labels[image.label]! }));
  return {
    root: train.root,
    classes: train.classes,
    images: [...train.images, ...validation],
    ignored: train.ignored + val.ignored,
    skipped: [...train.skipped, ...val.skipped],
  };
}
