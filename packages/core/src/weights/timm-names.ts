/**
 * timm's names for an EfficientNet (B and Lite) in Keras' words.
 * Source: timm 0.6.13, `timm/models/efficientnet.py` and `efficientnet_blocks.py`: `EfficientNet`,
 * `DepthwiseSeparableConv`, `InvertedResidual`, `SqueezeExcite`.
 */

export type TimmName =
  /** `name` is `layer/variable`. `isTransposed`: timm has [out, in], we (in, out). Convolutions lie as ours, OIHW. */
  | { readonly kind: "weight"; readonly name: string; readonly isTransposed: boolean }
  /** A number that training counts and inference does not read. */
  | { readonly kind: "counter" }
  | { readonly kind: "unknown" };

/** Modules outside the blocks. */
const outer: Readonly<Record<string, string>> = {
  conv_stem: "stem_conv",
  bn1: "stem_bn",
  conv_head: "top_conv",
  bn2: "top_bn",
  classifier: "predictions",
};

/** A block of the first stage: depthwise, squeeze and excite, project. */
const separable: Readonly<Record<string, string>> = {
  conv_dw: "dwconv",
  bn1: "bn",
  "se.conv_reduce": "se_reduce",
  "se.conv_expand": "se_expand",
  conv_pw: "project_conv",
  bn2: "project_bn",
};

/** A block of the others: expand, depthwise, squeeze and excite, project. Some names mean other layers than above. */
const inverted: Readonly<Record<string, string>> = {
  conv_pw: "expand_conv",
  bn1: "expand_bn",
  conv_dw: "dwconv",
  bn2: "bn",
  "se.conv_reduce": "se_reduce",
  "se.conv_expand": "se_expand",
  conv_pwl: "project_conv",
  bn3: "project_bn",
};

const batchNormVariables: Readonly<Record<string, string>> = {
  weight: "gamma",
  bias: "beta",
  running_mean: "moving_mean",
  running_var: "moving_variance",
};

const affineVariables: Readonly<Record<string, string>> = { weight: "kernel", bias: "bias" };

/** What a name of timm's means; total: `blocks.1.0.conv_dw.weight` is `block2a_dwconv/kernel`, `foo` is unknown. */
export function fromTimmName(timmName: string): TimmName {
  const { module = "", parameter = "" } = /^(?<module>.+)\.(?<parameter>\w+)$/.exec(timmName)?.groups ?? {};
  const layer = layerOf(module);
  if (layer === undefined) return { kind: "unknown" };
  const isBatchNorm = /(^|\.)bn\d$/.test(module);
  if (isBatchNorm && parameter === "num_batches_tracked") return { kind: "counter" };
  const variable = lookUp(isBatchNorm ? batchNormVariables : affineVariables, parameter);
  if (variable === undefined) return { kind: "unknown" };
  return { kind: "weight", name: `${layer}/${variable}`, isTransposed: timmName === "classifier.weight" };
}

function layerOf(module: string): string | undefined {
  const groups = /^blocks\.(?<stage>\d)\.(?<block>1?\d|2[0-5])\.(?<part>.+)$/.exec(module)?.groups;
  if (!groups) return lookUp(outer, module);
  const { stage, block, part } = groups as { stage: string; block: string; part: string };
  const name = lookUp(stage === "0" ? separable : inverted, part);
  const letter = String.fromCharCode("a".charCodeAt(0) + Number(block));
  return name === undefined ? undefined : `block${Number(stage) + 1}${letter}_${name}`;
}

// `Object.hasOwn`: a file may hold a tensor named "constructor".
const lookUp = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;
