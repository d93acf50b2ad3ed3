/** Writes a model's weights as safetensors, with the names and layouts of Keras, timm or torchvision. */
import { WeightsError } from "../errors.js";
import type { Model } from "../graph/model.js";
import { weightOf } from "../graph/model.js";
import type { Tensor } from "../graph/tensor.js";
import { imagenetMean, imagenetStd } from "../models/preprocessing.js";
import { type ExpectedWeight, expectedWeights } from "./expected-weights.js";
import type { PytorchNaming } from "./pytorch-modules.js";
import { exchangePytorchLayout, pytorchCounters, pytorchNames } from "./pytorch-names.js";
import { writeSafetensors } from "./safetensors.js";
import { writeKerasNames } from "./write-keras-names.js";

/** "keras": Keras' names in our layout (PyTorch's order of axes), which the metadata says. */
export type SafetensorsNaming = "keras" | PytorchNaming;

/**
 * A safetensors file that `assignWeights` reads back bit by bit. timm's and torchvision's are whole state dicts, counters
 * included, for `load_state_dict(…, strict=True)` of the network that `pytorchModelName` names. They hold no
 * preprocessing: whoever uses them scales the image as the model's convention does. The same input gives the same bytes.
 *
 * Throws `WeightsError` where PyTorch's network has no place for a weight: a folded network's biases, another head than
 * `predictions`, a normalization that is not ImageNet's.
 */
export function writeSafetensorsAs(
  model: Model,
  naming: SafetensorsNaming,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  if (naming === "keras") return writeKerasNames(model.weights, metadata);
  const expected = expectedWeights(model.graph);
  const names = pytorchNames(expected, naming);
  requirePlaces(model, expected, names, naming);
  const tensors = new Map<string, Tensor>();
  for (const weight of expected) {
    const name = names.get(weight.name);
    if (name !== undefined) tensors.set(name, exchangePytorchLayout(weight, weightOf(model, weight.name)));
  }
  const counters = pytorchCounters(tensors.keys());
  for (const name of counters) tensors.set(name, { shape: [], data: new Float32Array(1) });
  return writeSafetensors(tensors, { ...metadata, format: "pt" }, new Set(counters));
}

/** Nothing is left out silently: only preprocessing that everybody knows may stay behind. */
function requirePlaces(
  model: Model,
  expected: readonly ExpectedWeight[],
  names: ReadonlyMap<string, string>,
  naming: PytorchNaming,
): void {
  const homeless = expected.find(({ name, className }) => !names.has(name) && className !== "Normalization");
  if (homeless) {
    const advice = homeless.name.endsWith("/bias") ? "; unfold the model first" : "";
    throw new WeightsError(`${homeless.name}: ${naming}'s network has no place for this weight${advice}`);
  }
  // With Keras' ImageNet weights, the variance holds the deviation, which `rescaling_1` makes up for.
  const power = model.graph.nodes.has("rescaling_1") ? 1 : 2;
  const published: Readonly<Record<string, readonly number[]>> = {
    "normalization/mean": imagenetMean,
    "normalization/variance": imagenetStd.map((std) => std ** power),
  };
  for (const { name } of expected) {
    const wanted = published[name];
    if (wanted && !isSameFloat32(weightOf(model, name), wanted)) {
      const got = [...weightOf(model, name).data].join(", ");
      const why = `${naming}'s files hold no preprocessing`;
      throw new WeightsError(`${name}: ${why}, expected ImageNet's [${wanted.join(", ")}], got [${got}]`);
    }
  }
}

/** Equal but for a last bit, which a square in double or in single precision decides. */
const isSameFloat32 = ({ data }: Tensor, values: readonly number[]): boolean =>
  data.length === values.length && values.every((value, i) => Math.abs(data[i]! - value) <= 1e-6 * value);
