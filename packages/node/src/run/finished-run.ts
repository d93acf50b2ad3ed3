/** A run as it was written, read again: what reports, comparisons and model cards are made from. */
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { InputError } from "@grayling/core";
import * as v from "valibot";
import { type CsvRow, parseCsv } from "../dataset/csv-rows.js";
import { configFile, parseRunConfig, type RunConfig } from "./run-config.js";

/** The files of a run by name, on disk or not written yet; undefined: there is none of that name. */
export interface RunFiles {
  /** For people: a path. */
  readonly source: string;
  /** Of the run. */
  readonly name: string;
  readonly read: (name: string) => Promise<Uint8Array | undefined>;
}

export const filesOfFolder = (folder: string): RunFiles => ({
  source: folder,
  name: basename(resolve(folder)),
  read: (name) =>
    readFile(join(folder, name)).catch((error: NodeJS.ErrnoException) =>
      error.code === "ENOENT" ? undefined : Promise.reject(error),
    ),
});

/** Of a run that will lie in `folder`. */
export const filesOfMap = (folder: string, files: ReadonlyMap<string, Uint8Array | string>): RunFiles => ({
  source: folder,
  name: basename(resolve(folder)),
  read: async (name) => {
    const content = files.get(name);
    return typeof content === "string" ? new TextEncoder().encode(content) : content;
  },
});

/** An image that was measured. */
export interface MeasuredImage {
  /** Relative to the dataset, of a page `file.tif#3`. */
  readonly path: string;
  /** Into the run's classes. */
  readonly label: number;
  /** The most probable class. */
  readonly predicted: number;
  /** "val", or "test"; images that were cross-validated are "val". */
  readonly split: "val" | "test";
  /** Above 1 it is unlike all that trained. Absent: the run does not tell. */
  readonly novelty?: number;
  /** [classes], calibrated. */
  readonly probabilities: Float32Array;
}

export interface DoubtfulRow {
  readonly path: string;
  readonly label: string;
  readonly suggested: string;
  readonly ofLabel: number; // probability
  readonly ofSuggested: number;
  /** The image that is most like it, and its label; absent for those far down the list. */
  readonly neighbour?: { readonly path: string; readonly label: string };
}

const number = v.nullable(v.number()); // JSON has no NaN
const Interval = v.tuple([number, number]);

const Measures = v.looseObject({
  intervals: v.optional(
    v.object({ draws: v.number(), groups: v.optional(v.number()), of: v.record(v.string(), Interval) }),
  ),
});

const CalibrationMetrics = v.object({ logLoss: number, brierScore: number, expectedCalibrationError: number });
const BeforeAfter = { before: CalibrationMetrics, after: CalibrationMetrics };
const Coverage = v.object({
  images: v.number(),
  coverage: number,
  perClass: v.array(number),
  size: number,
  single: number,
});

/** What of `metrics.json` is read again; runs from before something was measured lack it. */
const RunMetrics = v.looseObject({
  validation: v.nullable(Measures),
  test: v.optional(Measures),
  folds: v.nullable(v.looseObject({ together: v.optional(Measures), each: v.array(v.looseObject({})) })),
  calibration: v.optional(
    v.object({
      temperature: v.number(),
      images: v.number(),
      ...BeforeAfter,
      test: v.optional(v.object(BeforeAfter)),
    }),
  ),
  sets: v.optional(v.looseObject({ promised: v.number(), seen: Coverage, test: v.optional(Coverage) })),
  unknown: v.optional(v.object({ rate: v.number(), distance: v.number(), compared: v.number(), refused: number })),
  thresholds: v.optional(
    v.array(
      v.object({
        className: v.string(),
        metric: v.string(),
        value: v.number(),
        threshold: v.number(),
        recall: v.number(),
        precision: v.number(),
      }),
    ),
  ),
});

export type RunMetrics = v.InferOutput<typeof RunMetrics>;

