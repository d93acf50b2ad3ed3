/** Every number that says how good a classifier is, with its interval. */
import { grouped, type ScalarMetrics } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import { dataTable } from "../data-table.js";
import type { MeasuredSide } from "../measured-side.js";
import type { ReportContent } from "../report-content.js";
import { showDecimal, showInterval, showPart } from "../show-part.js";

interface Row {
  readonly name: string;
  readonly means: string;
  readonly isPart: boolean;
}

const rows: { readonly [K in keyof Required<ScalarMetrics>]: Row } = {
  accuracy: { name: "accuracy", means: "the right class is the most probable", isPart: true },
  balancedAccuracy: { name: "balanced accuracy", means: "mean recall: every class counts the same", isPart: true },
  macroF1: {
    name: "macro F1",
    means: "mean F1 of the classes: precision and recall together",
    isPart: true,
  },
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

export function metricsSection({ main, other }: ReportContent): Html | undefined {
  if (!main) return undefined;
  const sides = other ? [main, other] : [main];
  const names = (Object.keys(rows) as (keyof ScalarMetrics)[]) // the keys of a closed table
    .filter((name) => main.scalars[name] !== undefined);
  const table = dataTable({
    caption: "Values, and below each its interval of 95 %",
    label: "Metrics",
    kind: "numbers",
    head: ["", ...sides.map(headOf)],
    rows: names.map((name) => [
      html`${rows[name].name}<small>${rows[name].means}</small>`,
      ...sides.map((side) => cellOf(side, name)),
    ]),
  });
  return html`<section id="metrics"><h2>How good it is</h2>${table}${drawn(main)}</section>`;
}

const headOf = ({ what, images }: MeasuredSide): string => `${what}, ${grouped(images.length)} images`;

function cellOf({ scalars, intervals }: MeasuredSide, name: keyof ScalarMetrics): Html {
  const { isPart } = rows[name];
  const value = scalars[name];
  const interval = showInterval(intervals?.of[name], isPart);
  return html`${isPart ? showPart(value) : showDecimal(value)}${interval && html`<small>${interval}</small>`}`;
}

function drawn({ intervals, images }: MeasuredSide): Html | undefined {
  if (!intervals) return undefined;
  const { draws, groups } = intervals;
  const units =
    groups === undefined || groups === images.length ? "images" : `${grouped(groups)} groups, each with all its images`;
  return html`<p class="note">Intervals come from ${grouped(draws)} draws with replacement of the ${units}.</p>`;
}
