/** How unlike familiar images are to those that trained, and how many of them are called unknown. */
import { grouped, percent } from "@grayling/core";
import type { PlotOptions } from "@observablehq/plot";
import { counted } from "../../terminal/counted.js";
import type { Chart } from "./chart.js";
import { axisMargins, baseAxis, countFormat, valueAxis } from "./chart-axes.js";
import { chartColors } from "./chart-colors.js";
import { drawChart } from "./draw-chart.js";
import type { Plotting } from "./load-plot.js";
import { countTicks } from "./value-ticks.js";

const binWidth = 0.05;
/** Images beyond are counted in the last bin. */
const farthest = 3;
const nearest = 1.2; // the axis shows the limit, whatever the images are

/** `novelty` by image; NaN where it is not known. Above 1 an image is called unknown. */
export function noveltyHistogram(plotting: Plotting, novelty: readonly number[]): Chart {
  const about = { name: "novelty", title: "Novelty of familiar images" };
  const values = Float64Array.from(novelty.filter(Number.isFinite)).sort();
  if (values.length === 0)
    return drawChart(plotting, { ...about, alt: `${about.title}: no images to draw.`, plots: [] });
  const unknown = values.filter((value) => value > 1).length;
  const part = percent(unknown / values.length).replace(" ", "\u00a0");
  const median = values[Math.floor((values.length - 1) / 2)]!;
  const alt = `Novelty of ${counted(values.length, "image")}: median ${median.toFixed(2)}, largest ${values.at(-1)!.toFixed(2)}; ${grouped(unknown)} (${part}) above 1 ${unknown === 1 ? "is" : "are"} called unknown.`;
  const legend = [
    { label: `familiar: ${grouped(values.length - unknown)}`, color: "line1", mark: "area" } as const,
    { label: `unknown: ${grouped(unknown)}`, color: "line2", mark: "area" } as const,
  ];
  return drawChart(plotting, { ...about, alt, legend, plots: [histogram(plotting, values)] });
}

function histogram(plotting: Plotting, values: Float64Array): PlotOptions {
  const { Plot } = plotting;
  const end = Math.min(farthest, Math.max(nearest, Math.ceil((values.at(-1)! + binWidth) * 10) / 10));
  const counts = new Array<number>(Math.round(end / binWidth)).fill(0);
  for (const value of values) counts[binOf(value, counts.length)]!++;
  const bars = counts.flatMap((images, bin) =>
    images === 0
      ? []
      : [{ low: bin * binWidth, high: (bin + 1) * binWidth, images, isUnknown: bin * binWidth >= 1 - 1e-9 }],
  );
  const ticks = countTicks(Math.max(...counts));
  const isCut = values.at(-1)! > end;
  return {
    ...{ height: 280, ...axisMargins, marginTop: 36, marginBottom: 52 },
    x: { domain: [0, end] },
    y: { domain: [0, ticks.at(-1)!] }, // never empty
    marks: [
      ...valueAxis(plotting, { label: "images", ticks, format: countFormat }),
      Plot.rectY(bars, {
        ...{ x1: "low", x2: "high", y: "images", inset: 0.75 },
        fill: (bar: { readonly isUnknown: boolean }) => (bar.isUnknown ? chartColors.line2 : chartColors.line1),
      }),
      Plot.ruleX([1], { stroke: chartColors.ink, strokeWidth: 2, strokeDasharray: "5 4" }),
      ...baseAxis(plotting, { label: isCut ? `novelty (${farthest} and more in the last bar)` : "novelty" }),
    ],
  };
}

/** (low, high], so that 1 is familiar. */
const binOf = (value: number, bins: number): number =>
  Math.min(bins - 1, Math.max(0, Math.ceil(value / binWidth - 1e-9) - 1));
