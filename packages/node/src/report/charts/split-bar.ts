/** How the images were split, as one bar. */
import { grouped, percent } from "@grayling/core";
import type { Chart } from "./chart.js";
import { chartColors } from "./chart-colors.js";
import { listed } from "./chart-label.js";
import { drawChart } from "./draw-chart.js";
import type { Plotting } from "./load-plot.js";
import { type CountedSides, drawnSides } from "./split-sides.js";

export function splitBar(plotting: Plotting, counted: CountedSides): Chart {
  const { Plot } = plotting;
  const about = { name: "split", title: "How the images were split" };
  const sides = drawnSides(counted).map((side) => ({ ...side, images: side.counts.reduce((a, b) => a + b, 0) }));
  const all = sides.reduce((sum, { images }) => sum + images, 0);
  if (all === 0) return drawChart(plotting, { ...about, alt: `${about.title}: no images to draw.`, plots: [] });
  const part = (images: number) => percent(images / all).replace(" ", "\u00a0");
  const told = sides.map(({ label, images }) => `${label} ${grouped(images)} (${part(images)})`);
  const starts = sides.map((_, i) => sides.slice(0, i).reduce((sum, { images }) => sum + images, 0));
  const bars = sides.map(({ images, color }, i) => ({ from: starts[i]!, to: starts[i]! + images, color }));
  return drawChart(plotting, {
    ...about,
    alt: `Of ${grouped(all)} images: ${listed(told)}.`,
    legend: sides.map(({ color }, i) => ({ label: told[i]!, color, mark: "area" })),
    plots: [
      {
        ...{ height: 44, marginLeft: 8, marginRight: 8, marginTop: 4, marginBottom: 10 },
        x: { domain: [0, all], axis: null },
        marks: [
          Plot.rectX(bars, {
            ...{ x1: "from", x2: "to", insetLeft: 0.75, insetRight: 0.75 },
            fill: (bar: (typeof bars)[number]) => chartColors[bar.color],
          }),
        ],
      },
    ],
  });
}
