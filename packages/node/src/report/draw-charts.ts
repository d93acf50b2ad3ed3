/** The charts of a run. */
import type { Chart, ReportContent } from "./report-content.js";

/** By name. */
export async function drawCharts(
  _: Pick<ReportContent, "run" | "counts" | "main" | "other">,
): Promise<Map<string, Chart>> {
  return new Map();
}
