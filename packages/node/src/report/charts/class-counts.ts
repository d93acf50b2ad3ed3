/** How many images each class has, on each side of the split. */
import { grouped } from "@grayling/core";
import type { PlotOptions } from "@observablehq/plot";
import type { Chart } from "./chart.js";
import { axisMargins, baseAxis, countFormat, valueAxis } from "./chart-axes.js";
import { chartColors } from "./chart-colors.js";
import { shortLabel } from "./chart-label.js";
import { mostRows, rowPlot } from "./class-rows.js";
import { drawChart } from "./draw-chart.js";
import type { Plotting } from "./load-plot.js";
import { type CountedSides, type DrawnSide, drawnSides } from "./split-sides.js";
import { countTicks } from "./value-ticks.js";

export interface ClassCounts extends CountedSides {
  readonly names: readonly string[];
}

const mostSteps = 300; // a pixel or two wide

/** A bar a class; of more than 40 classes all of them by size, without names. */
export function classCounts(plotting: Plotting, counted: ClassCounts): Chart {
  const about = { name: "class-counts", title: "Images by class" };
  const { names } = counted;
  const sides = drawnSides(counted);
  const totals = names.map((_, k) => sides.reduce((sum, { counts }) => sum + counts[k]!, 0));
  if (totals.every((total) => total === 0))
    return drawChart(plotting, { ...about, alt: `${about.title}: no images to draw.`, plots: [] });
  const order = [...names.keys()].sort((a, b) => totals[b]! - totals[a]! || a - b);
  const sorted = sides.map((side) => ({ ...side, counts: order.map((k) => side.counts[k]!) }));
  return drawChart(plotting, {
    ...about,
    alt: inWords(names, order, totals),
    legend: sides.map(({ label, color }) => ({ label, color, mark: "area" })),
    plots: [
      names.length > mostRows
        ? bySize(plotting, sorted)
        : bars(plotting, { names: order.map((k) => names[k]!), sides: sorted, totals: order.map((k) => totals[k]!) }),
    ],
  });
}

function inWords(names: readonly string[], order: readonly number[], totals: readonly number[]): string {
  const tell = (k: number) => `${shortLabel(names[k]!, 40)} (${grouped(totals[k]!)})`;
  const images = totals.reduce((a, b) => a + b, 0);
  const [most, least] = [order[0]!, order.at(-1)!]; // not empty
  if (names.length === 1) return `Images by class: ${tell(most)}.`;
  const range =
    totals[most] === totals[least]
      ? `each has ${grouped(totals[most]!)}`
      : `most of ${tell(most)}, fewest of ${tell(least)}`;
  return `${grouped(images)} images of ${grouped(names.length)} classes: ${range}.`;
}

interface Bars {
  readonly names: readonly string[];
  readonly sides: readonly DrawnSide[];
  readonly totals: readonly number[];
}

function bars(plotting: Plotting, { names, sides, totals }: Bars): PlotOptions {
  const { Plot } = plotting;
  const ticks = countTicks(Math.max(...totals));
  const pieces = names.flatMap((_, row) =>
    sides.map(({ color, counts }, i) => {
      const from = sides.slice(0, i).reduce((sum, before) => sum + before.counts[row]!, 0);
      return { row, from, to: from + counts[row]!, color };
    }),
  );
  return rowPlot(plotting, {
    ...{ names, label: "images", ticks, format: countFormat, domain: [0, ticks.at(-1)!], room: 46 }, // never empty
    marks: [
      Plot.barX(
        pieces.filter(({ from, to }) => to > from),
        {
          ...{ x1: "from", x2: "to", y: "row", insetRight: 0.75, insetTop: 4, insetBottom: 4 },
          fill: (piece: (typeof pieces)[number]) => chartColors[piece.color],
        },
      ),
      Plot.text([...totals.entries()], {
        x: ([, total]: [number, number]) => total,
        y: ([row]: [number, number]) => row,
        text: ([, total]: [number, number]) => grouped(total),
        ...{ textAnchor: "start", dx: 6, fill: chartColors.ink },
      }),
    ],
  });
}

/** Steps, the largest class first: one shape a side, however many classes there are. */
function bySize(plotting: Plotting, sides: readonly DrawnSide[]): PlotOptions {
  const { Plot } = plotting;
  const classes = sides[0]!.counts.length; // some class has images, on some side
  const below = (row: number, i: number) => sides.slice(0, i).reduce((sum, side) => sum + side.counts[row]!, 0);
  const ticks = countTicks(below(0, sides.length));
  const every = Math.ceil(classes / mostSteps);
  const places = [...Array.from({ length: Math.ceil(classes / every) }, (_, i) => i * every), classes];
  return {
    ...{ height: 300, ...axisMargins, marginTop: 36, marginBottom: 52 },
    x: { domain: [0, classes] },
    y: { domain: [0, ticks.at(-1)!] }, // never empty
    marks: [
      ...valueAxis(plotting, { label: "images", ticks, format: countFormat }),
      ...sides.map(({ color }, i) => {
        const steps = places.map((place) => {
          const row = Math.min(place, classes - 1); // the last step ends where it began
          return { place, low: below(row, i), high: below(row, i + 1) };
        });
        return Plot.areaY(steps, { x: "place", y1: "low", y2: "high", curve: "step-after", fill: chartColors[color] });
      }),
      ...baseAxis(plotting, { label: "classes, largest first", format: countFormat }),
    ],
  };
}
