/** A network with its weights, from wherever the user wants them. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  bind,
  type Convention,
  defaultResolution,
  type EfficientNetOptions,
  InputError,
  initialize,
  type Model,
  type ModelName,
  modelsWithOfficialWeights,
} from "@grayling/core";
import { classNamesUrl, weightsUrl } from "@grayling/weights-lite0";
import { fetchOfficialWeights } from "../weights/fetch-official.js";
import { readWeightFile } from "../weights/read-weight-file.js";
import type { DownloadProgress } from "../weights/receive.js";
import { buildGraph } from "./build-graph.js";
import { loadNetwork } from "./load-network.js";

/** The network whose ImageNet weights come with grayling. */
export const bundledModel: ModelName = "efficientnet-lite0";

export interface BackboneOptions extends Pick<EfficientNetOptions, "height" | "width" | "includeTop" | "pooling"> {
  /** "imagenet" (default): bundled or downloaded; "random": nothing is transferred; else the path of a weight file. */
  readonly weights?: string | undefined;
  /** Whose borders, epsilon and preprocessing; default: what the weight file tells, for random weights Keras'. */
  readonly convention?: Convention | undefined;
  /** Of B0–B7: whether it has the rescaling of Keras' ImageNet weights; default: what the weight file tells. */
  readonly topology?: "imagenet" | "none" | undefined;
  /** Of random weights; default 0. */
  readonly seed?: number | undefined;
  /** Folder for downloaded files; without one nothing is downloaded. */
  readonly cache?: string | undefined;
  /** What a user can do who cannot download; default: what commands with `--weights` offer. */
  readonly otherwise?: string | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Backbone {
  readonly name: ModelName;
  readonly height: number; // px
  readonly width: number; // px
  /** Reads [N, 3, H, W], 0–255; one channel where the weights are of a network that was declared with one. */
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
  const shape = { height, width, includeTop, ...(pooling && { pooling }) };
  if (weights === "random") {
    // Random weights need no rescaling by ImageNet's deviations, but the ImageNet topology is what people compare with.
    const { convention = "keras", topology = "imagenet" } = options;
    const graph = buildGraph(name, { ...shape, convention, topology });
    const model = bind(graph, initialize(graph, seed));
    return { name, height, width, model, source: `random, seed ${seed}`, isTransferred: false, convention, notes: [] };
  }
  const { path, source, ...found } = await findWeights(name, includeTop, weights, options);
  const { convention = found.convention, topology } = options;
  const wanted = { ...shape, convention, ...(topology && { topology }) };
  const network = loadNetwork(name, await readWeightFile(path), path, wanted);
  return { ...network, name, height, width, source, isTransferred: true };
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
      `${name}: no ImageNet weights are bundled or published for it, only for ${bundledModel}, efficientnet-b0 … b7 and ` +
        'efficientnet-v2-…; training can begin with a weight file or "random"',
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
