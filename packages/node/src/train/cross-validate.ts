/** Cross-validation of the head: every image is predicted once by a head that has not seen it. */
import type { Model } from "@grayling/core";
import { selectWithVariants, type VariantTable } from "../augment/select-with-variants.js";
import { type FeatureTable, selectRows } from "../features/feature-table.js";
import { type Evaluated, evaluateHead } from "./evaluate-head.js";
import { type TrainContext, trainHead } from "./train-head.js";

export interface FoldResults {
  /** The fold in which each row validated. */
  readonly foldOf: readonly number[];
  readonly folds: readonly Evaluated[];
  /** [rows, classes]: what the head of the image's own fold gave. */
  readonly probabilities: Float32Array;
  /** The head of each fold. */
  readonly heads: readonly Model[];
}

/** `foldOf` [rows] is the fold of every row, from 0. Variants of rows are learnt from, never validated on. */
export async function crossValidate(
  table: FeatureTable,
  foldOf: readonly number[],
  context: TrainContext,
  variants?: VariantTable,
): Promise<FoldResults> {
  const { classes, onEvent } = context;
  const count = new Set(foldOf).size;
  const folds: Evaluated[] = [];
  const heads: Model[] = [];
  const probabilities = new Float32Array(table.labels.length * classes.length);
  for (let fold = 0; fold < count; fold++) {
    const head = await trainHead(
      selectWithVariants(table, variants, (row) => foldOf[row] !== fold),
      context,
    );
    const evaluated = await evaluateHead(
      head.model,
      selectRows(table, (row) => foldOf[row] === fold),
      context,
    );
    scatter(probabilities, evaluated.probabilities, foldOf, fold, classes.length);
    folds.push(evaluated);
    heads.push(head.model);
    onEvent({ kind: "fold", of: "head", fold: fold + 1, folds: count, accuracy: evaluated.metrics.accuracy });
  }
  return { foldOf, folds, probabilities, heads };
}

/** Puts the rows of one fold where its images are. */
export function scatter(
  all: Float32Array,
  ofFold: Float32Array,
  foldOf: readonly number[],
  fold: number,
  classes: number,
): void {
  let from = 0;
  for (const [row, own] of foldOf.entries()) {
    if (own !== fold) continue;
    all.set(ofFold.subarray(from * classes, (from + 1) * classes), row * classes);
    from++;
  }
}

/** Mean and sample standard deviation of a metric over the folds. */
export function meanAndDeviation(values: readonly number[]): { readonly mean: number; readonly sd: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}
