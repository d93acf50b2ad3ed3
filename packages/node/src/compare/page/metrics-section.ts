/** How good each run is on the common images. */
import { grouped, type ScalarMetrics } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import { dataTable } from "../../report/data-table.js";
import { measuredMetrics, metricRows, showMetric } from "../../report/metric-rows.js";
import { named } from "../../report/named.js";
import { showInterval, showPart } from "../../report/show-part.js";
import type { ComparedRun, RunComparison } from "../compare-runs.js";

export function metricsSection({ runs, images, side }: RunComparison): Html {
  const table = dataTable({
    caption: `On ${grouped(images.length)} ${side} images; 95 % intervals below`,
    label: "Metrics",
    kind: "numbers",
    head: ["", ...runs.map(({ name }) => named(name))],
    rows: measuredMetrics(runs[0]!.metrics).map((metric) => [
      html`${metricRows[metric].name}<small>${metricRows[metric].means}</small>`,
      ...runs.map((run) => cell(run, metric)),
    ]),
  });
  return html`<section id="metrics"><h2>How good they are</h2>${accuracies(runs)}${table}</section>`;
}

function cell({ metrics, intervals }: ComparedRun, metric: keyof ScalarMetrics): Html {
  const interval = showInterval(intervals[metric], metricRows[metric].isPart);
  return html`${showMetric(metric, metrics[metric])}${interval && html`<small>${interval}</small>`}`;
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
