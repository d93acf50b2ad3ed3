/** timm's and torchvision's names and layouts for the weights of a network, both ways. */

import type { Tensor } from "../graph/tensor.js";
import type { ExpectedWeight } from "./expected-weights.js";
import { rearrange } from "./layout.js";
import { type BlockKind, type ModuleTable, moduleTables, type PytorchNaming } from "./pytorch-modules.js";
import { variableOfWeight } from "./weight-name.js";

/** PyTorch's word for a variable, by Keras' class of its layer. */
const parameters: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Conv2D: { kernel: "weight" },
  DepthwiseConv2D: { kernel: "weight" },
  Dense: { kernel: "weight", bias: "bias" },
  BatchNormalization: { gamma: "weight", beta: "bias", moving_mean: "running_mean", moving_variance: "running_var" },
};

/** Only the squeeze and the excitation have a bias; in a folded network others have one, and PyTorch's no place for it. */
const squeezeParameters = { kernel: "weight", bias: "bias" };

/**
 * PyTorch's name of each weight, by ours: `block2a_dwconv/kernel` is timm's `blocks.1.0.conv_dw.weight`. Which layers a
 * block has decides what they are called, so a network's weights are named together. Absent: weights that have no
 * counterpart, as Normalization's (PyTorch's files hold no preprocessing), and layers that are not EfficientNet's.
 */
export function pytorchNames(expected: readonly ExpectedWeight[], naming: PytorchNaming): ReadonlyMap<string, string> {
  const modules = pytorchModules(new Set(expected.map(({ layer }) => layer)), moduleTables[naming]);
  return new Map(
    expected.flatMap(({ name, layer, className }) => {
      const module = modules.get(layer);
      const words = /_se_(reduce|expand)$/.test(layer) ? squeezeParameters : (lookUp(parameters, className) ?? {});
      const parameter = lookUp(words, variableOfWeight(name));
      return module !== undefined && parameter !== undefined ? [[name, `${module}.${parameter}`] as const] : [];
    }),
  );
}

/** The classifier's names by ours; a file may hold it although the network has none. */
export const pytorchClassifierNames = (naming: PytorchNaming): ReadonlyMap<string, string> =>
  pytorchNames(
    ["kernel", "bias"].map((variable) => {
      return { name: `predictions/${variable}`, layer: "predictions", className: "Dense", shape: [] };
    }),
    naming,
  );

/**
 * The counters among PyTorch's names: one per batch normalization, of the batches it was trained with. It is int64, and
 * read only where a normalization has no momentum, which none of these networks has.
 */
export const pytorchCounters = (names: Iterable<string>): string[] =>
  [...names].flatMap((name) =>
    name.endsWith(".running_var") ? [name.replace(/running_var$/, "num_batches_tracked")] : [],
  );

/** The shape that PyTorch gives a weight: [out, in] of a dense layer, ours elsewhere (convolutions are OIHW). */
export const pytorchShape = ({ name, className, shape }: ExpectedWeight): readonly number[] =>
  isTransposed(name, className) ? shape.toReversed() : shape;

/** A tensor of ours as PyTorch lays it out, and back: the same rearrangement. */
export const exchangePytorchLayout = ({ name, className }: ExpectedWeight, tensor: Tensor): Tensor =>
  isTransposed(name, className) ? rearrange(tensor, [1, 0]) : tensor;

const isTransposed = (name: string, className: string): boolean =>
  className === "Dense" && variableOfWeight(name) === "kernel";

function pytorchModules(layers: ReadonlySet<string>, table: ModuleTable): ReadonlyMap<string, string> {
  const placed = [...layers].map((layer) => ({ layer, block: /^(block(\d)([a-z])_)(.+)$/.exec(layer) }));
  const outer = table.outer(Math.max(0, ...placed.map(({ block }) => Number(block?.[2] ?? 0))));
  return new Map(
    placed.flatMap(({ layer, block }) => {
      const module = block ? blockModule(block, layers, table) : lookUp(outer, layer);
      return module === undefined ? [] : [[layer, module] as const];
    }),
  );
}

function blockModule(block: RegExpExecArray, layers: ReadonlySet<string>, table: ModuleTable): string | undefined {
  const [, prefix, stage, letter, part] = block as unknown as [string, string, string, string, string]; // its four groups
  // V2's depthwise convolutions are `dwconv2`.
  const name = lookUp(table.blocks[kindOf(prefix, layers)], part === "dwconv2" ? "dwconv" : part);
  const repeat = letter.charCodeAt(0) - "a".charCodeAt(0);
  return name === undefined ? undefined : table.prefix(Number(stage) - 1, repeat) + name;
}

function kindOf(prefix: string, layers: ReadonlySet<string>): BlockKind {
  const isExpanded = layers.has(`${prefix}expand_conv`);
  const isDepthwise = layers.has(`${prefix}dwconv`) || layers.has(`${prefix}dwconv2`);
  if (isDepthwise) return isExpanded ? "inverted" : "separable";
  return isExpanded ? "edge" : "plain";
}

// `Object.hasOwn`: a layer may be called "constructor".
const lookUp = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;
