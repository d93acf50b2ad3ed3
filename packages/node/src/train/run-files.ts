/** What a training leaves in its run folder. Same input, same bytes: no times, no names of machines. */
import { indexOfLargest, type Metrics, writeSafetensorsAs } from "@grayling/core";
import type { Backbone } from "../backbone/open-backbone.js";
import type { Dataset } from "../dataset/dataset.js";
import { toCsv } from "../run/csv.js";
import { configFile, headFile } from "../run/run-config.js";
import { versions } from "../version.js";
import { type FoldResults, meanAndDeviation } from "./cross-validate.js";
import type { Evaluated } from "./evaluate-head.js";
import type { HistoryRow, TrainedHead } from "./train-head.js";
import type { ResolvedOptions } from "./train-options.js";

export interface RunResults {
  readonly dataset: Dataset;
  readonly options: ResolvedOptions;
  readonly backbone: Backbone;
  /** `Trunk.key`. */
  readonly trunk: string;
  /** The execution provider that computed; "auto" among the options says only what was asked for. */
  readonly device: string;
  readonly head: TrainedHead;
  readonly isValidation: readonly boolean[];
  readonly validation: Evaluated | undefined;
  readonly folds: FoldResults | undefined;
}

/** By file name; `model.onnx` is the caller's. */
export function runFiles(results: RunResults): Map<string, string | Uint8Array> {
  return new Map<string, string | Uint8Array>([
    [configFile, toJson(config(results))],
    [headFile, writeSafetensorsAs(results.head.model, "keras")],
    ["split.csv", splitCsv(results)],
    ["results.csv", resultsCsv(results.head.history)],
    ["metrics.json", toJson(metrics(results))],
    ["predictions.csv", predictionsCsv(results)],
  ]);
}

const toJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

function config({ dataset, options, backbone, trunk, device, isValidation }: RunResults) {
  return {
    dataset: dataset.root,
    classes: dataset.classes,
    options: { ...options, device },
    weights: backbone.source,
    isTransferred: backbone.isTransferred,
    trunk,
    images: { train: isValidation.filter((value) => !value).length, val: isValidation.filter(Boolean).length },
    ignored: dataset.ignored,
    skipped: dataset.skipped,
    versions: versions(),
  };
}

function splitCsv({ dataset, isValidation, folds }: RunResults): string {
  const sideOf = (i: number) => (folds ? `fold ${folds.foldOf[i]! + 1}` : isValidation[i] ? "val" : "train");
  const rows = dataset.images.map(({ relative, label }, i) => [relative, dataset.classes[label], sideOf(i)]);
  return toCsv(["path", "label", "split"], rows);
}

function resultsCsv(history: readonly HistoryRow[]): string {
  const columns = Object.keys(history[0] ?? { epoch: 0, loss: 0 });
  return toCsv(
    columns,
    history.map((row) => columns.map((column) => row[column])),
  );
}

function metrics({ head, validation, folds }: RunResults) {
  return {
    validation: validation?.metrics ?? null,
    folds: folds ? foldMetrics(folds.folds) : null,
    head: head.outcome,
  };
}

/** The numbers that are one per fold. */
const scalarMetrics = ["accuracy", "balancedAccuracy", "macroF1", "logLoss"] as const satisfies (keyof Metrics)[];

function foldMetrics(folds: readonly Evaluated[]) {
  const summary = scalarMetrics.map((name) => [name, meanAndDeviation(folds.map(({ metrics }) => metrics[name]))]);
  return { ...Object.fromEntries(summary), each: folds.map(({ metrics }) => metrics) };
}

/** Validation images, or all where they were cross-validated, with every class' probability. */
function predictionsCsv({ dataset, isValidation, validation, folds }: RunResults): string {
  const probabilities = folds?.probabilities ?? validation?.probabilities ?? new Float32Array();
  const count = dataset.classes.length;
  const images = dataset.images.filter((_, i) => folds !== undefined || isValidation[i]);
  const rows = images.map(({ relative, label }, row) => {
    const own = probabilities.subarray(row * count, (row + 1) * count);
    const predicted = indexOfLargest(own);
    return [relative, dataset.classes[label], dataset.classes[predicted], ...own];
  });
  return toCsv(["path", "label", "predicted", ...dataset.classes], rows);
}
