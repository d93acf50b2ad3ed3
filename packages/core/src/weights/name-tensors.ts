/** The tensors of a weight file by our names, whoever wrote it: Keras, grayling, timm or torchvision. */

import { WeightsError } from "../errors.js";
import type { Tensor } from "../graph/tensor.js";
import type { ExpectedWeight } from "./expected-weights.js";
import { fromKeras, toKerasShape } from "./layout.js";
import type { PytorchNaming } from "./pytorch-modules.js";
import {
  exchangePytorchLayout,
  pytorchClassifierNames,
  pytorchCounters,
  pytorchNames,
  pytorchShape,
} from "./pytorch-names.js";
import { quoted } from "./quoted.js";
import type { TensorFile } from "./tensor-file.js";
import { layerOfWeight, variableOfWeight } from "./weight-name.js";

/** How a file's tensors lie. */
export interface FileLayout {
  /** The shape that the file should have, so that its owner recognizes it. */
  readonly shape: (weight: ExpectedWeight) => readonly number[];
  /** A tensor of that shape in our layout; exact. */
  readonly read: (weight: ExpectedWeight, tensor: Tensor) => Tensor;
  /** Where a convolution's kernel has its input channels. */
  readonly inputAxis: 1 | 2;
}

export interface NamedFile {
  readonly naming: "keras" | PytorchNaming;
  readonly layout: FileLayout;
  /** By `layer/variable`, in the file's layout. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** The file's names by ours, where they are not the same. */
  readonly theirs: ReadonlyMap<string, string>;
  /** Names that mean nothing in this network. */
  readonly unknown: readonly string[];
}

const layouts: { readonly [L in "keras" | "grayling" | "pytorch"]: FileLayout } = {
  keras: {
    shape: ({ name, className, shape }) => toKerasShape(className, variableOfWeight(name), shape),
    read: ({ name, className }, tensor) => fromKeras(className, variableOfWeight(name), tensor),
    inputAxis: 2,
  },
  grayling: { shape: ({ shape }) => shape, read: (_, tensor) => tensor, inputAxis: 1 },
  pytorch: { shape: pytorchShape, read: exchangePytorchLayout, inputAxis: 1 },
};

/** How each naming is told from the others: no name belongs to two. */
const marks: { readonly [N in NamedFile["naming"]]: RegExp } = {
  keras: /\//,
  timm: /^((conv_stem|bn1|blocks|conv_head|bn2)\.[^/]*|classifier\.(weight|bias))$/,
  torchvision: /^(features|classifier)\.\d[^/]*$/,
};

/** Throws `WeightsError` for names of several kinds or of none, and for a `layout` in the metadata that does not exist. */
export function nameTensors(file: TensorFile, expected: readonly ExpectedWeight[], source: string): NamedFile {
  const naming = namingOf(file, source);
  if (naming !== "keras") return namePytorchTensors(file, expected, naming);
  const layout = file.metadata["layout"] ?? "keras";
  if (layout !== "keras" && layout !== "grayling") {
    throw new WeightsError(`${source}: layout ${quoted(layout)}, expected "grayling" or "keras"`);
  }
  const tensors = withPlainNormalization(file.tensors);
  return { naming, layout: layouts[layout], tensors, theirs: new Map(), unknown: [] };
}

/**
 * Whose names a file has. Throws `WeightsError` where they are of several kinds or of none. An empty file is Keras'.
 * timm names `efficientnet_b0` and `tf_efficientnet_b0` alike: their files do not say which of the two they are.
 */
export function namingOf({ tensors }: TensorFile, source: string): NamedFile["naming"] {
  const names = [...tensors.keys()];
  const found = (Object.keys(marks) as NamedFile["naming"][]).flatMap((naming) => {
    const name = names.find((candidate) => marks[naming].test(candidate));
    return name === undefined ? [] : [{ naming, name }];
  });
  const [first, second] = found;
  if (first && second) {
    const of = ({ naming, name }: typeof first) => `${quoted(name)} (${naming})`;
    throw new WeightsError(`${source}: tensors named in two ways, expected one: ${of(first)}, ${of(second)}`);
  }
  if (!first && names[0] !== undefined) {
    const expected = "layer/variable (keras), conv_stem.weight (timm) or features.0.0.weight (torchvision)";
    throw new WeightsError(
      `${source}: tensors named in no way that is known, expected ${expected}, got ${quoted(names[0])}`,
    );
  }
  return first?.naming ?? "keras";
}

function namePytorchTensors(file: TensorFile, expected: readonly ExpectedWeight[], naming: PytorchNaming): NamedFile {
  const theirs = new Map([...pytorchClassifierNames(naming), ...pytorchNames(expected, naming)]);
  const ours = new Map([...theirs].map(([our, their]) => [their, our]));
  const counters = new Set(pytorchCounters(theirs.values()));
  const tensors = new Map<string, Tensor>();
  const unknown: string[] = [];
  for (const [their, tensor] of file.tensors) {
    const our = ours.get(their);
    if (our !== undefined) tensors.set(our, tensor);
    else if (!counters.has(their)) unknown.push(their);
  }
  return { naming, layout: layouts.pytorch, tensors, theirs, unknown };
}

/** Keras calls the layer `normalization_1` if another model was built before; no model of ours has two. */
function withPlainNormalization(tensors: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const isNormalization = /^normalization(_\d+)?$/;
  const layers = new Set([...tensors.keys()].map(layerOfWeight).filter((layer) => isNormalization.test(layer)));
  if (layers.size !== 1 || layers.has("normalization")) return tensors;
  const plain = (name: string) => (layers.has(layerOfWeight(name)) ? `normalization/${variableOfWeight(name)}` : name);
  return new Map([...tensors].map(([name, tensor]) => [plain(name), tensor]));
}
