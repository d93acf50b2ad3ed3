/** Every number that says how good a classifier is, with its interval. */
import { grouped, type ScalarMetrics } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import { dataTable } from "../data-table.js";
import type { MeasuredSide } from "../measured-side.js";
import { measuredMetrics, metricRows, showMetric } from "../metric-rows.js";
import type { ReportContent } from "../report-content.js";
import { showInterval } from "../show-part.js";

export function metricsSection({ main, other }: ReportContent): Html | undefined {
  if (!main) return undefined;
  const sides = other ? [main, other] : [main];
  const table = dataTable({
    caption: "Values, and below each its interval of 95 %",
    label: "Metrics",
    kind: "numbers",
    head: ["", ...sides.map(headOf)],
    rows: measuredMetrics(main.scalars).map((name) => [
      html`${metricRows[name].name}<small>${metricRows[name].means}</small>`,
      ...sides.map((side) => cellOf(side, name)),
    ]),
  });
  return html`<section id="metrics"><h2>How good it is</h2>${table}${drawn(main)}</section>`;
}

const headOf = ({ what, images }: MeasuredSide): string => `${what}, ${grouped(images.length)} images`;

function cellOf({ scalars, intervals }: MeasuredSide, name: keyof ScalarMetrics): Html {
  const interval = showInterval(intervals?.of[name], metricRows[name].isPart);
  return html`${showMetric(name, scalars[name])}${interval && html`<small>${interval}</small>`}`;
}

function drawn({ intervals, images }: MeasuredSide): Html | undefined {
  if (!intervals) return undefined;
  const { draws, groups } = intervals;
  const units =
    groups === undefined || groups === images.length ? "images" : `${grouped(groups)} groups, each with all its images`;
  return html`<p class="note">Intervals come from ${grouped(draws)} draws with replacement of the ${units}.</p>`;
}
