/** A network with its weights, from wherever the user wants them. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  assignWeights,
  bind,
  type Convention,
  defaultResolution,
  type EfficientNetOptions,
  efficientNet,
  expectedWeights,
  type Graph,
  GraphError,
  InputError,
  initialize,
  kerasFaults,
  type Model,
  type ModelName,
  modelsWithOfficialWeights,
  printable,
  type TensorFile,
  type Weights,
} from "@grayling/core";
import { classNamesUrl, weightsUrl } from "@grayling/weights-lite0";
import { fetchOfficialWeights } from "../weights/fetch-official.js";
import { readWeightFile } from "../weights/read-weight-file.js";
import type { DownloadProgress } from "../weights/receive.js";
import { chooseConvention } from "./choose-convention.js";

/** The network whose ImageNet weights come with grayling. */
export const bundledModel: ModelName = "efficientnet-lite0";

export interface BackboneOptions extends Pick<EfficientNetOptions, "height" | "width" | "includeTop" | "pooling"> {
  /** "imagenet" (default): bundled or downloaded; "random": nothing is transferred; else the path of a weight file. */
  readonly weights?: string | undefined;
  /** Whose borders, epsilon and preprocessing; default: what the weight file tells, for random weights Keras'. */
  readonly convention?: Convention | undefined;
  /** Of random weights; default 0. */
  readonly seed?: number | undefined;
  /** Folder for downloaded files; without one nothing is downloaded. */
  readonly cache?: string | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Backbone {
  readonly name: ModelName;
  readonly height: number; // px
  readonly width: number; // px
  /** Reads [N, 3, H, W], 0–255. */
  readonly model: Model;
  /** Where the weights come from, for people: a path, "bundled ImageNet weights", "random, seed 1". */
  readonly source: string;
  /** Whether the weights were learned somewhere. */
  readonly isTransferred: boolean;
  readonly convention: Convention;
  /** What people should know of the weight file: known faults of Keras, layers that were left out. */
  readonly notes: readonly string[];
}

/** Throws `InputError` for a size that the network refuses, `WeightsError` for a file that does not fit it. */
export async function openBackbone(name: ModelName, options: BackboneOptions): Promise<Backbone> {
  const { weights = "imagenet", seed = 0, includeTop = false, pooling } = options;
  const { height = defaultResolution(name), width = defaultResolution(name) } = options;
  const build = (convention: Convention) =>
    buildGraph(name, { height, width, includeTop, ...(pooling && { pooling }), convention });
  if (weights === "random") {
    // Random weights need no rescaling by ImageNet's deviations, but the ImageNet topology is what people compare with.
    const { convention = "keras" } = options;
    const graph = build(convention);
    const model = bind(graph, initialize(graph, seed));
    return { name, height, width, model, source: `random, seed ${seed}`, isTransferred: false, convention, notes: [] };
  }
  const { path, source, ...found } = await findWeights(name, includeTop, weights, options);
  const file = await readWeightFile(path);
  const convention = options.convention ?? found.convention ?? chooseConvention(file, name, path);
  const graph = build(convention);
  const ownHead = includeTop ? [] : headLayers(file);
  const assigned: Weights = assignWeights(expectedWeights(graph), file, path, {
    ignoreLayers: includeTop ? [] : ["predictions", ...ownHead],
  });
  const leftOut = ownHead.length > 0 ? [`the file's own head is left out: ${printable(ownHead.join(", "))}`] : [];
  const notes = [...leftOut, ...kerasFaults(file)];
  return { name, height, width, model: bind(graph, assigned), source, isTransferred: true, convention, notes };
}

/** Layers that somebody put on top of a network, in the file of a whole model. */
function headLayers({ config, tensors }: TensorFile): string[] {
  if (config === undefined) return [];
  const layers = new Set([...tensors.keys()].map((name) => name.slice(0, Math.max(name.lastIndexOf("/"), 0))));
  return [...layers].filter((layer) => !/^(normalization|stem_|block\d|top_|predictions)/.test(layer));
}

/** The network without weights. Throws `InputError` for a size that it refuses. */
export function buildGraph(name: ModelName, options: EfficientNetOptions): Graph {
  try {
    return efficientNet(name, options);
  } catch (cause) {
    if (cause instanceof GraphError) throw new InputError(`${name}: ${cause.message}`, { cause });
    throw cause;
  }
}

interface FoundWeights {
  readonly path: string;
  readonly source: string;
  readonly convention?: Convention;
}

async function findWeights(
  name: ModelName,
  includeTop: boolean,
  weights: string,
  options: BackboneOptions,
): Promise<FoundWeights> {
  if (weights !== "imagenet") return { path: weights, source: weights };
  const { convention = "keras" } = options;
  if (convention !== "keras" && convention !== "keras-unsized") {
    throw new InputError(
      `convention: ImageNet's weights here are Keras', expected keras or keras-unsized, got ${convention}`,
    );
  }
  // The bundled file has timm's names, but Google's preprocessing.
  if (name === bundledModel) {
    return { path: fileURLToPath(weightsUrl), source: "ImageNet, bundled", convention: "keras" };
  }
  if (!modelsWithOfficialWeights.includes(name)) {
    throw new InputError(
      `${name}: no ImageNet weights are bundled or published for it; give a weight file, choose ${bundledModel}, ` +
        'efficientnet-b0 … b7 or efficientnet-v2-…, or begin with "random"',
    );
  }
  const { cache } = options;
  if (cache === undefined)
    throw new InputError(`${name}: its ImageNet weights are downloaded, expected a cache folder for them`);
  const path = await fetchOfficialWeights(name, { ...options, cache, includeTop });
  return { path, source: "ImageNet, Keras' official file" };
}

/** Names of the 1,000 ImageNet classes, in the order of `predictions`. */
export async function imagenetClasses(): Promise<string[]> {
  return JSON.parse(await readFile(classNamesUrl, "utf8"));
}
