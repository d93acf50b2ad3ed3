/** Precision, recall and F1 of each class. */
import { type ClassMetrics, grouped, percent } from "@grayling/core";
import type { Chart } from "./chart.js";
import type { Mark } from "./chart-axes.js";
import { chartColors } from "./chart-colors.js";
import { listed, shortLabel, tickPercent } from "./chart-label.js";
import { mostRows, rowPlot } from "./class-rows.js";
import { drawChart } from "./draw-chart.js";
import type { Plotting } from "./load-plot.js";

const wanted = ["precision", "recall", "f1"] as const;
const worstTold = 3;

type Row = ClassMetrics & { readonly row: number };

/** A row a class, the lowest F1 first; of more than 40 classes the worst 40. Classes without images come last, and say so. */
export function perClassBars(plotting: Plotting, perClass: readonly ClassMetrics[]): Chart {
  const sorted = [...perClass].sort((a, b) => Number(isMeasured(b)) - Number(isMeasured(a)) || a.f1 - b.f1);
  const rows = sorted.slice(0, mostRows).map((own, row) => ({ ...own, row }));
  const isCut = rows.length < sorted.length;
  const title = isCut ? `The ${mostRows} classes of lowest F1` : "Precision, recall and F1";
  const about = { name: "per-class", title, alt: inWords(sorted) };
  const measured = rows.filter(isMeasured);
  if (measured.length === 0) return drawChart(plotting, { ...about, plots: [] });
  const lowest = Math.min(...measured.flatMap((own) => wanted.map((metric) => own[metric])));
  const from = Math.min(0.8, Math.floor(lowest * 10 + 1e-9) / 10);
  const plot = rowPlot(plotting, {
    names: rows.map(({ name }) => name),
    label: isCut ? `worst ${mostRows} of ${grouped(sorted.length)} classes` : "",
    ...{ domain: [from, 1], ticks: ticksFrom(from), format: tickPercent, room: 30 },
    marks: [...measuredMarks(plotting, measured), missingMark(plotting, rows, from)],
  });
  return drawChart(plotting, {
    ...about,
    legend: [
      { label: "precision", color: "line2", mark: "ring" },
      { label: "recall", color: "line1", mark: "dot" },
      { label: "F1", color: "ink", mark: "tick" },
    ],
    plots: [plot],
  });
}

const isMeasured = ({ support, f1 }: ClassMetrics): boolean => support > 0 && !Number.isNaN(f1);

/** A filled dot, a ring around it and a tick: all three can be seen where they fall together. */
function measuredMarks({ Plot }: Plotting, rows: readonly Row[]): Mark[] {
  const span = {
    x1: ({ precision, recall }: Row) => Math.min(precision, recall),
    x2: ({ precision, recall }: Row) => Math.max(precision, recall),
  };
  const { line1, line2, ink, crowd } = chartColors;
  return [
    Plot.ruleY(rows, { y: "row", ...span, stroke: crowd, strokeWidth: 2 }),
    Plot.dot(rows, { x: "recall", y: "row", r: 4.5, fill: line1, stroke: line1 }),
    Plot.dot(rows, { x: "precision", y: "row", r: 6, fill: "none", stroke: line2, strokeWidth: 2.5 }),
    Plot.tickX(rows, { x: "f1", y: "row", stroke: ink, strokeWidth: 3, insetTop: 4, insetBottom: 4 }),
  ];
}

const missingMark = ({ Plot }: Plotting, rows: readonly Row[], x: number): Mark =>
  Plot.text(
    rows.filter((own) => !isMeasured(own)),
    { x: () => x, y: "row", text: () => "no images", textAnchor: "start", dx: 6, fill: chartColors.muted },
  );

/** About five, up to 1. */
function ticksFrom(from: number): number[] {
  const step = from >= 0.8 ? 0.05 : from >= 0.5 ? 0.1 : 0.25;
  const count = Math.floor((1 - from) / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => Number((1 - (count - i) * step).toFixed(6)));
}

function inWords(sorted: readonly ClassMetrics[]): string {
  const measured = sorted.filter(isMeasured);
  const missing = sorted.length - measured.length;
  if (measured.length === 0) return "Precision, recall and F1: no class has images.";
  const part = ({ f1 }: ClassMetrics) => percent(f1).replace(" ", "\u00a0");
  const tell = (own: ClassMetrics) => `${shortLabel(own.name, 40)} (${part(own)})`;
  const best = measured.at(-1)!; // not empty
  const worst = measured.slice(0, worstTold).filter(({ f1 }) => f1 < best.f1);
  const lowest = worst.length === 0 ? "" : `lowest for ${listed(worst.map(tell))}, `;
  const highest =
    worst.length === 0 && measured.length > 1 ? `each ${part(best)}` : `${lowest}highest for ${tell(best)}`;
  const without =
    missing === 0
      ? ""
      : ` ${grouped(missing)} of ${grouped(sorted.length)} classes ${missing === 1 ? "has" : "have"} no images.`;
  return `F1 of ${grouped(measured.length)} ${measured.length === 1 ? "class" : "classes"}: ${highest}.${without}`;
}
