/** The network to explain, with weights that are at hand: nothing is downloaded that was not asked for. */
import { bind, calmWeights, defaultResolution, type ModelName, modelsWithOfficialWeights } from "@grayling/core";
import { buildGraph } from "../backbone/build-graph.js";
import { type Backbone, type BackboneOptions, bundledModel, openBackbone } from "../backbone/open-backbone.js";
import { officialFile } from "../weights/fetch-official.js";

/**
 * As `openBackbone`, with pooled features as its output. Without `weights`: ImageNet's, if they are bundled or in the
 * cache, else random ones, as for "random", under which rounding stays rounding (`calmWeights`).
 */
export async function openExplained(name: ModelName, options: BackboneOptions): Promise<Backbone> {
  const { weights = (await isAtHand(name, options)) ? "imagenet" : "random", seed = 0 } = options;
  const { height = defaultResolution(name), width = defaultResolution(name), convention = "keras" } = options;
  const shape = { height, width, includeTop: false, pooling: "avg" } as const;
  if (weights !== "random") return openBackbone(name, { ...options, ...shape, weights });
  const graph = buildGraph(name, { ...shape, convention });
  const model = bind(graph, calmWeights(graph, seed));
  const source = `random, seed ${seed}`;
  const hint =
    options.weights === undefined && modelsWithOfficialWeights.includes(name)
      ? [
          "ImageNet weights are not on this machine: --weights imagenet downloads them. The answer does not depend on them",
        ]
      : [];
  return { name, height, width, model, source, isTransferred: false, convention, notes: hint };
}

async function isAtHand(name: ModelName, { cache }: BackboneOptions): Promise<boolean> {
  if (name === bundledModel) return true;
  if (cache === undefined || !modelsWithOfficialWeights.includes(name)) return false;
  return (await officialFile(name, { cache, includeTop: false })).bytes !== undefined;
}
