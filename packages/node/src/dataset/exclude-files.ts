/** Leaves files out of a dataset by a list, such as an edited fix list. */
import { readFile } from "node:fs/promises";
import { InputError } from "@grayling/core";
import { parseCsv } from "./csv-rows.js";
import { type Dataset, type DatasetImage, emptyClass, fileOf } from "./dataset.js";
import { explainFileError } from "./explain-file-error.js";

/** What a row of a fix list must say for its file to be left out. */
const excluded = /^exclude\b/i;

/**
 * Paths, relative to the dataset with "/", that a CSV excludes: of its column `path`, all rows, or where there is a column
 * `suggestion`, those whose suggestion begins with "exclude". Throws `InputError` for a file that cannot be read or has no
 * such column.
 */
export async function readExcludeList(path: string): Promise<Set<string>> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new InputError(`exclude list ${path}: ${explainFileError(cause) ?? String(cause)}`, { cause });
  });
  const [header = [], ...rows] = parseCsv(text, `exclude list ${path}`).map(({ fields }) => fields);
  const [at, suggestion] = ["path", "suggestion"].map((name) => header.indexOf(name)) as [number, number]; // of two
  if (at < 0) {
    throw new InputError(`exclude list ${path}: expected a column "path", got "${header.join(",")}"`);
  }
  const wanted = rows.filter((row) => suggestion < 0 || excluded.test(row[suggestion] ?? ""));
  return new Set(wanted.map((row) => row[at] ?? "").filter((one) => one !== ""));
}

/**
 * The dataset without these files, or pages of files; nothing is deleted. Files that were skipped anyway may be named,
 * and are skipped without a word then. Throws `InputError` for a path that the dataset does not hold, since it is a
 * slip, and when a class is left empty.
 */
export function excludeFiles(dataset: Dataset, paths: ReadonlySet<string>): Dataset {
  const known = new Set([...dataset.images.flatMap(namesOf), ...dataset.skipped.map(({ path }) => path)]);
  const unknown = [...paths].filter((path) => !known.has(path));
  if (unknown.length > 0) {
    const more = unknown.length > 1 ? ` and ${unknown.length - 1} more` : "";
    throw new InputError(
      `exclude list: ${unknown[0]}${more} not in ${dataset.root}, expected paths below it such as ${dataset.images[0]?.relative}`,
    );
  }
  const images = dataset.images.filter((image) => !namesOf(image).some((name) => paths.has(name)));
  const left = new Set(images.filter(({ split }) => split === null || split === "train").map(({ label }) => label));
  for (const [label, name] of dataset.classes.entries()) {
    if (!left.has(label)) throw new InputError(`${emptyClass(dataset.root, name, [])} (after the exclude list)`);
  }
  return { ...dataset, images, skipped: dataset.skipped.filter(({ path }) => !paths.has(path)) };
}

/** `a/file.tif#3`, and of a page also the file itself, which stands for all of them. */
const namesOf = (image: DatasetImage): readonly string[] =>
  image.page === undefined ? [image.relative] : [image.relative, fileOf(image)];
