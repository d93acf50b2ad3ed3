/** Matches a weight file with a model: every weight by name, in our layout, nothing missing and nothing left over. */
import { WeightsError } from "../errors.js";
import { showShape, type Tensor } from "../graph/tensor.js";
import type { ExpectedWeight } from "./expected-weights.js";
import { fromKeras, rearrange, toKerasShape } from "./layout.js";
import type { TensorFile } from "./tensor-file.js";
import { fromTimmName } from "./timm-names.js";

export interface AssignOptions {
  /** Layers whose tensors the file may hold although the model has none, e.g. `["predictions"]`. Default: none. */
  readonly ignoreLayers?: readonly string[];
}

/** How a file names its tensors and lays them out. */
type Convention = "keras" | "grayling" | "timm";

/** The file's tensors by `layer/variable`, in the file's layout; `unknown` are those whose name means nothing to us. */
interface Named {
  readonly convention: Convention;
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly unknown: readonly string[];
}

type Problem = { readonly kind: "missing" | "of another shape" | "not in the model"; readonly text: string };

/** How many problems an error tells in full; the others are counted. */
const maximumProblems = 5;

/**
 * The model's weights by name, in our layout, from a file with Keras' names (Keras' layout, or ours if the metadata's
 * `layout` is `grayling`) or timm's. timm has no `normalization/count`: it becomes 0, which inference does not read.
 * Throws `WeightsError`, beginning with `source`, that lists what is missing, left over or of another shape.
 */
export function assignWeights(
  expected: readonly ExpectedWeight[],
  file: TensorFile,
  source: string,
  { ignoreLayers = [] }: AssignOptions = {},
): Map<string, Tensor> {
  const named = nameTensors(file, source);
  const problems = findProblems(expected, named, ignoreLayers);
  if (problems.length > 0) throw new WeightsError(report(source, problems, hintFor(expected, named)));
  return new Map(
    expected.map(({ name, className }) => {
      const tensor = named.tensors.get(name)!;
      return [name, named.convention === "keras" ? fromKeras(className, variableOf(name), tensor) : tensor];
    }),
  );
}

function nameTensors({ tensors, metadata }: TensorFile, source: string): Named {
  // Keras and we always have a "/" in a name, timm never.
  if (tensors.size > 0 && ![...tensors.keys()].some((name) => name.includes("/"))) return nameTimmTensors(tensors);
  const layout = metadata["layout"] ?? "keras";
  if (layout !== "keras" && layout !== "grayling") {
    throw new WeightsError(`${source}: layout ${JSON.stringify(layout)}, expected "grayling" or "keras"`);
  }
  return { convention: layout, tensors: withPlainNormalization(tensors), unknown: [] };
}

function nameTimmTensors(tensors: ReadonlyMap<string, Tensor>): Named {
  const named = new Map<string, Tensor>([["normalization/count", { shape: [], data: new Float32Array(1) }]]);
  const unknown: string[] = [];
  for (const [timmName, tensor] of tensors) {
    const meaning = fromTimmName(timmName);
    if (meaning.kind === "unknown") unknown.push(timmName);
    if (meaning.kind !== "weight") continue;
    const isTransposed = meaning.isTransposed && tensor.shape.length === 2;
    named.set(meaning.name, isTransposed ? rearrange(tensor, [1, 0]) : tensor);
  }
  return { convention: "timm", tensors: named, unknown };
}

/** Keras calls the layer `normalization_1` if another model was built before; no model of ours has two. */
function withPlainNormalization(tensors: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const isNormalization = /^normalization(_\d+)?$/;
  const layers = new Set([...tensors.keys()].map(layerOf).filter((layer) => isNormalization.test(layer)));
  if (layers.size !== 1 || layers.has("normalization")) return tensors;
  const plain = (name: string) => (layers.has(layerOf(name)) ? `normalization/${variableOf(name)}` : name);
  return new Map([...tensors].map(([name, tensor]) => [plain(name), tensor]));
}

function findProblems(expected: readonly ExpectedWeight[], named: Named, ignoreLayers: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  for (const weight of expected) {
    const { name, className } = weight;
    const shape = storedShape(weight, named.convention);
    const got = named.tensors.get(name)?.shape;
    const start = `${name} (${className}): expected ${showShape(shape)}`;
    if (!got) problems.push({ kind: "missing", text: `${start}, the file has none` });
    else if (!isSameShape(shape, got))
      problems.push({ kind: "of another shape", text: `${start}, got ${showShape(got)}` });
  }
  const known = new Set(expected.map(({ name }) => name));
  // The count that stands in for timm's missing one is not in the file.
  const isIgnored = (name: string) =>
    ignoreLayers.includes(layerOf(name)) || (named.convention === "timm" && name === "normalization/count");
  const left = [...named.tensors.keys()].filter((name) => !known.has(name) && !isIgnored(name));
  for (const name of [...left, ...named.unknown]) {
    const got = named.tensors.get(name)?.shape;
    const text = `${JSON.stringify(name)}: the model has no such weight${got ? `, got ${showShape(got)}` : ""}`;
    problems.push({ kind: "not in the model", text });
  }
  return problems;
}

/** The shape that the file should have: Keras' order of axes for a file of Keras', so that its owner recognizes it. */
const storedShape = ({ name, className, shape }: ExpectedWeight, convention: Convention): readonly number[] =>
  convention === "keras" ? toKerasShape(className, variableOf(name), shape) : shape;

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

/** What to do about the two mismatches that are easy to make: the stem's channels and the classifier. */
function hintFor(expected: readonly ExpectedWeight[], named: Named): string | undefined {
  const stem = expected.find(({ name }) => name === "stem_conv/kernel");
  const got = named.tensors.get("stem_conv/kernel")?.shape;
  const axis = named.convention === "keras" ? 2 : 1;
  const [wanted, channels] = [stem?.shape[1], got?.[axis]];
  if (wanted !== undefined && channels !== undefined && got?.length === 4 && wanted !== channels) {
    return `the file is for images of ${channels} channel${channels === 1 ? "" : "s"}, the model reads ${wanted}: ${
      wanted === 1 ? "load it into a model of 3 channels and fold that for grayscale" : "build the model for as many"
    }`;
  }
  const hasClassifier = [...named.tensors.keys()].some((name) => layerOf(name) === "predictions");
  if (hasClassifier && !expected.some(({ layer }) => layer === "predictions")) {
    return "the file has a classifier (predictions), the model none: load it with the top, or ignore that layer";
  }
  return undefined;
}

const layerOf = (name: string): string => name.slice(0, Math.max(name.lastIndexOf("/"), 0));
const variableOf = (name: string): string => name.slice(name.lastIndexOf("/") + 1);
