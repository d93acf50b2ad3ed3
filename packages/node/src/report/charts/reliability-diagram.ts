/** Whether probabilities mean what they say: confidence against accuracy, before and after the temperature. */
import { percent, type ReliabilityBin } from "@grayling/core";
import type { PlotOptions } from "@observablehq/plot";
import { counted } from "../../terminal/counted.js";
import type { Chart } from "./chart.js";
import { axisMargins, baseAxis, countFormat, parts, valueAxis } from "./chart-axes.js";
import { chartColors } from "./chart-colors.js";
import { tickPercent } from "./chart-label.js";
import { drawChart } from "./draw-chart.js";
import { dashes } from "./legend.js";
import type { Plotting } from "./load-plot.js";
import { countTicks } from "./value-ticks.js";

export interface ReliabilityValues {
  readonly after: readonly ReliabilityBin[];
  /** Absent: no temperature was fitted. */
  readonly before?: readonly ReliabilityBin[] | undefined;
}

/** Larger dots stand for more images; the bars below count those after the temperature. */
export function reliabilityDiagram(plotting: Plotting, { after, before }: ReliabilityValues): Chart {
  const about = { name: "reliability", title: "Reliability" };
  const images = imagesOf(after);
  if (images === 0) return drawChart(plotting, { ...about, alt: "Reliability: no images to draw.", plots: [] });
  const error = (bins: readonly ReliabilityBin[]) => percent(calibrationError(bins)).replace(" ", "\u00a0");
  const told = before ? `; before the temperature ${error(before)}` : "";
  const legend = before
    ? [
        { label: `after the temperature, off by ${error(after)}`, color: "line1", mark: "dot" } as const,
        { label: `before, off by ${error(before)}`, color: "line2", mark: "ring" } as const,
      ]
    : [{ label: `off by ${error(after)}`, color: "line1", mark: "dot" } as const];
  const alt = `Reliability of ${counted(images, "image")}: on average confidence and accuracy are ${error(after)} apart${told}.`;
  return drawChart(plotting, {
    ...about,
    alt,
    legend,
    plots: [diagram(plotting, after, before), counts(plotting, after)],
  });
}

const imagesOf = (bins: readonly ReliabilityBin[]): number => bins.reduce((sum, { images }) => sum + images, 0);

/** The expected calibration error: mean distance of confidence and accuracy. Source: Guo et al. 2017, arXiv:1706.04599, equation 3. */
const calibrationError = (bins: readonly ReliabilityBin[]): number =>
  bins.reduce((sum, { images, confidence, accuracy }) => sum + images * Math.abs(confidence - accuracy), 0) /
  imagesOf(bins);

function diagram(
  plotting: Plotting,
  after: readonly ReliabilityBin[],
  before: readonly ReliabilityBin[] | undefined,
): PlotOptions {
  const { Plot } = plotting;
  const places = { x: "confidence", y: "accuracy" } as const;
  const radius = ({ images }: ReliabilityBin) => 2.5 + 6 * Math.sqrt(images / imagesOf(after));
  const seen = (bins: readonly ReliabilityBin[]) => bins.filter(({ images }) => images > 0);
  const line = { ...places, strokeWidth: 1.5 };
  return {
    ...{ ...axisMargins, height: 350, marginTop: 34, marginBottom: 20 },
    x: { domain: [0, 1], axis: null },
    y: { domain: [0, 1] },
    r: { type: "identity" },
    marks: [
      ...valueAxis(plotting, { label: "accuracy", ticks: parts, format: tickPercent }),
      Plot.gridX({ ticks: [...parts], stroke: chartColors.rule, strokeOpacity: 1 }),
      Plot.line([0, 1], {
        x: (d: number) => d,
        y: (d: number) => d,
        stroke: chartColors.muted,
        strokeDasharray: "2 4",
      }),
      ...(before
        ? [
            Plot.line(seen(before), { ...line, stroke: chartColors.line2, strokeDasharray: dashes }),
            Plot.dot(seen(before), {
              ...{ ...places, r: radius, stroke: chartColors.line2, strokeWidth: 2, fill: chartColors.paper },
            }),
          ]
        : []),
      Plot.line(seen(after), { ...line, stroke: chartColors.line1 }),
      Plot.dot(seen(after), { ...places, r: radius, fill: chartColors.line1 }),
    ],
  };
}

function counts(plotting: Plotting, bins: readonly ReliabilityBin[]): PlotOptions {
  const { Plot } = plotting;
  const ticks = countTicks(Math.max(...bins.map(({ images }) => images)));
  const [first, last] = [0, ticks.at(-1)!]; // never empty
  return {
    ...{ ...axisMargins, height: 160, marginTop: 34, marginBottom: 52 },
    x: { domain: [0, 1] },
    y: { domain: [first, last] },
    marks: [
      ...valueAxis(plotting, {
        label: "images",
        ticks: [first, last / 2, last].filter(Number.isInteger),
        format: countFormat,
      }),
      Plot.rectY(
        bins.filter(({ images }) => images > 0),
        { x1: "low", x2: "high", y: "images", fill: chartColors.line1, inset: 0.75 },
      ),
      ...baseAxis(plotting, { label: "confidence", ticks: parts, format: tickPercent }),
    ],
  };
}