export interface FinishedRun {
  readonly source: string;
  readonly name: string;
  readonly config: RunConfig;
  readonly metrics: RunMetrics;
  /** In the order of `predictions.csv`. */
  readonly images: readonly MeasuredImage[];
  /** `results.csv`: columns, and rows of numbers. */
  readonly history: { readonly columns: readonly string[]; readonly rows: readonly (readonly number[])[] };
  /** Most doubtful first; undefined: they were not looked for. */
  readonly doubtful: readonly DoubtfulRow[] | undefined;
}

/** Throws `InputError` for a folder that `train` did not write, and for files that do not fit each other. */
export async function readRun(files: RunFiles): Promise<FinishedRun> {
  const { source, name } = files;
  const config = parseRunConfig(await textOf(files, configFile), source);
  const rows = async (file: string) => parseCsv(await textOf(files, file), `${source}: ${file}`);
  const [header, ...history] = await rows("results.csv");
  const doubtful = await files.read("doubtful-labels.csv");
  return {
    source,
    name,
    config,
    metrics: parseMetrics(await textOf(files, "metrics.json"), source),
    images: measuredImages(await rows("predictions.csv"), config.classes, source),
    history: { columns: header?.fields ?? [], rows: history.map(({ fields }) => fields.map(Number)) },
    doubtful: doubtful && doubtfulRows(parseCsv(decode(doubtful), `${source}: doubtful-labels.csv`)),
  };
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function textOf({ read, source }: RunFiles, name: string): Promise<string> {
  const bytes = await read(name);
  if (!bytes) throw new InputError(`run ${source}: no ${name} in it, expected a folder that train wrote`);
  return decode(bytes);
}

function parseMetrics(text: string, source: string): RunMetrics {
  try {
    return v.parse(RunMetrics, JSON.parse(text));
  } catch (cause) {
    throw new InputError(`run ${source}: metrics.json is not what train writes (${(cause as Error).message})`, {
      cause,
    });
  }
}

/** Probabilities are the last columns, whatever the classes are called. */
function measuredImages([header, ...rows]: readonly CsvRow[], classes: readonly string[], source: string) {
  const columns = header?.fields ?? [];
  const told = columns.slice(0, columns.length - classes.length);
  if (columns.slice(told.length).join("\0") !== classes.join("\0") || told[0] !== "path") {
    throw new InputError(`run ${source}: predictions.csv is not of the classes in ${configFile}`);
  }
  const [splitAt, predictedAt, noveltyAt] = ["split", "predicted", "novelty"].map((name) => told.indexOf(name));
  return rows.map(({ line, fields }): MeasuredImage => {
    const [label, predicted] = [classes.indexOf(fields[1]!), classes.indexOf(fields[predictedAt!]!)];
    if (fields.length !== columns.length || label < 0 || predicted < 0) {
      throw new InputError(
        `run ${source}: predictions.csv, line ${line}: expected ${columns.length} fields of known classes`,
      );
    }
    const novelty = noveltyAt! >= 0 ? Number(fields[noveltyAt!]) : Number.NaN;
    return {
      path: fields[0]!,
      label,
      predicted,
      split: splitAt! >= 0 && fields[splitAt!] === "test" ? "test" : "val",
      ...(!Number.isNaN(novelty) && { novelty }),
      probabilities: Float32Array.from(fields.slice(told.length), Number),
    };
  });
}

const doubtfulRows = ([, ...rows]: readonly CsvRow[]): DoubtfulRow[] =>
  rows.map(({ fields }) => {
    const [path, label, suggested, ofLabel, ofSuggested, near, nearLabel] = fields as [
      string,
      string,
      string,
      ...string[],
    ];
    return {
      ...{ path, label, suggested, ofLabel: Number(ofLabel), ofSuggested: Number(ofSuggested) },
      ...(near && nearLabel && { neighbour: { path: near, label: nearLabel } }),
    };
  });
