/**
 * Which module of timm's or torchvision's network holds a layer: names without their last word.
 *
 * Sources: timm 1.0.31, `timm/models/efficientnet.py` (`EfficientNet`) and `_efficientnet_blocks.py` (`ConvBnAct`,
 * `DepthwiseSeparableConv`, `InvertedResidual`, `EdgeResidual`, `SqueezeExcite`); torchvision 0.29.2,
 * `torchvision/models/efficientnet.py` (`EfficientNet`, `MBConv`, `FusedMBConv`) and `ops/misc.py` (`SqueezeExcitation`).
 */

/**
 *   separable   MBConv that does not expand: depthwise, squeeze and excite, project; the first stage of B and Lite
 *   inverted    MBConv: expand, depthwise, squeeze and excite, project
 *   edge        fused MBConv: expand k×k, project 1×1
 *   plain       fused MBConv that does not expand: one k×k convolution, Keras' `project`; the first stage of V2
 */
export type BlockKind = "separable" | "inverted" | "edge" | "plain";

/** Modules by layer. Stochastic depth, activations and pooling hold no tensors and have no names here. */
export interface ModuleTable {
  /** Outside the blocks; `stages` is the network's number of them. */
  readonly outer: (stages: number) => Readonly<Record<string, string>>;
  /** What the modules of a block begin with; stage and repeat count from 0. */
  readonly prefix: (stage: number, repeat: number) => string;
  /** By what follows the block's prefix in Keras' name of the layer. */
  readonly blocks: { readonly [K in BlockKind]: Readonly<Record<string, string>> };
}

/** One name may stand for two layers: `bn1` follows the depthwise convolution in the first stage, the expansion in others. */
const timm: ModuleTable = {
  outer: () => ({
    stem_conv: "conv_stem",
    stem_bn: "bn1",
    top_conv: "conv_head",
    top_bn: "bn2",
    predictions: "classifier",
  }),
  prefix: (stage, repeat) => `blocks.${stage}.${repeat}.`,
  blocks: {
    separable: {
      dwconv: "conv_dw",
      bn: "bn1",
      se_reduce: "se.conv_reduce",
      se_expand: "se.conv_expand",
      project_conv: "conv_pw",
      project_bn: "bn2",
    },
    inverted: {
      expand_conv: "conv_pw",
      expand_bn: "bn1",
      dwconv: "conv_dw",
      bn: "bn2",
      se_reduce: "se.conv_reduce",
      se_expand: "se.conv_expand",
      project_conv: "conv_pwl",
      project_bn: "bn3",
    },
    edge: { expand_conv: "conv_exp", expand_bn: "bn1", project_conv: "conv_pwl", project_bn: "bn2" },
    plain: { project_conv: "conv", project_bn: "bn1" },
  },
};

/** Positions in `Sequential`s: stem, stages and top are `features.0`, `1` … , and what a block lacks shifts the rest. */
const torchvision: ModuleTable = {
  outer: (stages) => ({
    stem_conv: "features.0.0",
    stem_bn: "features.0.1",
    top_conv: `features.${stages + 1}.0`,
    top_bn: `features.${stages + 1}.1`,
    predictions: "classifier.1", // after the dropout, 0
  }),
  prefix: (stage, repeat) => `features.${stage + 1}.${repeat}.block.`,
  blocks: {
    separable: {
      dwconv: "0.0",
      bn: "0.1",
      se_reduce: "1.fc1",
      se_expand: "1.fc2",
      project_conv: "2.0",
      project_bn: "2.1",
    },
    inverted: {
      expand_conv: "0.0",
      expand_bn: "0.1",
      dwconv: "1.0",
      bn: "1.1",
      se_reduce: "2.fc1",
      se_expand: "2.fc2",
      project_conv: "3.0",
      project_bn: "3.1",
    },
    edge: { expand_conv: "0.0", expand_bn: "0.1", project_conv: "1.0", project_bn: "1.1" },
    plain: { project_conv: "0.0", project_bn: "0.1" },
  },
};

export type PytorchNaming = "timm" | "torchvision";

export const moduleTables: { readonly [N in PytorchNaming]: ModuleTable } = { timm, torchvision };
