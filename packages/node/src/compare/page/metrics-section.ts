/** How good each run is on the common images. */
import { grouped, type ScalarMetrics } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import { dataTable } from "../../report/data-table.js";
import { named } from "../../report/named.js";
import { showDecimal, showInterval, showPart } from "../../report/show-part.js";
import type { ComparedRun, RunComparison } from "../compare-runs.js";

interface Row {
  readonly metric: keyof ScalarMetrics;
  readonly name: string;
  readonly means: string;
  readonly isPart: boolean;
}

const rows: readonly Row[] = [
  { metric: "accuracy", name: "accuracy", means: "the right class is the most probable", isPart: true },
  { metric: "balancedAccuracy", name: "balanced accuracy", means: "every class counts the same", isPart: true },
  { metric: "macroF1", name: "macro F1", means: "recall and precision, mean of the classes", isPart: true },
  { metric: "top3Accuracy", name: "top 3", means: "the right class is among three", isPart: true },
  { metric: "matthewsCorrelation", name: "Matthews’ correlation", means: "−1 to 1", isPart: false },
  { metric: "rocAuc", name: "ROC AUC", means: "0.5 is chance, mean of the classes", isPart: false },
  { metric: "averagePrecision", name: "average precision", means: "mean of the classes", isPart: false },
  { metric: "logLoss", name: "log loss", means: "nats; less is better", isPart: false },
  { metric: "brierScore", name: "Brier score", means: "0 to 2; less is better", isPart: false },
  {
    metric: "expectedCalibrationError",
    name: "calibration error",
    means: "probabilities are off by; less is better",
    isPart: true,
  },
];

export function metricsSection({ runs, images, side }: RunComparison): Html {
  const shown = rows.filter(({ metric }) => runs[0]!.metrics[metric] !== undefined);
  const table = dataTable({
    caption: `On ${grouped(images.length)} ${side} images; 95 % intervals below`,
    label: "Metrics",
    kind: "numbers",
    head: ["", ...runs.map(({ name }) => named(name))],
    rows: shown.map((row) => [html`${row.name}<small>${row.means}</small>`, ...runs.map((run) => cell(run, row))]),
  });
  return html`<section id="metrics"><h2>How good they are</h2>${accuracies(runs)}${table}</section>`;
}

function cell({ metrics, intervals }: ComparedRun, { metric, isPart }: Row): Html {
  const value = metrics[metric];
  const interval = showInterval(intervals[metric], isPart);
  return html`${isPart ? showPart(value) : showDecimal(value)}${interval && html`<small>${interval}</small>`}`;
}

/** Accuracies on one scale, from the lowest end of an interval to the highest. */
function accuracies(runs: readonly ComparedRun[]): Html {
  const spans = runs.map(({ metrics, intervals }) => {
    const [low, high] = intervals["accuracy"] ?? [];
    return { value: metrics.accuracy, low: low ?? metrics.accuracy, high: high ?? metrics.accuracy };
  });
  const from = Math.floor(20 * Math.min(...spans.map(({ low }) => low))) / 20;
  const to = Math.max(from + 0.05, Math.ceil(20 * Math.max(...spans.map(({ high }) => high))) / 20);
  const at = (part: number) => (100 * Math.min(1, Math.max(0, (part - from) / (to - from)))).toFixed(2);
  const body = runs.map((run, i) => {
    const { value, low, high } = spans[i]!;
    const width = (Number(at(high)) - Number(at(low))).toFixed(2);
    const bar = html`<span class="range" aria-hidden="true"><i style="left:${at(low)}%;width:${width}%"></i><b style="left:${at(value)}%"></b></span>`;
    return html`<tr><th scope="row">${named(run.name)}</th><td>${bar}</td><td>${showPart(value)} <small>${showInterval([low, high], true)}</small></td></tr>
`;
  });
  return html`<table class="ranges"><caption>Accuracy and its 95 % interval, from ${showPart(from)} on the left to ${showPart(to)} on the right</caption><tbody>
${body}</tbody></table>`;
}
