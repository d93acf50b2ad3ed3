/** A line a class on two axes from 0 to 100 %: what ROC and precision-recall curves look like. */
import { grouped } from "@grayling/core";
import { axisMargins, baseAxis, type Mark, parts, valueAxis } from "./chart-axes.js";
import { type ChartColor, chartColors, lineColors } from "./chart-colors.js";
import { listed, shortLabel, tickPercent } from "./chart-label.js";
import type { Drawing } from "./draw-chart.js";
import { dashes, type LegendItem } from "./legend.js";
import type { Plotting } from "./load-plot.js";
import { meanLine, type RankedClasses, type RankKind, type RankLine, rankLines } from "./rank-lines.js";
import { type LinePoint, thinLine } from "./thin-line.js";

/** With more classes only the worst are told apart. */
export const mostNamedLines = 10;
const worstLines = 5;
const mostPoints = 200; // of a line
const crowdPoints = 5000; // of all the lines that are not told apart
const mostCrowd = 200; // lines of them

export interface RankChart {
  readonly name: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** "area" or "average precision". */
  readonly areaName: string;
  /** What telling nothing apart looks like, where that is one line. */
  readonly chance?: readonly LinePoint[] | undefined;
}

interface Shown extends Pick<RankLine, "points"> {
  readonly item: LegendItem;
}

export function rankChart(plotting: Plotting, classes: RankedClasses, kind: RankKind, about: RankChart): Drawing {
  const lines = rankLines(classes, kind).sort((a, b) => a.area - b.area);
  const { name, title } = about;
  const alt = inWords(lines, classes.names.length, about);
  if (lines.length === 0) return { name, title, alt, plots: [] };
  const isCrowded = lines.length > mostNamedLines;
  const shown = isCrowded ? [meanOf(lines, kind), ...named(lines.slice(0, worstLines))] : named(lines);
  const crowd = isCrowded ? lines.slice(worstLines) : [];
  const items = shown.map(({ item }) => item);
  const rest = crowd.length > 0 ? [crowdItem(crowd)] : [];
  return { name, title, alt, legend: [...items, ...rest], plots: [plotOf(plotting, shown, crowd, about)] };
}

const named = (lines: readonly RankLine[]): Shown[] =>
  lines.map(({ name, area, points }, i) => ({
    points: thinLine(points, mostPoints),
    item: {
      label: `${shortLabel(name, 16)} ${area.toFixed(3)}`,
      color: lineColors[i % lineColors.length]!,
      mark: i < lineColors.length ? "line" : "dashes",
    },
  }));

function meanOf(lines: readonly RankLine[], kind: RankKind): Shown {
  const { area, points } = meanLine(lines, kind);
  return { points, item: { label: `mean ${area.toFixed(3)}`, color: "ink", mark: "thick" } };
}

function crowdItem(crowd: readonly RankLine[]): LegendItem {
  const [least, most] = [crowd[0]!, crowd.at(-1)!]; // called with some, in order
  const areas = [...new Set([least, most].map(({ area }) => area.toFixed(2)))].join("–");
  return { label: `${grouped(crowd.length)} more ${areas}`, color: "crowd", mark: "line" };
}

function plotOf(plotting: Plotting, shown: readonly Shown[], crowd: readonly RankLine[], about: RankChart) {
  const { Plot } = plotting;
  const draw = (points: readonly LinePoint[], color: ChartColor, options: object): Mark =>
    Plot.line(points, { x: "x", y: "y", stroke: chartColors[color], ...options });
  const every = Math.ceil(crowd.length / mostCrowd);
  const some = crowd.filter((_, i) => i % every === 0);
  const faint = Math.min(0.6, Math.max(0.15, 12 / some.length)); // so that many do not make one gray area
  const few = Math.max(8, Math.min(60, Math.floor(crowdPoints / Math.max(1, some.length))));
  return {
    ...{ ...axisMargins, height: 400, marginTop: 34, marginBottom: 52 },
    x: { domain: [0, 1] },
    y: { domain: [0, 1] },
    marks: [
      ...valueAxis(plotting, { label: about.y, ticks: parts, format: tickPercent }),
      ...baseAxis(plotting, { label: about.x, ticks: parts, format: tickPercent }),
      ...(about.chance ? [draw(about.chance, "muted", { strokeDasharray: "2 4", strokeWidth: 1 })] : []),
      ...some.map(({ points }) => draw(thinLine(points, few), "crowd", { strokeWidth: 1, strokeOpacity: faint })),
      // the mean and the worst lie above the others
      ...shown.toReversed().map(({ points, item }) => {
        const dashing = item.mark === "dashes" ? { strokeDasharray: dashes } : {};
        return draw(points, item.color, { strokeWidth: item.mark === "thick" ? 4 : 2.5, ...dashing });
      }),
    ],
  };
}

/** How many classes a sentence names. */
const mostToldWorst = 3;

function inWords(lines: readonly RankLine[], classes: number, { title, areaName }: RankChart): string {
  const missing = classes - lines.length;
  const without =
    missing === 0
      ? ""
      : ` ${grouped(missing)} of ${grouped(classes)} classes ${missing === 1 ? "has" : "have"} none, without images of their own or of others.`;
  const best = lines.at(-1);
  if (!best) return `${title}: nothing to draw, no class has images of its own and of others.`;
  const worst = lines.slice(0, mostToldWorst).filter(({ area }) => area.toFixed(3) !== best.area.toFixed(3));
  const mean = lines.reduce((sum, { area }) => sum + area, 0) / lines.length;
  const tell = ({ name, area }: RankLine) => `${shortLabel(name, 40)} ${area.toFixed(3)}`;
  const which =
    worst.length === 0
      ? `the ${areaName} is ${mean.toFixed(3)} for ${lines.length === 1 ? shortLabel(best.name, 40) : "every class"}`
      : `the mean ${areaName} is ${mean.toFixed(3)}, lowest for ${listed(worst.map(tell))}, highest for ${tell(best)}`;
  return `${title}, one class against the rest: ${which}.${without}`;
}
