/** The network of a run as `summary` shows it: what was trained, its head included, and which layers it was. */
import { freezeAllBut, type Graph, InputError, printable, selectLayers, trainedWeights } from "@grayling/core";
import { openSource } from "../export/open-source.js";
import { backboneFile, readRunConfig } from "../run/run-config.js";

/** A graph whose weights are marked as trained or frozen, and what people should know of it. */
export interface RunSummary {
  readonly title: string;
  readonly graph: Graph;
  readonly notes: readonly string[];
}

/** `cache` is where downloaded weights lie. Throws `InputError` for a folder that `train` has not written. */
export async function summarizeRun(folder: string, cache: string): Promise<RunSummary> {
  const { options, trained, classes, weights } = await readRunConfig(folder);
  const { source } = await openSource(folder, { cache });
  const { graph } = source.model;
  const { network, model, height, width } = options;
  const kept = trained === backboneFile ? network : undefined;
  const tried = network && !kept ? `; training ${network.unfreeze} was no better and is not kept` : "";
  const normalizations = kept?.batchNorm === "train" ? "" : ", batch normalizations stayed frozen";
  const what = kept ? `${kept.unfreeze} and the head were trained${normalizations}` : `the head was trained${tried}`;
  return {
    title: source.name,
    graph: freezeAllBut(graph, [
      ...trainedWeights(graph, layersOf(graph, kept?.unfreeze), kept?.batchNorm === "train"),
    ]),
    notes: [`${model} for ${classes.length} classes, ${height} × ${width} px, weights: ${printable(weights)}`, what],
  };
}

/** The head's, and those that were unfrozen; the head is all that comes after the network's last pooling. */
function layersOf(graph: Graph, unfreeze: string | undefined): string[] {
  const layers = [...graph.nodes.values()].flatMap(({ layer }) => (layer ? [layer] : []));
  const pooling = layers.findLastIndex(({ className }) => /^Global.*Pooling2D$/.test(className));
  if (pooling === -1) throw new InputError("summary: the run's network ends in no pooling");
  const ofHead = layers.slice(pooling + 1).map(({ name }) => name);
  return [...(unfreeze === undefined ? [] : selectLayers(graph, unfreeze)), ...ofHead];
}
