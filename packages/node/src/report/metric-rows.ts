/** Every metric that is one number: what it is called, and what it means. */
import type { ScalarMetrics } from "@grayling/core";
import { showDecimal, showPart } from "./show-part.js";

export interface MetricRow {
  readonly name: string;
  readonly means: string;
  /** Shown in percent. */
  readonly isPart: boolean;
}

/** In the order in which they are shown. */
export const metricRows: { readonly [K in keyof Required<ScalarMetrics>]: MetricRow } = {
  accuracy: { name: "accuracy", means: "the right class is the most probable", isPart: true },
  balancedAccuracy: { name: "balanced accuracy", means: "mean recall: every class counts the same", isPart: true },
  macroF1: { name: "macro F1", means: "mean F1 of the classes: precision and recall together", isPart: true },
  cohenKappa: { name: "Cohen’s kappa", means: "agreement beyond chance, 0 to 1", isPart: false },
  matthewsCorrelation: {
    name: "Matthews’ correlation",
    means: "of true and predicted classes, −1 to 1",
    isPart: false,
  },
  rocAuc: { name: "ROC AUC", means: "mean over the classes, one against the rest; 0.5 is chance", isPart: false },
  averagePrecision: {
    name: "average precision",
    means: "area under precision and recall, mean over the classes",
    isPart: false,
  },
  logLoss: { name: "log loss", means: "nats per image; less is better", isPart: false },
  brierScore: {
    name: "Brier score",
    means: "squared error of the probabilities, 0 to 2; less is better",
    isPart: false,
  },
  expectedCalibrationError: {
    name: "expected calibration error",
    means: "how far confidence and accuracy are apart; less is better",
    isPart: true,
  },
  top2Accuracy: { name: "top 2", means: "the right class is among the two most probable", isPart: true },
  top3Accuracy: { name: "top 3", means: "among three", isPart: true },
  top5Accuracy: { name: "top 5", means: "among five", isPart: true },
};

/** Those that were measured. */
export const measuredMetrics = (scalars: ScalarMetrics): (keyof ScalarMetrics)[] =>
  (Object.keys(metricRows) as (keyof ScalarMetrics)[]).filter((name) => scalars[name] !== undefined); // a closed table

export const showMetric = (name: keyof ScalarMetrics, value: number | undefined): string =>
  metricRows[name].isPart ? showPart(value) : showDecimal(value);
