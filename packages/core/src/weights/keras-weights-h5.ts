/**
 * Keras 3's own HDF5 layout, `.weights.h5`: groups by class and number (`batch_normalization_7/vars/0`), with the
 * layer's name as attribute of `vars`; a model inside the model has `layers` of its own.
 * Source: Keras 3.15.1, `keras/src/saving/saving_lib.py`, `_save_state` and `H5IOStore`.
 */
import { WeightsError } from "../errors.js";
import { showShape, type Tensor } from "../graph/tensor.js";
import type { Hdf5Group } from "./hdf5.js";
import { quoted, shortened } from "./quoted.js";

/** Models in models. */
const maximumDepth = 32;

interface ClassVariables {
  /** In order of creation, which is the order in the file; with the number of axes. */
  readonly variables: readonly (readonly [name: string, rank: number])[];
  /** How many there must be: the others are optional. */
  readonly required: number;
}

const convolution: ClassVariables = {
  variables: [
    ["kernel", 4],
    ["bias", 1],
  ],
  required: 1,
};

/** By Keras' class in snake case. The file numbers variables and does not name them. */
const classes: Readonly<Record<string, ClassVariables>> = {
  conv2d: convolution,
  depthwise_conv2d: convolution,
  dense: {
    variables: [
      ["kernel", 2],
      ["bias", 1],
    ],
    required: 1,
  },
  // Without `center` or `scale` three numbers remain, and nothing in the file tells which: refused.
  batch_normalization: {
    variables: [
      ["gamma", 1],
      ["beta", 1],
      ["moving_mean", 1],
      ["moving_variance", 1],
    ],
    required: 4,
  },
  normalization: {
    variables: [
      ["mean", 1],
      ["variance", 1],
      ["count", 0],
    ],
    required: 3,
  },
};

/** All variables below a group `layers` by `layer/variable`; those of other classes by number, `layer/0`. */
export function readKerasWeightsH5(layers: Hdf5Group): ReadonlyMap<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  collect(layers, "", tensors, 0);
  return tensors;
}

function collect(group: Hdf5Group, groupName: string, tensors: Map<string, Tensor>, depth: number): void {
  if (depth > maximumDepth)
    throw new WeightsError(`Keras file: ${shortened(group.path)}: expected at most ${maximumDepth} levels`);
  const className = groupName.replace(/_\d+$/, "");
  // The random state of a dropout: no weight, and it has no name of its own.
  if (className === "seed_generator") return;
  for (const child of group.childNames()) {
    const childGroup = group.group(child);
    if (!childGroup) continue;
    if (child === "vars") addVariables(childGroup, className, tensors);
    else collect(childGroup, child, tensors, depth + 1);
  }
}

function addVariables(vars: Hdf5Group, className: string, tensors: Map<string, Tensor>): void {
  const numbers = [...vars.childNames()].sort((a, b) => Number(a) - Number(b));
  if (numbers.length === 0) return;
  const layer = vars.texts("name")?.[0];
  if (layer === undefined) {
    throw new WeightsError(
      `Keras file: ${shortened(vars.path)} has no attribute "name": this older Keras 3 did not store the layers' names. ` +
        "Load the weights into the model with a newer Keras and save them again",
    );
  }
  if (numbers.some((number, n) => number !== String(n))) {
    throw new WeightsError(
      `Keras file: ${shortened(layer)}: expected variables 0, 1, 2, …, got ${shortened(numbers.join(", "))}`,
    );
  }
  const found = numbers.map((number) => vars.tensor(number));
  for (const [n, variable] of variableNames(layer, className, found).entries()) {
    const name = `${layer}/${variable}`;
    if (tensors.has(name)) throw new WeightsError(`Keras file: ${quoted(name)} occurs twice, expected it once`);
    tensors.set(name, found[n]!);
  }
}

function variableNames(layer: string, className: string, found: readonly Tensor[]): readonly string[] {
  const known = Object.hasOwn(classes, className) ? classes[className] : undefined;
  if (!known) return found.map((_, n) => String(n));
  const { variables, required } = known;
  const fits = found.every(({ shape }, n) => shape.length === variables[n]?.[1]);
  if (found.length >= required && fits) return variables.slice(0, found.length).map(([name]) => name);
  const expected = variables.map(([name, rank], n) => `${name} (${rank} axes)${n < required ? "" : " or none"}`);
  const shapes = found.map(({ shape }) => showShape(shape));
  throw new WeightsError(
    `Keras file: ${shortened(layer)} (${className}): expected ${expected.join(", ")}, got ${shortened(shapes.join(", "))}`,
  );
}
