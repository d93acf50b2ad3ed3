/** Whether images that are to measure a classifier have trained it. */
import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseCsv } from "../dataset/csv-rows.js";
import { filesOfFolder, type RunFiles } from "../run/finished-run.js";
import { configFile } from "../run/run-config.js";

/**
 * How many of the images of `dataset`, named by `relative`, trained the run at `model`, a run folder or the model.onnx in it; 0 for whatever
 * is no run, and where the run was trained on something else. Images are known by their paths: copies elsewhere are not found.
 */
export async function countTrained(model: string, dataset: string, relative: readonly string[]): Promise<number> {
  const isFolder = (await stat(model).catch(() => undefined))?.isDirectory() ?? false;
  const files = filesOfFolder(isFolder ? model : dirname(model));
  const trainedOn = await datasetOf(files);
  if (trainedOn === undefined || resolve(trainedOn) !== resolve(dataset)) return 0;
  const split = await files.read("split.csv");
  if (!split) return 0;
  const [, ...rows] = parseCsv(new TextDecoder().decode(split), `${files.source}: split.csv`);
  const trained = new Set(rows.flatMap(({ fields: [path, , side] }) => (isHeldOut(side) || !path ? [] : [path])));
  return relative.filter((path) => trained.has(path)).length;
}

/** With folds the model that is kept trains on all of them. */
const isHeldOut = (side: string | undefined) => side === undefined || side === "val" || side === "test";

async function datasetOf({ read }: RunFiles): Promise<string | undefined> {
  const bytes = await read(configFile).catch(() => undefined);
  if (!bytes) return undefined;
  try {
    const { dataset } = JSON.parse(new TextDecoder().decode(bytes)) as { readonly dataset?: unknown };
    return typeof dataset === "string" ? dataset : undefined;
  } catch {
    return undefined; // a file of that name that is not ours
  }
}
