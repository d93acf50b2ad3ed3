/** How often a call is right for how many images of a class are found, at every threshold. */
import type { Chart } from "./chart.js";
import { drawChart } from "./draw-chart.js";
import type { Plotting } from "./load-plot.js";
import { rankChart } from "./rank-chart.js";
import { precisionRecallKind, type RankedClasses } from "./rank-lines.js";

/** Up to ten classes a line each; of more the mean, the worst five, and the others in gray. */
export const precisionRecallCurves = (plotting: Plotting, classes: RankedClasses): Chart =>
  drawChart(
    plotting,
    rankChart(plotting, classes, precisionRecallKind, {
      name: "precision-recall-curves",
      title: "Precision-recall curves",
      x: "found of the class (recall)",
      y: "right among calls (precision)",
      areaName: "average precision",
    }),
  );
