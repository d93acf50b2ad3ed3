/** The main job: from a folder of gray images to a classifier, its metrics and a model file. */
import { InputError } from "@grayling/core";
import type { Dataset } from "../dataset/dataset.js";
import type { ExtractProgress } from "../features/extract-features.js";
import { writeReport } from "../report/write-report.js";
import { type ClaimedRun, claimAgain, claimRun, type RunFolderOptions, writeNewRunFolder } from "../run/run-folder.js";
import { checkPlan } from "./check-plan.js";
import { fitRun } from "./fit-run.js";
import { finishedRun, openUnfinished, readUnfinished, type UnfinishedRun } from "./network/unfinished-run.js";
import { type RunResults, runFiles } from "./run-files.js";
import type { ResolvedOptions } from "./train-options.js";
import { type FeatureSettings, type Ready, withFeatures } from "./with-features.js";

export interface TrainSettings extends FeatureSettings, RunFolderOptions {
  /** Whether it is measured first what the training of the network will take, and told as an event `plan`. Default false. */
  readonly plan?: boolean | undefined;
  /** Whether `report.html` with its charts is written into the run folder. Default true. */
  readonly report?: boolean | undefined;
}

export interface TrainResult extends RunResults {
  /** The run folder. */
  readonly folder: string;
}

/** Throws `InputError` for a wrong option or folder, `WeightsError` for weights that do not fit. */
export function train(root: string, settings: TrainSettings = {}): Promise<TrainResult> {
  const checked = { ...settings, check: settings.check ?? true };
  return trainAt(root, checked, () => claimRun(root.replace(/\.csv$/i, ""), settings));
}

/** Goes on with a training that was stopped, from its last checkpoint. `settings` are those that a run does not keep. */
export async function resumeTraining(
  unfinished: string,
  settings: Pick<TrainSettings, "cache" | "onEvent" | "signal" | "keepFeatures"> = {},
): Promise<TrainResult> {
  const begun = await readUnfinished(unfinished);
  const resumed = { ...begun.settings, check: false, plan: false, ...settings }; // what they tell was told
  return trainAt(begun.root, resumed, async () => {
    const claimed = await claimAgain(begun.run);
    const finished = await finishedRun(unfinished);
    if (finished === undefined) return claimed;
    await claimed.release();
    throw new InputError(`resume ${unfinished}: this training is finished, its run is ${finished}`);
  });
}

/** `claim` says where the run will lie, or why it cannot; it is asked as soon as the options are known to be good. */
async function trainAt(root: string, settings: TrainSettings, claim: () => Promise<ClaimedRun>): Promise<TrainResult> {
  let claimed: ClaimedRun | undefined;
  const plan = async (dataset: Dataset, options: ResolvedOptions) => {
    const sides = checkPlan(dataset, options);
    claimed = await claim();
    settings.onEvent?.({ kind: "claimed", folder: claimed.folder });
    return sides;
  };
  try {
    return await withFeatures(root, settings, plan, (ready) => trainReady(ready, root, settings, claimed!.folder)); // planned first
  } finally {
    await claimed?.release();
  }
}

async function trainReady(ready: Ready, root: string, settings: TrainSettings, place: string): Promise<TrainResult> {
  const { onEvent, signal } = ready;
  const warn = (message: string) => onEvent({ kind: "warning", message });
  const unfinished = await openUnfinishedOf(ready, place, root, settings);
  try {
    const { results, model } = await fitRun(ready, { unfinished, isPlanned: settings.plan ?? false });
    signal?.throwIfAborted();
    if (unfinished && unfinished.failures > 0) {
      warn(`${unfinished.failures} checkpoints could not be written; the training itself is whole`);
    }
    const files = new Map<string, Uint8Array | string>([...runFiles(results), ["model.onnx", model]]);
    const folder = await writeNewRunFolder(place, files, async (tried) => unfinished?.finish(tried, model));
    if (folder !== place) warn(`${place}: something else lies there by now; the run is written to ${folder}`);
    await unfinished?.remove();
    if (settings.report ?? true) await report(ready, folder);
    return { folder, ...results };
  } finally {
    await unfinished?.removeIfEmpty();
  }
}

/** The run is there already: what goes wrong here costs only the report, which `grayling report` writes again. */
async function report({ runtime, cacheFolder, options, onEvent, signal }: Ready, folder: string): Promise<void> {
  const onNote = (message: string) => onEvent({ kind: "warning", message });
  const onProgress = (progress: ExtractProgress) => onEvent({ kind: "report", ...progress });
  const { maxPixels } = options;
  try {
    await writeReport(folder, { runtime, cache: cacheFolder, maxPixels, signal, onNote, onProgress });
  } catch (error) {
    onNote(
      `the report could not be written (${(error as Error).message}); the run is whole: grayling report ${folder}`,
    );
  }
}

/** None where only the head trains: that takes seconds. */
async function openUnfinishedOf(
  { options, onEvent }: Ready,
  place: string,
  root: string,
  { onEvent: _, signal: __, cache: ___, keepFeatures: ____, ...settings }: TrainSettings,
): Promise<UnfinishedRun | undefined> {
  if (!options.network) return undefined;
  return openUnfinished(
    place,
    { root, settings },
    {
      onSaved: (folder) => onEvent({ kind: "saved", folder }),
      onWarning: (message) => onEvent({ kind: "warning", message }),
    },
  );
}
