/** Which layers of a network train: `head`, `block6`, `all`, or patterns on Keras' names. */
import { didYouMean, nearestWords } from "../../did-you-mean.js";
import { InputError } from "../../errors.js";
import { type Graph, type Node, nodesOf } from "../../graph/graph.js";

/** Layers that a word names begin with this; everything above them trains too. */
const words: Readonly<Record<string, string>> = {
  head: "",
  top: "top_",
  ...Object.fromEntries([7, 6, 5, 4, 3, 2, 1].map((stage) => [`block${stage}`, `block${stage}`])),
  all: "",
};

/** The words, from the least that trains to the most. */
export const unfreezeWords: readonly string[] = [
  "head",
  "top",
  ...[7, 6, 5, 4, 3, 2, 1].map((stage) => `block${stage}`),
  "all",
];

/** Those that name something in `graph`: there are networks of six blocks. */
export function unfreezeWordsOf(graph: Graph): readonly string[] {
  const layers = weightedLayers(graph);
  return unfreezeWords.filter((word) => layers.some((name) => name.startsWith(words[word]!)));
}

/**
 * Names of the layers of `graph` that `text` lets train, in order; none for `head`. A word stands for its layers and all
 * above them, patterns (`*` for anything), separated by commas, for just what they name.
 * Throws `InputError` for a pattern that no layer with weights matches, with the nearest names.
 */
export function selectLayers(graph: Graph, text: string): readonly string[] {
  const layers = weightedLayers(graph);
  const word = text.trim().toLowerCase();
  if (word === "head") return [];
  if (word === "all") return layers;
  const prefix = Object.hasOwn(words, word) ? words[word] : undefined;
  if (prefix !== undefined) {
    const first = layers.findIndex((name) => name.startsWith(prefix));
    if (first === -1) {
      const known = unfreezeWordsOf(graph).join(", ");
      throw new InputError(`unfreeze "${text}": this network has no such block, expected one of ${known}`);
    }
    return layers.slice(first);
  }
  const patterns = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const matched = new Set<string>();
  for (const pattern of patterns) {
    const expression = new RegExp(`^${pattern.split("*").map(escaped).join(".*")}$`);
    const found = layers.filter((name) => expression.test(name));
    if (found.length === 0) {
      const near = nearestPatterns(pattern, layers).join(", ");
      const known = unfreezeWordsOf(graph);
      throw new InputError(
        `unfreeze "${pattern}": matches no layer with weights; the nearest are ${near}; or say ${known.join(", ")}${didYouMean(pattern, known)}`,
      );
    }
    for (const name of found) matched.add(name);
  }
  if (patterns.length === 0)
    throw new InputError(
      `unfreeze "${text}": expected ${unfreezeWords.join(", ")}, or patterns such as 'block6*,top_*'`,
    );
  return layers.filter((name) => matched.has(name));
}

/** Weights of these layers that training changes: kernels and biases; those of normalizations where `normalizations` train. */
export function trainedWeights(graph: Graph, layers: readonly string[], normalizations: boolean): string[] {
  const chosen = new Set(layers);
  return nodesOf(graph, "Weight")
    .filter(({ layer, attrs }) => attrs.trainable && layer && chosen.has(layer.name))
    .filter((node) => normalizations || !isOfNormalization(node))
    .map(({ name }) => name);
}

const isOfNormalization = ({ layer }: Node) => layer?.className === "BatchNormalization";

/** Layers with weights that train, in order. */
function weightedLayers(graph: Graph): string[] {
  const names = nodesOf(graph, "Weight").flatMap(({ layer, attrs }) => (attrs.trainable && layer ? [layer.name] : []));
  return [...new Set(names)];
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Three patterns that match: layers' names, and their beginnings where the pattern asks for more than one layer. */
function nearestPatterns(pattern: string, names: readonly string[]): string[] {
  if (!pattern.includes("*")) return nearestWords(pattern, names).slice(0, 3);
  // block6a_expand_conv: block6, block6a, block6a_expand
  const beginnings = names.flatMap((name) =>
    [...name.matchAll(/(?<=\d)|(?=_)/g)].map(({ index }) => name.slice(0, index)),
  );
  const nearest = nearestWords(pattern.replaceAll("*", ""), [...new Set(beginnings)]);
  return nearest.slice(0, 3).map((beginning) => `${beginning}*`);
}
