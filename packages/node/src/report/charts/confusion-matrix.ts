/** What is taken for what, as a picture: rows are true classes, columns predicted ones. */
import { grouped, percent } from "@grayling/core";
import type { PlotOptions } from "@observablehq/plot";
import type { Chart } from "./chart.js";
import { type ChartColor, chartColors } from "./chart-colors.js";
import { shortLabel, widthOf } from "./chart-label.js";
import { chartFont, chartWidth, drawChart } from "./draw-chart.js";
import type { Plotting } from "./load-plot.js";

/** Of more classes nobody could read the numbers. */
export const mostClassesInPicture = 30;

const longestName = 16; // columns
const smallestCell = 40; // px
const largestCell = 72; // px

export interface Confusions {
  readonly names: readonly string[];
  /** `[true][predicted]`, in images. */
  readonly confusionMatrix: readonly (readonly number[])[];
}

interface Cell {
  readonly truth: number;
  readonly predicted: number;
  readonly count: number;
  readonly color: ChartColor | undefined;
}

/** Undefined for more than 30 classes. It grows with the classes, so that numbers stay as large as other text. */
export function confusionMatrix(plotting: Plotting, { names, confusionMatrix: counts }: Confusions): Chart | undefined {
  if (names.length > mostClassesInPicture) return undefined;
  const about = { name: "confusion-matrix", title: "What is taken for what" };
  const cells = counts.flatMap((row, truth) => {
    const of = row.reduce((a, b) => a + b, 0);
    return row.map(
      (count, predicted): Cell => ({ truth, predicted, count, color: colorOf(truth === predicted, count / of) }),
    );
  });
  const images = cells.reduce((sum, { count }) => sum + count, 0);
  if (images === 0) return drawChart(plotting, { ...about, alt: `${about.title}: no images to draw.`, plots: [] });
  const { width, plot } = matrix(plotting, names, cells);
  return drawChart(plotting, { ...about, alt: inWords(names, cells, images), width, plots: [plot] });
}

/** Four steps of the part of a class that can be told apart; the numbers stand in each. */
function colorOf(isRight: boolean, part: number): ChartColor | undefined {
  const step = Math.ceil(4 * part);
  return step >= 1 && step <= 4 ? (`${isRight ? "right" : "wrong"}${step}` as ChartColor) : undefined; // 1 … 4
}

function inWords(names: readonly string[], cells: readonly Cell[], images: number): string {
  const right = cells.filter(({ truth, predicted }) => truth === predicted).reduce((sum, { count }) => sum + count, 0);
  const wrong = cells.filter(({ truth, predicted, count }) => truth !== predicted && count > 0);
  const text = `${grouped(right)} of ${grouped(images)} images (${percent(right / images).replace(" ", "\u00a0")}) are called what they are`;
  if (wrong.length === 0) return `${text}; none is confused.`;
  const { truth, predicted, count } = wrong.reduce((most, cell) => (cell.count > most.count ? cell : most));
  return `${text}; most often ${shortLabel(names[truth]!, 40)} is called ${shortLabel(names[predicted]!, 40)} (${grouped(count)}).`;
}

function matrix(
  plotting: Plotting,
  names: readonly string[],
  cells: readonly Cell[],
): { readonly width: number; readonly plot: PlotOptions } {
  const { Plot } = plotting;
  const labels = names.map((name) => shortLabel(name, longestName));
  const widest = Math.ceil(Math.max(...labels.map((label) => widthOf(label, chartFont))));
  const digits = Math.max(...cells.map(({ count }) => widthOf(grouped(count), chartFont))) + 10;
  const marginLeft = widest + 42;
  const room = (chartWidth - marginLeft - 12) / names.length;
  const cell = Math.max(digits, Math.min(largestCell, Math.max(smallestCell, room)));
  const isUpright = widest > cell - 6;
  const [marginTop, marginRight] = [(isUpright ? widest : chartFont) + 50, 12];
  const width = Math.max(chartWidth, Math.ceil(marginLeft + cell * names.length + marginRight));
  const size = Math.min(cell, 44);
  const text = (of: readonly Cell[], fill: ChartColor, write: (cell: Cell) => string) =>
    Plot.text(of, { x: "predicted", y: "truth", text: write, fill: chartColors[fill] });
  const axis = {
    tickSize: 0,
    tickPadding: 8,
    tickFormat: (k: number) => labels[k]!,
    fill: chartColors.ink,
    label: null,
  };
  const plot: PlotOptions = {
    ...{ height: marginTop + size * names.length + 12, marginTop, marginBottom: 12, marginLeft },
    marginRight: width - marginLeft - cell * names.length,
    x: { type: "band", domain: [...names.keys()], padding: 0, round: false },
    y: { type: "band", domain: [...names.keys()], padding: 0, round: false },
    marks: [
      ...cellsOf(plotting, cells),
      text(
        cells.filter(({ count }) => count > 0),
        "ink",
        ({ count }) => grouped(count),
      ),
      text(
        cells.filter(({ count }) => count === 0),
        "muted",
        () => "·",
      ),
      Plot.axisY(axis),
      Plot.axisX({ ...axis, anchor: "top", ...(isUpright && { tickRotate: -90 }) }),
      Plot.text(["called"], { frameAnchor: "top", dy: -marginTop + 10, fill: chartColors.muted }),
      Plot.text(["it is"], { frameAnchor: "left", dx: -marginLeft + 14, rotate: -90, fill: chartColors.muted }),
    ],
  };
  return { width, plot };
}

/** Where both agree the cell is framed, for those who do not see the colours. */
function cellsOf({ Plot }: Plotting, cells: readonly Cell[]) {
  const places = { x: "predicted", y: "truth", inset: 1 } as const;
  return [
    Plot.cell(
      cells.filter(({ color }) => color),
      { ...places, fill: ({ color }: Cell) => chartColors[color ?? "paper"] },
    ),
    Plot.cell(
      cells.filter(({ truth, predicted }) => truth === predicted),
      { ...places, fill: "none", stroke: chartColors.muted },
    ),
  ];
}
