/** From the files of a run to its report. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { grouped, InputError, type Runtime } from "@grayling/core";
import { type FinishedRun, type RunFiles, readRun } from "../run/finished-run.js";
import { configFile } from "../run/run-config.js";
import { counted } from "../terminal/counted.js";
import { chooseImages, wantedPaths } from "./choose-images.js";
import { drawCharts } from "./draw-charts.js";
import { findNearCopies } from "./find-near-copies.js";
import { measuredSides } from "./measured-side.js";
import { modelCard, modelCardFile } from "./model-card.js";
import { openReported } from "./open-reported.js";
import { pictureBook } from "./picture-book.js";
import { type HeatMap, readHeatMaps } from "./read-heat-maps.js";
import { readThumbnails, type Thumbnails, tooMany } from "./read-thumbnails.js";
import type { StemStory } from "./report-content.js";
import { reportPage } from "./report-page.js";
import { runFacts } from "./run-facts.js";
import { readSplitCounts } from "./split-counts.js";

export const reportFile = "report.html";

export interface ReportOptions {
  /** Where the images are now: a folder or a CSV file; default: where they were when the run was trained. */
  readonly images?: string | undefined;
  /** Draws heat maps; default: none are drawn. */
  readonly runtime?: Runtime | undefined;
  /** Folder of downloaded weights; without one nothing is downloaded. */
  readonly cache?: string | undefined;
  /** An image that claims more pixels is left out; default 178,956,970. */
  readonly maxPixels?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
  /** Told in one line what the report has to do without. */
  readonly onNote?: ((message: string) => void) | undefined;
}

/**
 * `report.html`, `MODEL_CARD.md` and `charts/<name>.svg`, by name. Heat maps need the run on disk, at `files.source`, since its network is built anew.
 * Whatever a run does not have, as those of earlier versions, is left out. Same run and images, same bytes.
 * Throws `InputError` for files that `train` has not written and `images` that are not there, and the signal's reason.
 */
export async function makeReport(
  files: RunFiles,
  options: ReportOptions = {},
): Promise<Map<string, string | Uint8Array>> {
  const run = await readRun(files);
  if (options.images !== undefined && !existsSync(options.images)) {
    throw new InputError(`images ${options.images}: no such folder or CSV file`);
  }
  const facts = runFacts(run);
  const dataset = options.images ?? facts.dataset;
  const sides = measuredSides(run);
  const counts = await readSplitCounts(files, run);
  const reading = { ...options, dataset, config: run.config };
  const nearCopies = counts && (await findNearCopies(counts, reading));
  const chosen = chooseImages(run, sides, nearCopies);
  const thumbnails = await readThumbnails(wantedPaths(chosen), reading);
  const missing = describeMissing(thumbnails);
  if (missing !== undefined) options.onNote?.(`report: ${missing}`);
  const drawn = chosen.mistakes.map(({ path }) => path).filter((path) => typeof thumbnails.get(path) === "object");
  const { stem, heatMaps } = await lookInside(run, drawn, dataset, options);
  const book = pictureBook(thumbnails, heatMaps);
  const charts = await drawCharts({ run, counts, ...sides });
  options.signal?.throwIfAborted();
  const page = reportPage({ run, facts, counts, nearCopies, chosen, heatMaps, book, charts, stem, ...sides });
  return new Map([
    [reportFile, page],
    [modelCardFile, modelCard(run, { counts, nearCopies })],
    ...[...charts.values()].map(({ name, svg }) => [`charts/${name}.svg`, svg] as const),
  ]);
}

/** Undefined where every picture is there, but for those that are too many. */
function describeMissing(thumbnails: Thumbnails): string | undefined {
  const reasons = [...thumbnails.values()].filter((own) => typeof own === "string" && own !== tooMany);
  if (reasons.length === 0) return undefined;
  const part = `${grouped(reasons.length)} of ${counted(thumbnails.size, "picture")}`;
  return `${part} cannot be shown (${reasons[0]}); --images says where the images are now`;
}

interface Inside {
  readonly stem: StemStory | undefined;
  readonly heatMaps: ReadonlyMap<string, HeatMap>;
}

/** What needs the network itself. */
async function lookInside(
  { source, config }: FinishedRun,
  paths: readonly string[],
  dataset: string | undefined,
  { runtime, cache, maxPixels, signal, onNote = () => {} }: ReportOptions,
): Promise<Inside> {
  const nothing: Inside = { stem: undefined, heatMaps: new Map() };
  if (!existsSync(join(source, configFile))) return nothing; // it is not written yet
  const opened = await openReported(source, { cache, signal });
  if (typeof opened === "string") {
    onNote(`report: no heat maps, the network cannot be opened: ${opened}`);
    return nothing;
  }
  const { stem, explainable } = opened;
  if (!runtime || dataset === undefined || paths.length === 0) return { ...nothing, stem };
  const { batch } = config.options;
  const settings = { dataset, maxPixels, signal, batch: typeof batch === "number" ? batch : undefined };
  return { stem, heatMaps: await readHeatMaps(runtime, explainable, paths, settings) };
}
