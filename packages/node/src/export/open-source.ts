/** What a user names to be exported: a network, a run folder, or a model of their own that Keras saved. */
import { readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import {
  assignWeights,
  bind,
  buildHead,
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
} from "@grayling/core";
import * as v from "valibot";
import { type BackboneOptions, openBackbone } from "../backbone/open-backbone.js";
import { openKerasModel } from "../backbone/open-keras-model.js";
import { didYouMean } from "../did-you-mean.js";
import { buildTrunk } from "../features/trunk.js";
import { numberedClasses, writeMetadata } from "../run/model-metadata.js";
import { backboneFile, configFile, headFile, RunConfig } from "../run/run-config.js";
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
  const { classes, weights, trunk, window, samples, trained: kept, options: trained } = await readConfig(folder);
  const { model: name, height, width, pooling, fit } = trained;
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
  if (buildTrunk(backbone, fit).key !== trunk) {
    throw new InputError(
      `run ${folder}: its network's weights, ${weights}, have changed since the training; restore them`,
    );
  }
  const layers = parseHead(trained.head, classes.length);
  const columns = backbone.model.graph.nodes.get(backbone.model.graph.outputs[0]!)!.shape[1] as number; // pooled
  const head = buildHead(layers === "linear" ? [] : layers, columns, classes.length);
  const path = join(folder, headFile);
  const headWeights = assignWeights(expectedWeights(head), readSafetensors(await readFile(path)), path);
  const network = kept === backboneFile ? await readTrained(folder, backbone.model) : backbone.model;
  const model = joinModels(network, bind(head, headWeights));
  const preprocessing = { height, width, fit, window: parseSettledWindow(window), samples };
  const about = { version: version(), backbone: name, weights, head: trained.head, classes, preprocessing };
  const metadata = writeMetadata(about);
  const source = { name: `${name}-classifier`, model, network: { name, convention: backbone.convention }, metadata };
  return { source, description: `${folder}: ${name} for ${classes.length} classes`, notes: [], isTransferred: true };
}

/** The network with the weights that the run has trained. */
async function readTrained(folder: string, { graph }: Model): Promise<Model> {
  const path = join(folder, backboneFile);
  return bind(graph, assignWeights(expectedWeights(graph), readSafetensors(await readFile(path)), path));
}

async function readConfig(folder: string): Promise<v.InferOutput<typeof RunConfig>> {
  const path = join(folder, configFile);
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new InputError(`run ${folder}: no ${configFile} in it (${cause.code}), expected a folder that train wrote`);
  });
  try {
    return v.parse(RunConfig, JSON.parse(text));
  } catch (cause) {
    throw new InputError(`run ${path}: not what train writes (${(cause as Error).message})`, { cause });
  }
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
  });
}
