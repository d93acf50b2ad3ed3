/** Reads a CSV file, `path,label[,split][,group]`, as a dataset, without decoding anything. */
import { readFile, stat } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { InputError, printable, type SplitSide, splitSides } from "@grayling/core";
import { type CsvRow, parseCsv } from "./csv-rows.js";
import { checkClasses, type Dataset, type DatasetImage, emptyClass, type SkippedFile } from "./dataset.js";
import { explainFileError } from "./explain-file-error.js";
import { sortedByBytes } from "./find-images.js";
import { findListedFile } from "./find-listed-file.js";
import { mapInOrder } from "./map-in-order.js";

/** A larger file is refused: it is read whole. Ten million rows fit. */
const maxCsvBytes = 2 ** 29;

const sideNames: ReadonlyMap<string, SplitSide> = new Map([
  ["train", "train"],
  ["training", "train"],
  ["val", "val"],
  ["valid", "val"],
  ["validation", "val"],
  ["test", "test"],
  ["testing", "test"],
]);

export interface CsvOptions {
  /** Another column than "group". */
  readonly group?: string | undefined;
  /** Whether images are trained on: every class must have such. False: an image on any side is enough. Default true. */
  readonly trains?: boolean | undefined;
}

/**
 * Columns are known by their names; `path` and `label` must be there, others than these four are passed over. Paths are
 * relative to the file's folder, or absolute; what they name must be a file, wherever it lies, or a page of one,
 * `file.tif#3`, or it is skipped. Where no row validates, validation is still to be drawn from those that train.
 * Throws `InputError`, of one line, for a file that cannot be read as such, an image that comes twice, and what
 * `scanFolder` refuses.
 */
export async function readCsvDataset(file: string, { group, trains = true }: CsvOptions = {}): Promise<Dataset> {
  const root = dirname(resolve(file));
  const rows = parseCsv(await readText(file), file);
  const columns = columnsOf(rows, file);
  const groupColumn = group !== undefined && columns.includes(group.toLowerCase()) ? group : "group";
  const entries = readEntries(rows, columns, { file, root, groupColumn });
  const classes = sortedByBytes([...new Set(entries.map(({ label }) => label))]);
  checkClasses(file, classes, "label");
  const { images, skipped } = await findAll(entries, classes);
  checkPages(file, images);
  for (const [label, name] of classes.entries()) {
    if (images.some((image) => image.label === label && (!trains || isTrained(image)))) continue;
    const lost = skipped.filter((one) => one.label === name);
    throw new InputError(emptyClass(file, name, lost));
  }
  return {
    root: resolve(file),
    classes,
    images: inOrder(images),
    ignored: 0,
    skipped: skipped.map(({ path, reason }) => ({ path, reason })),
    ...(entries.some(({ group }) => group !== undefined) && { groupedBy: `column ${groupColumn}` }),
  };
}

interface Found {
  readonly images: readonly DatasetImage[];
  readonly skipped: readonly (SkippedFile & { readonly label: string })[];
}

/** The images of the entries, in their order, and those of which there is no file. */
async function findAll(entries: readonly Entry[], classes: readonly string[]): Promise<Found> {
  const labelOf = new Map(classes.map((name, label) => [name, label]));
  const hasValidation = entries.some(({ split }) => split === "val");
  const images: DatasetImage[] = [];
  const skipped: (SkippedFile & { readonly label: string })[] = [];
  const options = { concurrency: 16, ahead: 256 };
  let row = 0;
  for await (const found of mapInOrder(entries, ({ path }) => findListedFile(path), options)) {
    const { shown, label, split, group } = entries[row++]!;
    if ("reason" in found) skipped.push({ path: shown, reason: found.reason, label });
    else {
      images.push({
        ...found,
        relative: shown,
        label: labelOf.get(label)!,
        split: split === "train" && !hasValidation ? null : split,
        ...(group !== undefined && { group }),
      });
    }
  }
  return { images, skipped };
}

const isTrained = ({ split }: DatasetImage): boolean => split === null || split === "train";

