/** The charts of a run. */
import { reliability } from "@grayling/core";
import type { Chart } from "./charts/chart.js";
import { classCounts } from "./charts/class-counts.js";
import { confidenceHistogram } from "./charts/confidence-histogram.js";
import { confusionMatrix } from "./charts/confusion-matrix.js";
import { loadPlot, type Plotting } from "./charts/load-plot.js";
import { noveltyHistogram } from "./charts/novelty-histogram.js";
import { perClassBars } from "./charts/per-class-bars.js";
import { precisionRecallCurves } from "./charts/precision-recall-curves.js";
import { reliabilityDiagram } from "./charts/reliability-diagram.js";
import { rocCurves } from "./charts/roc-curves.js";
import { splitBar } from "./charts/split-bar.js";
import { trainingCurves } from "./charts/training-curves.js";
import type { MeasuredSide } from "./measured-side.js";
import type { ReportContent } from "./report-content.js";

type Content = Pick<ReportContent, "run" | "counts" | "main">;

/** By name; where there is nothing to draw from, there is none. */
export async function drawCharts({ run, counts, main }: Content): Promise<Map<string, Chart>> {
  const plotting = await loadPlot();
  const { classes: names } = run.config;
  const charts = [
    ...(counts ? [splitBar(plotting, counts), classCounts(plotting, { names, ...counts })] : []),
    ...(run.history.rows.length > 0 ? [trainingCurves(plotting, run.history, bestEpoch(run.metrics))] : []),
    ...(main ? measuredCharts(plotting, main, { names, temperature: run.metrics.calibration?.temperature }) : []),
    ...noveltyChart(plotting, run.images),
  ];
  return new Map(charts.flatMap((chart) => (chart ? [[chart.name, chart] as const] : [])));
}

/** Where layers of the network trained, the one whose weights were taken. */
function bestEpoch({ network }: ReportContent["run"]["metrics"]): { best?: number } {
  const best =
    typeof network === "object" && network !== null && "bestEpoch" in network ? network.bestEpoch : undefined;
  return typeof best === "number" ? { best } : {};
}

interface Named {
  readonly names: readonly string[];
  /** Absent: none was fitted. */
  readonly temperature: number | undefined;
}

function measuredCharts(plotting: Plotting, side: MeasuredSide, { names, temperature }: Named): (Chart | undefined)[] {
  const { judged, metrics } = side;
  const { ranked, confidence } = judged;
  const after = binsOf(judged);
  const before = temperature === undefined ? undefined : binsOf(uncalibrated(side, names.length, temperature));
  return [
    confusionMatrix(plotting, { names, confusionMatrix: metrics.confusionMatrix }),
    perClassBars(plotting, metrics.perClass),
    rocCurves(plotting, { names, ranked }),
    precisionRecallCurves(plotting, { names, ranked }),
    reliabilityDiagram(plotting, { after, ...(before && { before }) }),
    confidenceHistogram(plotting, { confidence, isRight: isRightOf(judged) }),
  ];
}

type Judged = Pick<MeasuredSide["judged"], "labels" | "predicted" | "confidence">;

const isRightOf = ({ labels, predicted }: Judged) =>
  Uint8Array.from(labels, (label, i) => (label === predicted[i] ? 1 : 0));

const binsOf = (judged: Judged) => reliability(judged.confidence, isRightOf(judged));

/**
 * As the head gave it before the temperature, of which softmax(T · ln p) is the inverse: of the most probable class
 * 1 / Σ (p_k / p_most)^T.
 */
const uncalibrated = ({ judged, probabilities }: MeasuredSide, classes: number, temperature: number): Judged => ({
  ...judged,
  confidence: judged.confidence.map((most, i) => {
    const own = probabilities.subarray(i * classes, (i + 1) * classes);
    return 1 / own.reduce((sum, p) => sum + (p / most) ** temperature, 0);
  }),
});

function noveltyChart(plotting: Plotting, images: ReportContent["run"]["images"]): Chart[] {
  const known = images.flatMap(({ novelty }) => novelty ?? []);
  return known.length === 0 ? [] : [noveltyHistogram(plotting, known)];
}
