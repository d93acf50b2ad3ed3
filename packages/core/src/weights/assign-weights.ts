/** Matches a weight file with a model: every weight by name, in our layout, nothing missing and nothing left over. */

import { WeightsError } from "../errors.js";
import { showShape, type Tensor } from "../graph/tensor.js";
import type { ExpectedWeight } from "./expected-weights.js";
import { type NamedFile, nameTensors } from "./name-tensors.js";
import { quoted } from "./quoted.js";
import type { TensorFile } from "./tensor-file.js";
import { layerOfWeight } from "./weight-name.js";

export interface AssignOptions {
  /** Layers whose tensors the file may hold although the model has none, e.g. `["predictions"]`. Default: none. */
  readonly ignoreLayers?: readonly string[];
}

type Problem = { readonly kind: "missing" | "of another shape" | "not in the model"; readonly text: string };

/** How many problems an error tells in full; the others are counted. */
const maximumProblems = 5;

/**
 * The model's weights by name, in our layout, from a file with Keras' names (Keras' layout, or ours if the metadata's
 * `layout` is `grayling`), timm's or torchvision's. Throws `WeightsError`, beginning with `source`, for names of several
 * kinds, and one that lists what is missing, left over or of another shape.
 */
export function assignWeights(
  expected: readonly ExpectedWeight[],
  file: TensorFile,
  source: string,
  { ignoreLayers = [] }: AssignOptions = {},
): Map<string, Tensor> {
  const named = nameTensors(file, expected, source);
  const problems = findProblems(expected, named, ignoreLayers);
  if (problems.length > 0) throw new WeightsError(report(source, problems, hintFor(expected, named)));
  return new Map(expected.map((weight) => [weight.name, named.layout.read(weight, named.tensors.get(weight.name)!)]));
}

function findProblems(
  expected: readonly ExpectedWeight[],
  named: NamedFile,
  ignoreLayers: readonly string[],
): Problem[] {
  const problems: Problem[] = [];
  for (const weight of expected) {
    const { name, className } = weight;
    const shape = named.layout.shape(weight);
    const got = named.tensors.get(name)?.shape;
    const start = `${name} (${named.theirs.get(name) ?? className}): expected ${showShape(shape)}`;
    if (!got) problems.push({ kind: "missing", text: `${start}, the file has none` });
    else if (!isSameShape(shape, got))
      problems.push({ kind: "of another shape", text: `${start}, got ${showShape(got)}` });
  }
  const known = new Set(expected.map(({ name }) => name));
  const left = [...named.tensors].filter(([name]) => !known.has(name) && !ignoreLayers.includes(layerOfWeight(name)));
  for (const [name, { shape }] of left) {
    const text = `${quoted(named.theirs.get(name) ?? name)}: the model has no such weight, got ${showShape(shape)}`;
    problems.push({ kind: "not in the model", text });
  }
  for (const name of named.unknown) {
    problems.push({ kind: "not in the model", text: `${quoted(name)}: the model has no such weight` });
  }
  return problems;
}

const isSameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((extent, axis) => extent === b[axis]);

function report(source: string, problems: readonly Problem[], hint: string | undefined): string {
  const told = problems.slice(0, maximumProblems).map(({ text }) => `  ${text}`);
  const rest = problems.slice(maximumProblems);
  const kinds = (["missing", "of another shape", "not in the model"] as const).flatMap((kind) => {
    const count = rest.filter((problem) => problem.kind === kind).length;
    return count > 0 ? [`${count} ${kind}`] : [];
  });
  const count = problems.length === 1 ? "1 weight differs" : `${problems.length} weights differ`;
  const lines = [`${source}: does not fit the model, ${count}:`, ...told];
  if (rest.length > 0) lines.push(`  and ${rest.length} more: ${kinds.join(", ")}`);
  if (hint !== undefined) lines.push(hint);
  return lines.join("\n");
}

/** What to do about the mismatches that are easy to make: the stem's channels, the classifier, and the preprocessing. */
function hintFor(expected: readonly ExpectedWeight[], { naming, layout, tensors }: NamedFile): string | undefined {
  const stem = expected.find(({ name }) => name === "stem_conv/kernel");
  const got = tensors.get("stem_conv/kernel")?.shape;
  const [wanted, channels] = [stem?.shape[1], got?.[layout.inputAxis]];
  if (wanted !== undefined && channels !== undefined && got?.length === 4 && wanted !== channels) {
    return `the file is for images of ${channels} channel${channels === 1 ? "" : "s"}, the model reads ${wanted}: ${
      wanted === 1 ? "load it into a model of 3 channels and fold that for grayscale" : "build the model for as many"
    }`;
  }
  if (naming !== "keras" && expected.some(({ className }) => className === "Normalization")) {
    const conventions = naming === "timm" ? '"timm-tf" or "timm"' : '"torchvision"';
    return `${naming}'s files hold no preprocessing, here it has weights: build the model in the convention ${conventions}`;
  }
  const hasClassifier = [...tensors.keys()].some((name) => layerOfWeight(name) === "predictions");
  if (hasClassifier && !expected.some(({ layer }) => layer === "predictions")) {
    return "the file has a classifier (predictions), the model none: load it with the top, or ignore that layer";
  }
  return undefined;
}
