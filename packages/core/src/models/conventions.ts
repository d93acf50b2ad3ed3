/**
 * Whose network it is. Keras, timm and torchvision compute the same layers with other borders, another epsilon and other
 * preprocessing; weights are exact only in the convention that they were trained in.
 *
 * Sources: Keras 3.15.1, `keras/src/applications/{efficientnet,efficientnet_v2,imagenet_utils}.py`; timm 1.0.31,
 * `timm/models/efficientnet.py` (`_cfg`, `_gen_efficientnet*`) and `timm/layers/padding.py`; torchvision 0.29.2,
 * `torchvision/models/efficientnet.py`.
 */
import { GraphError } from "../errors.js";
import type { BatchNormOptions, Padding } from "./layers.js";
import type { Preprocessing } from "./preprocessing.js";
import { type Family, type FamilyName, families, type ModelName, variants } from "./variants.js";

/**
 *   keras           `keras.applications`
 *   keras-unsized   the same, declared without height and width: B and Lite then pad as if every extent were even
 *   timm            `efficientnet_b0`, `efficientnetv2_s`, …: symmetric padding, PyTorch's epsilon
 *   timm-tf         `tf_efficientnet_b0`, …: TensorFlow's padding and epsilon
 *   torchvision     `torchvision.models.efficientnet_b0`, …
 */
export type Convention = "keras" | "keras-unsized" | "timm" | "timm-tf" | "torchvision";

/** What a convention decides for one network. */
export interface Arithmetic {
  /** Before a stride of 2. */
  readonly padding: Padding;
  readonly batchNorm: BatchNormOptions;
  readonly preprocessing: Preprocessing;
}

interface Rule {
  readonly padding: (family: Family) => Padding;
  readonly batchNorm: (name: ModelName, family: Family) => BatchNormOptions;
  /** By family; none: the convention knows no such network. */
  readonly preprocessing: { readonly [F in FamilyName]?: Preprocessing };
}

const kerasBatchNorm = (_: ModelName, { momentum }: Family): BatchNormOptions => ({ epsilon: 1e-3, momentum });
const kerasPreprocessing = Object.fromEntries(
  Object.entries(families).map(([name, { preprocessing }]) => [name, preprocessing]),
) as { readonly [F in FamilyName]: Preprocessing }; // the families' own names

/**
 * timm's default configurations. Single checkpoints differ: `.ap_in1k` and `.ra4_e3600…`, and with them the default of
 * `efficientnet_b1` and `tf_efficientnetv2_b3`, want "symmetric-127.5".
 */
const timmPreprocessing = {
  b: "imagenet-constants",
  lite: "imagenet-constants",
  "v2-s": "imagenet-constants",
  "v2-m": "imagenet-constants",
  "v2-l": "imagenet-constants",
} as const;

/** Of timm's `tf_` networks. */
const timmTfPreprocessing = {
  b: "imagenet-constants",
  lite: "symmetric-127.5",
  "v2-b": "imagenet-constants",
  "v2-s": "symmetric-127.5",
  "v2-m": "symmetric-127.5",
  "v2-l": "symmetric-127.5",
} as const;

const rules: { readonly [C in Convention]: Rule } = {
  keras: { padding: () => "same", batchNorm: kerasBatchNorm, preprocessing: kerasPreprocessing },
  // V2 leaves padding to its convolutions, which see the real extents.
  "keras-unsized": {
    padding: ({ version }) => (version === 1 ? "even" : "same"),
    batchNorm: kerasBatchNorm,
    preprocessing: kerasPreprocessing,
  },
  timm: {
    padding: () => "symmetric",
    batchNorm: () => ({ epsilon: 1e-5, momentum: 0.9 }),
    preprocessing: timmPreprocessing,
  },
  "timm-tf": {
    padding: () => "same",
    batchNorm: () => ({ epsilon: 1e-3, momentum: 0.9 }),
    preprocessing: timmTfPreprocessing,
  },
  torchvision: {
    padding: () => "symmetric",
    batchNorm: (name) =>
      /-b[0-4]$/.test(name)
        ? { epsilon: 1e-5, momentum: 0.9 }
        : { epsilon: 1e-3, momentum: /-b/.test(name) ? 0.99 : 0.9 },
    preprocessing: {
      b: "imagenet-constants",
      "v2-s": "imagenet-constants",
      "v2-m": "imagenet-constants",
      "v2-l": "symmetric-127.5",
    },
  },
};

export const conventions = Object.keys(rules) as Convention[]; // the keys of a closed table

/** Throws `GraphError` where the convention has no such network. */
export function arithmeticOf(name: ModelName, convention: Convention): Arithmetic {
  const { padding, batchNorm, preprocessing } = rules[convention];
  const { family: familyName } = variants[name];
  const family: Family = families[familyName];
  const prepared = preprocessing[familyName];
  if (!prepared) throw new GraphError(`${name}: ${convention} has no such network`);
  return { padding: padding(family), batchNorm: batchNorm(name, family), preprocessing: prepared };
}
