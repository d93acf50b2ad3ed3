/** Reads a folder of class folders as a dataset, without decoding anything. */
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InputError, type SplitSide, splitSides } from "@grayling/core";
import { checkClasses, type Dataset, type DatasetImage, emptyClass, maxClasses, type SkippedFile } from "./dataset.js";
import { explainFileError } from "./explain-file-error.js";
import { findImages, isHidden, sortedByBytes } from "./find-images.js";

/**
 * Every first-level subfolder is a class, in byte order; nested subfolders count to their class, as in Keras. A root that
 * holds `train/` and `val/` (or `valid/`, `validation/`) or `test/`, or all three, each with class folders, is taken as
 * ready split; where there is no `val/`, validation is still to be drawn from `train/`. A `test/` without class folders,
 * as competitions have it, is left alone. Files beside the class folders are ignored.
 * Throws `InputError` when there is no such folder, fewer than two classes, an empty class, or one that is not trained.
 */
export async function scanFolder(root: string): Promise<Dataset> {
  const absolute = resolve(root);
  const top = await listFolder(absolute);
  const sides = await readyMadeSides(absolute, top.folders);
  if (!sides) return scanClasses(absolute, "", null, top);
  const parts: Dataset[] = [];
  for (const [name, side] of sides) {
    const split = side === "train" && ![...sides.values()].includes("val") ? null : side;
    parts.push(await scanClasses(absolute, `${name}/`, split, await listFolder(join(absolute, name))));
  }
  return joinSides(parts);
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
      throw new InputError(
        `dataset ${folder}: no such folder, expected a folder with one subfolder per class, or a CSV file`,
      );
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

/** Sides of ready-made splits by the names of their folders. */
export const sideNames: ReadonlyMap<string, SplitSide> = new Map([
  ["train", "train"],
  ["val", "val"],
  ["valid", "val"],
  ["validation", "val"],
  ["test", "test"],
]);

/** Side by folder name, training first; undefined unless the root is split. */
async function readyMadeSides(root: string, folders: readonly string[]): Promise<Map<string, SplitSide> | undefined> {
  if (!folders.includes("train") || folders.some((name) => !sideNames.has(name))) return undefined;
  const sides = new Map<string, SplitSide>();
  for (const side of splitSides) {
    const names = folders.filter((name) => sideNames.get(name) === side);
    if (names.length > 1) return undefined;
    for (const name of names) {
      const inside = await listFolder(join(root, name));
      if (inside.folders.length > 0) sides.set(name, side);
      else if (side !== "test") return undefined;
    }
  }
  return sides.size > 1 ? sides : undefined;
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
  if (folders.length > maxClasses) checkClasses(shown, folders, "folder"); // before all of them are walked
  const images: DatasetImage[] = [];
  const skipped: SkippedFile[] = [];
  const classes: string[] = [];
  let ignored = files;
  for (const name of folders) {
    const found = await findImages(join(root, prefix, name));
    const lost = found.skipped.map(({ path, reason }) => ({ path: `${prefix}${name}/${path}`, reason }));
    skipped.push(...lost);
    ignored += found.ignored;
    if (found.images.length === 0 && isHeldOut(split)) continue; // nothing to measure in this class
    if (found.images.length === 0) throw new InputError(emptyClass(shown, name, lost));
    const label = classes.push(name) - 1;
    for (const image of found.images) {
      const relative = `${prefix}${name}/${image}`;
      images.push({ path: join(root, relative), relative, label, split });
    }
  }
  if (!isHeldOut(split)) checkClasses(shown, classes, "folder");
  return { root, classes, images, ignored, skipped };
}

const isHeldOut = (split: DatasetImage["split"]): boolean => split === "val" || split === "test";

/** The first part is trained on, and its classes are those of all. */
function joinSides(parts: readonly Dataset[]): Dataset {
  const [{ root, classes }] = parts as [Dataset, ...Dataset[]];
  const images = parts.flatMap((part) => {
    const labels = part.classes.map((name) => classes.indexOf(name));
    const unknown = part.classes.filter((_, i) => labels[i] === -1).map((name) => `"${name}"`);
    if (unknown.length > 0) {
      const folder = part.images[0]?.split === "test" ? "test" : "validation";
      throw new InputError(
        `dataset ${root}: the ${folder} folder holds ${unknown.join(", ")}, expected only classes of train/ (${classes.join(", ")})`,
      );
    }
    return part.images.map((image) => ({ ...image, label: labels[image.label]! }));
  });
  return {
    root,
    classes,
    images,
    ignored: parts.reduce((sum, { ignored }) => sum + ignored, 0),
    skipped: parts.flatMap(({ skipped }) => skipped),
  };
}
