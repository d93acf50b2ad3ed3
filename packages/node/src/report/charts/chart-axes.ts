/** Axes that all charts share: thin lines to read values from, no ticks, labels where they start. */

import { grouped } from "@grayling/core";
import type { PlotOptions } from "@observablehq/plot";
import { chartColors } from "./chart-colors.js";
import type { Plotting } from "./load-plot.js";

export type Mark = NonNullable<PlotOptions["marks"]>[number];

export interface AxisOptions {
  /** Empty: none. */
  readonly label: string;
  /** Values that are written; default: as Plot chooses about five. */
  readonly ticks?: readonly number[] | undefined;
  readonly format?: ((value: number) => string) | undefined;
}

/** px; all charts', so that what stands below each other is in line. */
export const axisMargins = { marginLeft: 64, marginRight: 30 } as const;

const grid = { stroke: chartColors.rule, strokeOpacity: 1 };

/** Values from the bottom up; the label stands above the axis. */
export const valueAxis = ({ Plot }: Plotting, { label, ticks, format }: AxisOptions): Mark[] => {
  const placed = { ticks: ticks ? [...ticks] : 5 };
  const text = {
    label,
    labelArrow: "none",
    labelAnchor: "top",
    labelOffset: axisMargins.marginLeft - 8,
    tickSize: 0,
    tickPadding: 6,
  } as const;
  return [
    Plot.gridY({ ...placed, ...grid }),
    Plot.axisY({ ...placed, ...text, ...(format && { tickFormat: format }), fill: chartColors.muted }),
  ];
};

/** From left to right; the label stands below. */
export const baseAxis = ({ Plot }: Plotting, { label, ticks, format }: AxisOptions): Mark[] => [
  Plot.axisX({
    ticks: ticks ? [...ticks] : 5,
    ...({
      label: label || null,
      labelArrow: "none",
      labelAnchor: "center",
      labelOffset: 42,
      tickSize: 0,
      tickPadding: 11,
    } as const),
    ...(format && { tickFormat: format }),
    fill: chartColors.muted,
  }),
];

/** 12345 → "12,345" */
export const countFormat = (count: number): string => grouped(count);

/** 0, 25, … 100 % */
export const parts: readonly number[] = [0, 0.25, 0.5, 0.75, 1];
