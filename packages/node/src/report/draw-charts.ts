/** The charts of a run. */
import type { Chart } from "./charts/chart.js";
import type { ReportContent } from "./report-content.js";

/** By name. */
export async function drawCharts(_: Pick<ReportContent, "run" | "counts" | "main">): Promise<Map<string, Chart>> {
  return new Map();
}
