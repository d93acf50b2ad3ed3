/** How many images of a class are found for how many false alarms, at every threshold. */
import type { Chart } from "./chart.js";
import { drawChart } from "./draw-chart.js";
import type { Plotting } from "./load-plot.js";
import { rankChart } from "./rank-chart.js";
import { type RankedClasses, rocKind } from "./rank-lines.js";

/** Up to ten classes a line each; of more the mean, the worst five, and the others in gray. */
export const rocCurves = (plotting: Plotting, classes: RankedClasses): Chart =>
  drawChart(
    plotting,
    rankChart(plotting, classes, rocKind, {
      name: "roc-curves",
      title: "ROC curves",
      x: "false alarms among other images",
      y: "found of the class",
      areaName: "area",
      chance: [
        { x: 0, y: 0 },
        { x: 1, y: 1 },
      ],
    }),
  );
