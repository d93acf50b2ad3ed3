/** A classifier whose graph is known, so that it can be explained: a run folder, a network's name, or a model that Keras saved. */
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  type Framing,
  foldChannels,
  fullWindow,
  GraphError,
  InputError,
  imageInput,
  isModelName,
  type Model,
  nodeOf,
  type OnnxSummary,
  renameEnds,
  type SampleType,
  type SettledWindow,
} from "@grayling/core";
import { imagenetClasses, openBackbone } from "../backbone/open-backbone.js";
import { openSource } from "../export/open-source.js";
import { type ModelJudgement, notJudged } from "../run/model-judgement.js";
import { classifierEnds, readMetadata } from "../run/model-metadata.js";
import { configFile } from "../run/run-config.js";
import type { DownloadProgress } from "../weights/receive.js";

export interface Explainable {
  /** For people: a path, or the network's name. */
  readonly source: string;
  readonly classes: readonly string[];
  readonly framing: Framing;
  readonly window: SettledWindow;
  /** As of a `Classifier`. */
  readonly samples?: readonly SampleType[] | undefined;
  /** As of a `Classifier`. */
  readonly judgement: ModelJudgement;
  /**
   * `input_layer` [N, 1, H, W] → `predictions` [N, K], and `novelty` [N] where the run can tell; every Keras layer by its
   * name, BatchNorm as it was.
   */
  readonly model: Model;
  readonly notes: readonly string[];
}

export interface ExplainableOptions {
  /** Folder for downloaded weights; without one nothing is downloaded. */
  readonly cache?: string | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Of a `model.onnx` in a run folder, the run. Throws `InputError` where it is none of these or does not classify, and as
 * `openSource` does: a run's network is built anew from its weights, since an ONNX file keeps no layers.
 */
export async function openExplainable(model: string, options: ExplainableOptions = {}): Promise<Explainable> {
  if (isModelName(model)) {
    const { model: network, height, width, notes } = await openBackbone(model, { ...options, includeTop: true });
    const framing = { height, width, fit: "crop" } as const;
    const about = { source: model, classes: await imagenetClasses(), framing, window: fullWindow, notes };
    return { ...about, judgement: notJudged, model: toGray(network, model) };
  }
  const path = await runOf(model);
  const { source, notes } = await openSource(path, options);
  if (!("classes" in source.metadata)) {
    throw new InputError(`model ${path}: ends in no softmax over classes, expected a classifier`);
  }
  const gray = toGray(source.model, path);
  const judged = source.judged?.(gray) ?? gray;
  const { classes, preprocessing, judgement } = readMetadata(summaryOf(judged, source.metadata), path);
  const { window = fullWindow, samples, ...framing } = preprocessing;
  return { source: path, classes, framing, window, samples, judgement, model: judged, notes };
}

/** As a file of the model would state itself. */
function summaryOf({ graph }: Model, metadata: Readonly<Record<string, string>>): OnnxSummary {
  const end = (name: string) => ({ name, shape: nodeOf(graph, name).shape });
  return { producer: "grayling", metadata, inputs: [end(classifierEnds.input)], outputs: graph.outputs.map(end) };
}

/** Reads one channel; ends named as every classifier's. */
function toGray(model: Model, source: string): Model {
  const { channels } = imageInput(model.graph);
  try {
    return renameEnds(channels === 1 ? model : foldChannels(model, 1), classifierEnds);
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause;
    throw new InputError(`model ${source}: cannot be folded to one channel: ${cause.message}`, { cause });
  }
}

/** The folder of a run's `model.onnx`; any other path as it is. Throws `InputError` for an ONNX file outside of a run. */
async function runOf(path: string): Promise<string> {
  if (!/\.onnx$/i.test(path)) return path;
  const folder = dirname(path);
  const isRun = basename(path) === "model.onnx" && (await stat(join(folder, configFile)).catch(() => undefined));
  if (isRun) return folder;
  throw new InputError(`model ${path}: an ONNX file keeps no layers to explain, expected the run folder it comes from`);
}
