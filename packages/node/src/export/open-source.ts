/** What a user names to be exported: a network, a run folder, or a model of their own that Keras saved. */
import { readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import {
  addNovelty,
  addPredictionSet,
  assignWeights,
  bind,
  buildHead,
  didYouMean,
  expectedWeights,
  InputError,
  imageInput,
  isModelName,
  join as joinModels,
  type Model,
  modelNames,
  parseHead,
  parseSettledWindow,
  readSafetensors,
  WeightsError,
} from "@grayling/core";
import { type BackboneOptions, openBackbone } from "../backbone/open-backbone.js";
import { openKerasModel } from "../backbone/open-keras-model.js";
import { buildTrunk } from "../features/trunk.js";
import { type ModelJudgement, notJudged } from "../run/model-judgement.js";
import { numberedClasses, writeMetadata } from "../run/model-metadata.js";
import { backboneFile, headFile, noveltyFile, readRunConfig } from "../run/run-config.js";
import { version } from "../version.js";
import type { ExportSource } from "./export-model.js";

export interface OpenedSource {
  readonly source: ExportSource;
  /** A line for people: where the weights come from. */
  readonly description: string;
  readonly notes: readonly string[];
  readonly isTransferred: boolean;
}

/** Throws `InputError` where it is none of the three, `WeightsError` for a file that is damaged or has changed. */
export async function openSource(text: string, options: BackboneOptions): Promise<OpenedSource> {
  if (isModelName(text)) return openNetwork(text, options);
  const found = await stat(text).catch(() => undefined);
  if (found?.isDirectory()) return openRun(text, options);
  if (found && [".keras", ".h5"].includes(extname(text).toLowerCase())) return openOwnModel(text, options);
  const expected = "a network such as efficientnet-b0, a run folder, or a whole model as .keras or .h5";
  const nearest = found ? "" : didYouMean(text, modelNames);
  throw new InputError(`model ${text}: ${found ? "not a model" : "no such file"}, expected ${expected}${nearest}`);
}

async function openNetwork(name: Parameters<typeof openBackbone>[0], options: BackboneOptions): Promise<OpenedSource> {
  const { model, source: weights, convention, notes, isTransferred } = await openBackbone(name, options);
  const source = { name, model, network: { name, convention }, metadata: { backbone: name, weights } };
  return { source, description: `${name}, weights: ${weights}`, notes, isTransferred };
}

/** The network that a run was trained on, with the head that it has found. */
async function openRun(folder: string, options: BackboneOptions): Promise<OpenedSource> {
  const config = await readRunConfig(folder);
  const { classes, weights, trunk, window, samples, trained: kept, options: trained, judgement = notJudged } = config;
  const { model: name, height, width, pooling, fit, interpolation } = trained;
  if (!isModelName(name)) throw new InputError(`run ${folder}: unknown network "${name}"`);
  if ((options.height ?? height) !== height || (options.width ?? width) !== width) {
    const got = `${options.height}x${options.width}`;
    throw new InputError(`input: the run ${folder} was trained at ${height}x${width}, expected this size, got ${got}`);
  }
  const { weights: file, seed, convention, topology } = trained;
  const { cache, onProgress, signal } = options;
  const backbone = await openBackbone(name, {
    ...{ height, width, pooling, weights: file, seed, convention, topology, cache, onProgress, signal },
  });
  if (buildTrunk(backbone, fit, interpolation).key !== trunk) {
    throw new InputError(
      `run ${folder}: its network's weights, ${weights}, have changed since the training; restore them`,
    );
  }
  const layers = parseHead(trained.head, classes.length);
  const columns = backbone.model.graph.nodes.get(backbone.model.graph.outputs[0]!)!.shape[1] as number; // pooled
  const head = buildHead(layers === "linear" ? [] : layers, columns, classes.length);
  const path = join(folder, headFile);
  const headWeights = assignWeights(expectedWeights(head), readSafetensors(await readFile(path)), path);
  const trainedOn = kept === backboneFile ? await readTrained(folder, backbone.model) : backbone.model;
  const model = joinModels(trainedOn, bind(head, headWeights));
  const preprocessing = { height, width, fit, interpolation, window: parseSettledWindow(window), samples };
  const about = { version: version(), backbone: name, weights, head: trained.head, classes, preprocessing, judgement };
  const metadata = writeMetadata(about);
  const network = { name, convention: backbone.convention };
  const judged = await judgedOutputs(folder, judgement, backbone.model.graph.outputs[0]!);
  const source = { name: `${name}-classifier`, model, network, metadata, judged };
  return { source, description: `${folder}: ${name} for ${classes.length} classes`, notes: [], isTransferred: true };
}

/** Adds to a classifier the outputs that the run's own model has besides its predictions; `features` is the node of those. */
async function judgedOutputs(
  folder: string,
  { sets, unknown }: ModelJudgement,
  features: string,
): Promise<(classifier: Model) => Model> {
  const path = join(folder, noveltyFile);
  const tensors = unknown && readSafetensors(await readFile(path)).tensors;
  const [bank, threshold] = [tensors?.get("bank"), tensors?.get("threshold")?.data[0]];
  if (unknown && (!bank || !(threshold! > 0))) throw new WeightsError(`${path}: expected tensors bank and threshold`);
  return (classifier) => {
    const withSet = sets ? addPredictionSet(classifier, sets.thresholds) : classifier;
    return bank ? addNovelty(withSet, { features, bank, threshold: threshold! }) : withSet; // both are there or neither
  };
}

/** The network with the weights that the run has trained. */
async function readTrained(folder: string, { graph }: Model): Promise<Model> {
  const path = join(folder, backboneFile);
  return bind(graph, assignWeights(expectedWeights(graph), readSafetensors(await readFile(path)), path));
}

async function openOwnModel(path: string, { height, width }: BackboneOptions): Promise<OpenedSource> {
  const size = { ...(height !== undefined && { height }), ...(width !== undefined && { width }) };
  const { model, name, notes, classes } = await openKerasModel(path, size);
  const metadata = classes === undefined ? { weights: path } : describeClassifier(name, path, model, classes);
  const description = classes === undefined ? path : `${path}: a classifier of ${classes} classes`;
  return { source: { name, model, metadata }, description, notes, isTransferred: true };
}

/** So that `predict` takes the file: Keras keeps no names of classes, and its generators stretch images. */
function describeClassifier(backbone: string, weights: string, { graph }: Model, classes: number) {
  const { height, width } = imageInput(graph);
  const preprocessing = { height, width, fit: "stretch" } as const;
  return writeMetadata({
    version: version(),
    backbone,
    weights,
    head: "its own",
    classes: numberedClasses(classes),
    preprocessing,
    judgement: notJudged,
  });
}