interface Entry {
  readonly path: string; // absolute, of a page with its number
  readonly shown: string; // relative to the file's folder, with "/"
  readonly label: string;
  readonly split: SplitSide | null;
  readonly group: string | undefined;
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > maxCsvBytes) throw new InputError(`${file}: ${size} bytes, expected at most ${maxCsvBytes}`);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await readFile(file));
  } catch (error) {
    if (error instanceof TypeError) throw new InputError(`${file}: expected a CSV file in UTF-8, got other bytes`);
    const reason = explainFileError(error);
    throw reason === undefined ? error : new InputError(`${file}: ${reason}`, { cause: error });
  }
}

function columnsOf([header]: readonly CsvRow[], file: string): readonly string[] {
  const names = (header?.fields ?? []).map((name) => name.trim().toLowerCase());
  const missing = ["path", "label"].filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const got = header === undefined ? "nothing" : `"${printable(header.fields.join(",")).slice(0, 120)}"`;
    throw new InputError(`${file}: expected a first line path,label[,split][,group], got ${got}`);
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InputError(`${file}: the first line names the column "${printable(twice)}" twice`);
  return names;
}

interface Source {
  readonly file: string;
  readonly root: string;
  readonly groupColumn: string;
}

function readEntries(
  rows: readonly CsvRow[],
  columns: readonly string[],
  { file, root, groupColumn }: Source,
): Entry[] {
  const [path, label, split, group] = ["path", "label", "split", groupColumn.toLowerCase()].map((name) =>
    columns.indexOf(name),
  ) as [number, number, number, number]; // as many as names
  if (rows.length === 1) throw new InputError(`${file}: expected a line for each image below the first, got none`);
  const lineOf = new Map<string, number>();
  return rows.slice(1).map(({ line, fields }) => {
    const at = `${file}: line ${line}`;
    if (fields.length !== columns.length) {
      throw new InputError(`${at}: expected ${columns.length} fields, as the first line has, got ${fields.length}`);
    }
    const field = (column: number, name: string) => {
      const value = fields[column]!;
      if (value === "" || value.includes("\0")) throw new InputError(`${at}: expected a ${name}, got none`);
      return value;
    };
    const absolute = resolve(root, field(path, "path"));
    const before = lineOf.get(absolute);
    if (before !== undefined) {
      throw new InputError(`${at}: "${printable(fields[path]!)}" is on line ${before} already; an image comes once`);
    }
    lineOf.set(absolute, line);
    return {
      path: absolute,
      shown: relative(root, absolute).replaceAll(sep, "/"),
      label: field(label, "label"),
      split: split === -1 ? null : sideOf(fields[split]!, at),
      group: group === -1 ? undefined : field(group, groupColumn),
    };
  });
}

function sideOf(name: string, at: string): SplitSide {
  const side = sideNames.get(name.trim().toLowerCase());
  if (side === undefined) throw new InputError(`${at}: split "${printable(name)}", expected train, val or test`);
  return side;
}

/** A file without a number stands for all of its pages. */
function checkPages(file: string, images: readonly DatasetImage[]): void {
  const whole = new Set(images.flatMap(({ path, page }) => (page === undefined ? [path] : [])));
  const twice = images.find(({ path, page }) => page !== undefined && whole.has(path));
  if (!twice) return;
  throw new InputError(
    `${file}: "${printable(twice.relative)}" is a page of a file that is listed whole as well; an image comes once`,
  );
}

/** Train before val before test, then by class, then by path, whatever the order of the lines. */
function inOrder(images: readonly DatasetImage[]): DatasetImage[] {
  const place = new Map(sortedByBytes(images.map(({ relative }) => relative)).map((name, i) => [name, i]));
  const side = ({ split }: DatasetImage) => (split === null ? 0 : splitSides.indexOf(split));
  return images.toSorted(
    (a, b) => side(a) - side(b) || a.label - b.label || place.get(a.relative)! - place.get(b.relative)!,
  );
}
