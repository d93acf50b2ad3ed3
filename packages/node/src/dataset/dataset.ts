/** A folder of pictures as classes: what was found, and what was left out and why. */
import { InputError, type SplitSide } from "@grayling/core";
import { parsePage } from "./paged-image.js";

export interface DatasetImage {
  readonly path: string; // absolute
  readonly relative: string; // to the root, with "/"
  readonly label: number; // index into `classes`
  /** From ready-made `train/`, `val/` and `test/` folders, or a column; null where it is still to be drawn. */
  readonly split: SplitSide | null;
  /** Images of one group stay on one side of every split; absent: a group of its own. */
  readonly group?: string;
  /** Of a file that holds several, from 1; absent: the first. */
  readonly page?: number | undefined;
}

export interface SkippedFile {
  readonly path: string; // relative to the root, with "/"
  readonly reason: string; // one line
}

export interface Dataset {
  readonly root: string; // absolute
  readonly classes: readonly string[]; // in byte order, as Python sorts
  readonly images: readonly DatasetImage[]; // train before val, then by class, then by relative path
  /** Files that are no pictures (hidden ones, text, `Thumbs.db`, …): counted, not named. */
  readonly ignored: number;
  /** Pictures that cannot be used. */
  readonly skipped: readonly SkippedFile[];
  /** What gave the groups, for people; absent without groups. */
  readonly groupedBy?: string;
  /** Images whose file has the same content as that of an image before them, and so its group. */
  readonly copies?: number;
}

/** With more, a column of numbers or names was taken for the labels. */
export const maxClasses = 5000;

/** Throws `InputError` for fewer than two classes, or so many that they cannot be meant. */
export function checkClasses(source: string, classes: readonly string[], what: string): void {
  if (classes.length === 1) {
    throw new InputError(
      `dataset ${source}: expected at least two classes, got one, "${classes[0]}"; add a ${what} of another`,
    );
  }
  if (classes.length <= maxClasses) return;
  throw new InputError(
    `dataset ${source}: ${classes.length} classes, expected at most ${maxClasses}; is each ${what} really a class?`,
  );
}

/** The path of an image's file, relative to the root: of `a/file.tif#3`, page 3, it is `a/file.tif`. */
export const fileOf = ({ relative, page }: Pick<DatasetImage, "relative" | "page">): string =>
  page === undefined ? relative : parsePage(relative).path;

/** The name of every image's group, as long as `images`; an image without one is a group of its own. */
export const groupsOf = (images: readonly DatasetImage[]): string[] =>
  images.map(({ group, path }) => (group === undefined ? `own ${path}` : `named ${group}`));

/**
 * The dataset without the images whose decoding failed, now listed under `skipped`; the order of the others stays.
 * `reasons` is by index into `images`. Throws `InputError` when a class is left without images to train on.
 */
export function withoutUnreadable(dataset: Dataset, reasons: ReadonlyMap<number, string>): Dataset {
  const images = dataset.images.filter((_, index) => !reasons.has(index));
  const skipped = [...reasons].map(([index, reason]) => {
    const { relative, label } = dataset.images[index]!;
    return { path: relative, reason, label };
  });
  const left = new Set(images.filter(({ split }) => split === "train" || split === null).map(({ label }) => label));
  for (const [label, name] of dataset.classes.entries()) {
    if (left.has(label)) continue;
    throw new InputError(
      emptyClass(
        dataset.root,
        name,
        skipped.filter((file) => file.label === label),
      ),
    );
  }
  return {
    ...dataset,
    images,
    skipped: [...dataset.skipped, ...skipped.map(({ path, reason }) => ({ path, reason }))],
  };
}

/** The message for a class with nothing in it, with the first reason if files were skipped. */
export function emptyClass(root: string, name: string, skipped: readonly SkippedFile[]): string {
  const [first] = skipped;
  const why = first ? `all ${skipped.length} were skipped, ${first.path}: ${first.reason}` : "it holds none";
  return `dataset ${root}: class "${name}" is empty, expected at least one readable image, ${why}; add images or remove the folder`;
}
