/** Opens what a user names as a dataset: a folder of classes or a CSV file, with its groups and its copies. */
import { stat } from "node:fs/promises";
import { InputError, printable, type SplitSide } from "@grayling/core";
import { counted } from "../terminal/counted.js";
import { type Dataset, type DatasetImage, fileOf, groupsOf } from "./dataset.js";
import { excludeFiles, readExcludeList } from "./exclude-files.js";
import { findCopies } from "./find-copies.js";
import { joinCopies } from "./join-groups.js";
import { listPages } from "./list-pages.js";
import { matchGroups } from "./match-groups.js";
import { type CsvOptions, readCsvDataset } from "./read-csv-dataset.js";
import { scanFolder } from "./scan-folder.js";
import { type KerasSplitName, splitAsKeras } from "./split-as-keras.js";

export interface OpenOptions {
  /** A column of the CSV file, or a regular expression on the relative paths, whose first capture group it is. */
  readonly group?: string | undefined;
  /** Keras' validation split in place of one that is still to be drawn. */
  readonly keras?: { readonly name: KerasSplitName; readonly fraction: number; readonly seed: number } | undefined;
  /** A CSV file that `readExcludeList` reads: what it names has no group, is no copy, and is not trained on. */
  readonly exclude?: string | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Every page of a file is an image. Images of one group, and those with the same content, have the same `group`.
 * Throws `InputError` as `scanFolder`, `readCsvDataset`, `excludeFiles` and `matchGroups` do, and for a group that a
 * ready-made split divides. Copies that it divides, or that have several labels, are a warning: nothing can be done about
 * them here.
 */
export async function openDataset(
  root: string,
  { group, keras, exclude, onWarning = () => {}, signal }: OpenOptions = {},
): Promise<Dataset> {
  const found = await findDataset(root, { group });
  const split = keras ? await splitAsKeras(found, keras.name, keras.fraction, keras.seed) : found;
  const paged = { ...split, images: await listPages(split.images) };
  // After Keras' split, which counts every file, and before all that a file left out must not take part in.
  const kept = exclude === undefined ? paged : excludeFiles(paged, await readExcludeList(exclude));
  const grouped = group === undefined || kept.groupedBy === `column ${group}` ? kept : groupByPattern(kept, group);
  checkGroups(grouped);
  const firstOf = await firstWithContent(grouped.images, signal);
  for (const warning of doubtfulCopies(grouped, firstOf)) onWarning(warning);
  return joinCopies(grouped, firstOf);
}

/** A folder of classes, or a CSV file; its copies are not looked for. Throws as `scanFolder` and `readCsvDataset` do. */
export async function findDataset(root: string, options: CsvOptions = {}): Promise<Dataset> {
  const isFile = await stat(root).then(
    (found) => found.isFile(),
    () => false,
  );
  return isFile && isCsv(root) ? readCsvDataset(root, options) : scanFolder(root);
}

const isCsv = (path: string): boolean => path.toLowerCase().endsWith(".csv");

/** For every image the index of the first whose file has the same content; pages of one file have. */
async function firstWithContent(images: readonly DatasetImage[], signal?: AbortSignal): Promise<number[]> {
  const firstOfPath = new Map<string, number>();
  for (const [index, { path }] of images.entries()) if (!firstOfPath.has(path)) firstOfPath.set(path, index);
  const paths = [...firstOfPath.keys()];
  const firstOf = await findCopies(paths, signal);
  const firstOfContent = new Map(paths.map((path, i) => [path, firstOfPath.get(paths[firstOf[i]!]!)!]));
  return images.map(({ path }) => firstOfContent.get(path)!);
}

function groupByPattern(dataset: Dataset, pattern: string): Dataset {
  const groups = matchGroups(dataset.images.map(fileOf), pattern, { hasColumns: isCsv(dataset.root) });
  const images = dataset.images.map((image, i) => ({ ...image, group: groups[i]! }));
  return { ...dataset, images, groupedBy: `--group ${pattern}` };
}

function checkGroups({ groupedBy, images }: Dataset): void {
  if (groupedBy === undefined) return;
  const names = groupsOf(images);
  if (new Set(names).size === 1) {
    throw new InputError(`${groupedBy}: all ${names.length} images are in one group, expected at least two`);
  }
  const sides = new Map<string, SplitSide | null>();
  const divided = new Set<string>();
  for (const [i, name] of names.entries()) {
    const { split } = images[i]!;
    if (sides.has(name) && sides.get(name) !== split) divided.add(images[i]!.group ?? name);
    sides.set(name, split);
  }
  const [first] = divided;
  if (first === undefined) return;
  throw new InputError(
    `${groupedBy}: the ready-made split has ${counted(divided.size, "group")} on two sides, the first "${printable(first)}"; ` +
      "put them on one, or train on a folder that is not split yet",
  );
}

function doubtfulCopies({ images, classes }: Dataset, firstOf: readonly number[]): string[] {
  const all = firstOf.flatMap((first, i) => (first === i ? [] : [[images[first]!, images[i]!] as const]));
  const [pages, pairs] = [all.filter(([a, b]) => a.path === b.path), all.filter(([a, b]) => a.path !== b.path)];
  const kinds = [
    ["files with the same content", "on two sides of the ready-made split", onePerFile(pairs.filter(isDivided))],
    ["files with the same content", "in two classes", onePerFile(pairs.filter(([a, b]) => a.label !== b.label))],
    ["pages of one file", "on two sides of the ready-made split", pages.filter(isDivided)],
  ] as const;
  return kinds.flatMap(([what, where, found]) => {
    const [first] = found;
    if (!first) return [];
    const names = first
      .map(({ relative, label }) => `${printable(relative)} (${printable(classes[label]!)})`)
      .join(" and ");
    const verb = found.length === 1 ? "is" : "are";
    return [`${counted(found.length, "pair")} of ${what} ${verb} ${where}, the first ${names}`];
  });
}

type Pair = readonly [DatasetImage, DatasetImage];

const isDivided = ([a, b]: Pair): boolean => a.split !== b.split;

/** A file has as many pairs as pages, side by side. */
const onePerFile = (pairs: readonly Pair[]): readonly Pair[] =>
  pairs.filter(([, { path }], i) => pairs[i - 1]?.[1].path !== path);
