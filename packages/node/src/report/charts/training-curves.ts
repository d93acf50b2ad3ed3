/** How a training went: loss, accuracy and learning rate by epoch. */
import { grouped } from "@grayling/core";
import type { PlotOptions } from "@observablehq/plot";
import type { Chart } from "./chart.js";
import { axisMargins, baseAxis, type Mark, valueAxis } from "./chart-axes.js";
import { chartColors } from "./chart-colors.js";
import { tickPercent } from "./chart-label.js";
import { drawChart } from "./draw-chart.js";
import { dashes, type LegendItem } from "./legend.js";
import type { Plotting } from "./load-plot.js";
import { type LinePoint, thinLine } from "./thin-line.js";
import {
  bestEpoch,
  curvesOf,
  type History,
  heldOutName,
  isHeldOut,
  stepOf,
  type TrainingCurve,
  trainingInWords,
} from "./training-history.js";
import { logTicks, niceTicks, showValue, wholeTicks } from "./value-ticks.js";

export interface TrainingCurvesOptions {
  /** The best epoch, from 1; default: the one of the lowest held-out loss, where something was held out. */
  readonly best?: number | undefined;
}

const mostPoints = 200; // of a line
const mostDots = 30; // beyond, a line's points are not marked
const widestRange = 30; // of losses; beyond, the axis is logarithmic

export function trainingCurves(
  plotting: Plotting,
  history: History,
  { best = bestEpoch(history) }: TrainingCurvesOptions = {},
): Chart {
  const about = { name: "training-curves", title: "Training", alt: trainingInWords(history, best) };
  const loss = curvesOf(history, ["loss", "validationLoss", "stopLoss"]);
  if (loss.length === 0) return drawChart(plotting, { ...about, plots: [] });
  const accuracy = curvesOf(history, ["accuracy", "validationAccuracy", "stopAccuracy"]);
  const rate = curvesOf(history, ["learningRate"]).filter(({ points }) => points.some(({ y }) => y !== points[0]!.y));
  const panels: Panel[] = [
    lossPanel(loss),
    ...(accuracy.length > 0 ? [linearPanel("accuracy", accuracy, { format: tickPercent, height: 160 })] : []),
    ...(rate.length > 0 ? [linearPanel("learning rate", rate, { from: 0, steps: 2, height: 70 })] : []),
  ];
  const plots = panels.map((panel, i) =>
    plotOf(plotting, panel, i === panels.length - 1 ? stepOf(history) : undefined, best),
  );
  return drawChart(plotting, { ...about, legend: legendOf(history, best), plots });
}

interface Panel {
  readonly label: string;
  readonly curves: readonly TrainingCurve[];
  readonly format: (value: number) => string;
  readonly ticks: readonly number[];
  /** The axis goes from `low` to `high`. */
  readonly low: number;
  readonly high: number;
  readonly isLogarithmic: boolean;
  readonly height: number; // px, of the axis
}

function extentOf(curves: readonly TrainingCurve[]): { readonly low: number; readonly high: number } {
  const values = curves.flatMap(({ points }) => points.map(({ y }) => y)).filter((y) => !Number.isNaN(y));
  return { low: values.reduce((a, b) => Math.min(a, b)), high: values.reduce((a, b) => Math.max(a, b)) };
}

function lossPanel(curves: readonly TrainingCurve[]): Panel {
  const { low, high } = extentOf(curves);
  if (low <= 0 || high / low <= widestRange) return linearPanel("loss, nats", curves, { height: 160 });
  const own = { ticks: logTicks(low, high), low, high, isLogarithmic: true };
  return { label: "loss, nats (logarithmic)", curves, format: showValue, ...own, height: 160 };
}

interface LinearOptions {
  readonly format?: (value: number) => string;
  /** The axis begins here; default: at a round value below the lowest. */
  readonly from?: number;
  readonly steps?: number;
  readonly height: number; // px
}

function linearPanel(
  label: string,
  curves: readonly TrainingCurve[],
  { format = showValue, from, steps, height }: LinearOptions,
): Panel {
  const { low, high } = extentOf(curves);
  const ticks = niceTicks(from ?? low, high, steps);
  return { label, curves, format, ticks, low: ticks[0]!, high: ticks.at(-1)!, isLogarithmic: false, height }; // never empty
}

/** `step` is what is counted below; undefined: a panel below says it. */
function plotOf(plotting: Plotting, panel: Panel, step: string | undefined, best: number | undefined): PlotOptions {
  const { Plot } = plotting;
  const { label, format, ticks, low, high, isLogarithmic } = panel;
  const xs = panel.curves[0]!.points.map(({ x }) => x); // panels have curves
  const [first, last] = [xs[0]!, xs.at(-1)!];
  const below = wholeTicks(first, last);
  const [marginTop, marginBottom] = [36, step ? 52 : 14];
  const marked = best !== undefined && best >= first && best <= last ? [best] : [];
  return {
    ...{ ...axisMargins, marginTop, marginBottom, height: panel.height + marginTop + marginBottom },
    x: { domain: first === last ? [first - 0.5, last + 0.5] : [first, last], axis: null },
    y: { domain: [low, high], type: isLogarithmic ? "log" : "linear" },
    marks: [
      ...valueAxis(plotting, { label, format, ticks }),
      Plot.gridX({ ticks: below, stroke: chartColors.rule, strokeOpacity: 1 }),
      Plot.ruleX(marked, { stroke: chartColors.muted, strokeWidth: 1.5 }),
      ...panel.curves.flatMap((curve) => curveMarks(plotting, curve)),
      ...(step ? baseAxis(plotting, { label: step, ticks: below, format: grouped }) : []),
    ],
  };
}

function curveMarks({ Plot }: Plotting, { column, points }: TrainingCurve): Mark[] {
  const stroke = isHeldOut(column) ? chartColors.line2 : chartColors.line1;
  const dashing = isHeldOut(column) ? { strokeDasharray: dashes } : {};
  const known = points.filter(({ y }) => !Number.isNaN(y));
  const places = { x: "x", y: "y" } as const;
  return [
    Plot.line(thinRuns(points), { ...places, stroke, strokeWidth: 2.5, ...dashing }),
    ...(known.length <= mostDots ? [Plot.dot(known, { ...places, fill: stroke, r: 3.5 })] : []),
  ];
}

/** Where there is no number, a line stays open. */
function thinRuns(points: readonly LinePoint[]): LinePoint[] {
  if (points.length <= mostPoints) return [...points];
  if (points.every(({ y }) => !Number.isNaN(y))) return thinLine(points, mostPoints);
  const every = Math.ceil(points.length / mostPoints);
  return points.filter((_, i) => i % every === 0);
}

function legendOf(history: History, best: number | undefined): LegendItem[] | undefined {
  const held = heldOutName(history);
  if (!held) return undefined;
  return [
    { label: "training", color: "line1", mark: "line" },
    { label: held, color: "line2", mark: "dashes" },
    ...(best === undefined ? [] : [{ label: `best: epoch ${grouped(best)}`, color: "muted", mark: "tick" } as const]),
  ];
}
