/** Known faults of Keras that a weight file shows: what to know before trusting what Keras made of it, or will make. */
import { quoted } from "./quoted.js";
import type { TensorFile } from "./tensor-file.js";

/** A sentence for each fault that the file shows, best first; none for a file that is not Keras'. Never throws. */
export function kerasFaults(file: TensorFile): string[] {
  if (file.metadata["layout"] !== "keras") return [];
  const version = versionOf(file);
  const config = configOf(file);
  return [
    normalizationWasOff(file, version),
    stemOfOneChannel(file, version),
    kerasThreeLoadsWrongly(file, version, config),
    kerasThreeCannotLoad(file, version, config),
    ...codeInTheFile(config),
  ].filter((note) => note !== undefined);
}

/**
 * Before Keras 3.6, reading a `.h5` set the weights of `Normalization`, but not the mean and variance that it computes
 * with. So `weights="imagenet"` gave B0–B7 that saw images without normalization until they were saved and loaded again.
 * Source: github.com/keras-team/keras, issue 20147 and pull request 20168 (merged, August 2024).
 */
function normalizationWasOff({ tensors }: TensorFile, version: Version | undefined): string | undefined {
  if (!isBetween(version, [3, 0, 0], [3, 6, 0])) return undefined;
  const mean = [...tensors].find(([name]) => /^normalization(_\d+)?\/mean$/.test(name))?.[1];
  if (!mean?.data.some((value) => value !== 0)) return undefined;
  return (
    `saved by Keras ${show(version)}: before 3.6, EfficientNetB0–B7 with ImageNet weights computed without their ` +
    "normalization until saved and loaded again (keras issue 20147). The weights here are right, but what was trained " +
    "on top of them saw other values: if the results are poor, train that again"
  );
}

/**
 * Keras 3.11.0–3.11.3 inferred the extents behind `Rescaling` from its scale (pull request 21351), so that networks
 * declared with 3 channels got a stem for 1.
 * Source: github.com/keras-team/keras, issues 21529 and 21692; gone in 3.14.1 at the latest.
 */
function stemOfOneChannel({ tensors }: TensorFile, version: Version | undefined): string | undefined {
  if (!isBetween(version, [3, 11, 0], [3, 11, 4]) || tensors.get("stem_conv/kernel")?.shape[2] !== 1) return undefined;
  return (
    `saved by Keras ${show(version)}: 3.11.0 to 3.11.3 built EfficientNets with a stem for 1 channel although they were ` +
    "declared with 3 (keras issues 21529, 21692). If this one was not meant for gray images, build and train it with another Keras"
  );
}

/**
 * `load_model` of Keras 3 gives a model inside a model its weights, but finishes (`finalize_state`) only layers of the
 * outer one. Found with Keras 3.15.1: a B0 in a `Sequential` was off by 0.22 in probability, without a word.
 * Source: Keras 3.15.1, `keras/src/legacy/saving/legacy_h5_format.py`, `_set_weights`.
 */
function kerasThreeLoadsWrongly(
  { tensors, metadata }: TensorFile,
  version: Version | undefined,
  config: readonly LayerConfig[],
): string | undefined {
  const isInside = config.some(({ className, depth }) => className === "Normalization" && depth > 0);
  const hasMean = [...tensors.keys()].some((name) => /^normalization(_\d+)?\/mean$/.test(name));
  if (metadata["format"] !== "h5" || version?.[0] !== 3 || !isInside || !hasMean) return undefined;
  return (
    "a whole model as .h5 with a network inside: Keras 3 itself loads such a file wrongly, the inner Normalization " +
    "keeps mean 0 and variance 1 until its finalize_state() is called. The weights in the file are right; save as .keras instead"
  );
}

/**
 * Keras 2 describes a multiplication by a constant, as B0–B7 have it, as a layer `TFOpLambda`, which Keras 3 lacks.
 * Found with Keras 3.15.1; other reasons for which it refuses older files: github.com/keras-team/keras, issue 19151.
 */
function kerasThreeCannotLoad(
  { metadata }: TensorFile,
  version: Version | undefined,
  config: readonly LayerConfig[],
): string | undefined {
  const lambda = config.find(({ className }) => className === "TFOpLambda");
  if (metadata["format"] !== "h5" || version?.[0] !== 2 || !lambda) return undefined;
  return (
    `a whole model of Keras ${show(version)}: Keras 3 cannot load it, it does not know the class TFOpLambda of ` +
    `${quoted(lambda.name)}. The weights in it are right: Keras 3 takes them by load_weights() into a model that it has built itself`
  );
}

/** `Lambda` holds Python's bytecode. Source: Keras 3.15.1, `keras/src/layers/core/lambda_layer.py`. */
const codeInTheFile = (config: readonly LayerConfig[]): string[] =>
  config
    .filter(({ className }) => className === "Lambda")
    .map(
      ({ name }) =>
        `the layer ${quoted(name)} (Lambda) is Python code inside the file: grayling never runs it, and knows no weights of it`,
    );

type Version = readonly [major: number, minor: number, patch: number];

const show = (version: Version | undefined): string => version?.join(".") ?? "an unknown version";

function versionOf({ metadata }: TensorFile): Version | undefined {
  const groups = /^(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)/.exec(metadata["keras_version"] ?? "")?.groups;
  return groups && [Number(groups["major"]), Number(groups["minor"]), Number(groups["patch"])];
}

/** Whether first ≤ version < end. */
function isBetween(version: Version | undefined, first: Version, end: Version): boolean {
  if (!version) return false;
  const compare = (other: Version) => version[0] - other[0] || version[1] - other[1] || version[2] - other[2];
  return compare(first) >= 0 && compare(end) < 0;
}

interface LayerConfig {
  readonly name: string;
  readonly className: string;
  /** 0 in the model itself, 1 in a model inside of it. */
  readonly depth: number;
}

/** Every layer that the description of the model lists, as far as it is one; the depth of the text is limited. */
function configOf({ config }: TensorFile): LayerConfig[] {
  const layersIn = (model: unknown, depth: number): LayerConfig[] =>
    list(field(field(model, "config"), "layers")).flatMap((layer) => {
      const name = text(field(layer, "name")) ?? text(field(field(layer, "config"), "name")) ?? "?";
      const className = text(field(layer, "class_name"));
      return className === undefined ? [] : [{ name, className, depth }, ...layersIn(layer, depth + 1)];
    });
  return layersIn(config, 0);
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? value[name as keyof typeof value]
    : undefined;
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
