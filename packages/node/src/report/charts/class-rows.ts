/** Plots with a row a class, its name on the left. */
import type { PlotOptions } from "@observablehq/plot";
import { baseAxis, type Mark } from "./chart-axes.js";
import { chartColors } from "./chart-colors.js";
import { shortLabel, widthOf } from "./chart-label.js";
import { chartFont } from "./draw-chart.js";
import type { Plotting } from "./load-plot.js";

/** Of more classes only some have a row. */
export const mostRows = 40;

const rowHeight = 26; // px
const longestName = 17; // columns

export interface RowPlot {
  readonly names: readonly string[];
  /** Of the axis below. */
  readonly label: string;
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
  readonly domain: readonly [number, number];
  /** px, right of the axis' end. */
  readonly room: number;
  /** y is the row, from 0. */
  readonly marks: readonly Mark[];
}

export function rowPlot(
  plotting: Plotting,
  { names, label, ticks, format, domain, room, marks }: RowPlot,
): PlotOptions {
  const { Plot } = plotting;
  const labels = names.map((name) => shortLabel(name, longestName));
  const marginLeft = 22 + Math.ceil(Math.max(...labels.map((own) => widthOf(own, chartFont))));
  const marginBottom = label ? 54 : 34;
  return {
    ...{
      height: names.length * rowHeight + 6 + marginBottom,
      marginLeft,
      marginRight: room,
      marginTop: 6,
      marginBottom,
    },
    x: { domain: [...domain] },
    y: { type: "band", domain: [...names.keys()], padding: 0 },
    marks: [
      Plot.gridX({ ticks: [...ticks], stroke: chartColors.rule, strokeOpacity: 1 }),
      ...marks,
      Plot.axisY({
        label: null,
        tickSize: 0,
        tickPadding: 14,
        tickFormat: (row: number) => labels[row]!,
        fill: chartColors.ink,
      }),
      ...baseAxis(plotting, { label, ticks, format }),
    ],
  };
}
