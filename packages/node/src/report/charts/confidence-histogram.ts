/** How sure the classifier was where it was right, and where it was wrong. */
import { grouped, percent } from "@grayling/core";
import type { PlotOptions } from "@observablehq/plot";
import { counted } from "../../terminal/counted.js";
import type { Chart } from "./chart.js";
import { axisMargins, baseAxis, countFormat, parts, valueAxis } from "./chart-axes.js";
import { type ChartColor, chartColors } from "./chart-colors.js";
import { tickPercent } from "./chart-label.js";
import { drawChart } from "./draw-chart.js";
import type { Plotting } from "./load-plot.js";
import { countTicks } from "./value-ticks.js";

export interface ConfidenceValues {
  /** By image: the probability of the class that was predicted. */
  readonly confidence: ArrayLike<number>;
  /** By image: 1 or 0. */
  readonly isRight: ArrayLike<number>;
}

const bins = 20;

/** Two histograms, each on a scale of its own: of a good classifier the wrong ones would not be seen on that of the right ones. */
export function confidenceHistogram(plotting: Plotting, { confidence, isRight }: ConfidenceValues): Chart {
  const about = { name: "confidence", title: "Confidence, right and wrong" };
  const known = Array.from(confidence, (value, i) => ({ value, isRight: isRight[i] === 1 })).filter(({ value }) =>
    Number.isFinite(value),
  );
  if (known.length === 0)
    return drawChart(plotting, { ...about, alt: `${about.title}: no images to draw.`, plots: [] });
  const [right, wrong] = [true, false].map((side) =>
    known.filter((image) => image.isRight === side).map(({ value }) => value),
  ) as [number[], number[]]; // as many
  return drawChart(plotting, {
    ...about,
    alt: `Of ${counted(known.length, "image")} ${tell(right, "right")}, ${tell(wrong, "wrong")}.`,
    plots: [
      histogram(plotting, right, { label: `right: ${counted(right.length, "image")}`, color: "line1", hasAxis: false }),
      histogram(plotting, wrong, { label: `wrong: ${counted(wrong.length, "image")}`, color: "line2", hasAxis: true }),
    ],
  });
}

function tell(values: readonly number[], what: string): string {
  const are = `${grouped(values.length)} ${values.length === 1 ? "is" : "are"} ${what}`;
  if (values.length === 0) return are;
  const sorted = Float64Array.from(values).sort();
  const half = Math.floor(values.length / 2);
  const median = values.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  return `${are} (median confidence ${percent(median).replace(" ", "\u00a0")})`;
}

interface HistogramOptions {
  readonly label: string;
  readonly color: ChartColor;
  /** Whether the axis of confidences stands below. */
  readonly hasAxis: boolean;
}

function histogram(
  plotting: Plotting,
  values: readonly number[],
  { label, color, hasAxis }: HistogramOptions,
): PlotOptions {
  const { Plot } = plotting;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.min(bins - 1, Math.max(0, Math.floor(value * bins)))]!++;
  const ticks = countTicks(Math.max(...counts));
  const bars = counts.flatMap((images, bin) =>
    images === 0 ? [] : [{ low: bin / bins, high: (bin + 1) / bins, images }],
  );
  const axis = { label: "confidence", ticks: parts, format: tickPercent };
  return {
    ...{ height: hasAxis ? 210 : 180, ...axisMargins, marginTop: 36, marginBottom: hasAxis ? 52 : 22 },
    x: { domain: [0, 1], axis: null },
    y: { domain: [0, ticks.at(-1)!] }, // never empty
    marks: [
      ...valueAxis(plotting, { label, ticks, format: countFormat }),
      Plot.rectY(bars, { x1: "low", x2: "high", y: "images", fill: chartColors[color], inset: 0.75 }),
      ...(hasAxis ? baseAxis(plotting, axis) : [Plot.ruleY([0], { stroke: chartColors.muted })]),
    ],
  };
}
