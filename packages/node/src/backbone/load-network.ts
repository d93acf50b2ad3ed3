/** A network as its weight file wants it: convention, channels and topology, and the weights in it. */
import {
  affineInput,
  assignWeights,
  bind,
  type Convention,
  type EfficientNetOptions,
  expectedWeights,
  type Graph,
  InputError,
  imagenetStd,
  kerasFaults,
  layerOfWeight,
  type Model,
  type ModelName,
  printable,
  readKerasModel,
  type TensorFile,
  WeightsError,
} from "@grayling/core";
import { buildGraph } from "./build-graph.js";
import { chooseConvention } from "./choose-convention.js";

export interface LoadOptions extends Pick<EfficientNetOptions, "includeTop" | "pooling" | "topology"> {
  readonly height: number; // px
  readonly width: number; // px
  /** Default: what the file tells. */
  readonly convention?: Convention | undefined;
}

export interface LoadedNetwork {
  readonly model: Model;
  readonly convention: Convention;
  /** What people should know of the file. */
  readonly notes: readonly string[];
}

/**
 * Throws `WeightsError` for a file that does not fit the network, and for a whole model that prepares its input in another
 * way; `InputError` where only the user can tell how the weights were trained.
 */
export function loadNetwork(name: ModelName, file: TensorFile, path: string, options: LoadOptions): LoadedNetwork {
  const own = file.config === undefined ? undefined : describeOwn(file, path, options);
  const convention = options.convention ?? chooseConvention(file, name, path);
  const channels = stemChannels(file) === 1 && file.metadata["channels"] !== "1" ? 1 : 3; // "1": folded by us
  const topologies = options.topology ? [options.topology] : possibleTopologies(name, channels, file, own?.model);
  const ownHead = options.includeTop ? [] : headLayers(file);
  const ignoreLayers = options.includeTop ? [] : ["predictions", ...ownHead];
  const { height, width, includeTop = false, pooling } = options;
  for (const topology of topologies) {
    const shape = { height, width, channels, includeTop, ...(pooling && { pooling }) };
    const graph: Graph = buildGraph(name, { ...shape, convention, topology });
    const model = bind(graph, assignWeights(expectedWeights(graph), file, path, { ignoreLayers }));
    if (own && !preparesAlike(model, own.model)) continue;
    const leftOut = ownHead.length > 0 ? [`the file's own head is left out: ${printable(ownHead.join(", "))}`] : [];
    const bare = own === undefined && topology === "none" && channels === 3 ? [noTopology] : [];
    const unsized = own?.isUnsized && convention === "keras" ? [withoutSize] : [];
    const described = own && !own.isUnsized ? own.notes : kerasFaults(file);
    return { model, convention, notes: [...leftOut, ...bare, ...unsized, ...described] };
  }
  throw new WeightsError(
    `${path}: prepares its input in another way than ${name} does: export the model as it is, or save its weights alone`,
  );
}

const noTopology = "its normalization was never adapted: read as built with weights=None, without ImageNet's rescaling";

const withoutSize =
  "declared without a size, where Keras pads every extent as if it were even; built for this size here: --convention keras-unsized keeps its borders";

interface OwnModel {
  readonly model: Model;
  readonly isUnsized: boolean;
  readonly notes: readonly string[];
}

/** The whole model that the file describes; `height` and `width` are only asked for where it leaves them open. */
function describeOwn(file: TensorFile, path: string, { height, width }: LoadOptions): OwnModel {
  try {
    return { ...readKerasModel(file, path), isUnsized: false };
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    return { ...readKerasModel(file, path, { height, width }), isUnsized: true };
  }
}

/** Input channels of the first convolution, whoever named it; undefined where it is not found. */
function stemChannels({ tensors, metadata }: TensorFile): number | undefined {
  const names = ["stem_conv/kernel", "conv_stem.weight", "features.0.0.weight"];
  const name = names.find((candidate) => tensors.has(candidate));
  const shape = name === undefined ? undefined : tensors.get(name)!.shape;
  const isChannelsLast = name === names[0] && metadata["layout"] !== "grayling";
  return shape?.[isChannelsLast ? 2 : 1];
}

/**
 * B0–B7 have one more rescaling with ImageNet weights, which no weight shows; what is stored as the variance does: the
 * standard deviation with it, 1 without. A whole model describes itself.
 */
function possibleTopologies(
  name: ModelName,
  channels: number,
  { tensors }: TensorFile,
  own: Model | undefined,
): readonly ("imagenet" | "none")[] {
  if (channels !== 3) return ["none"];
  if (own) return ["imagenet", "none"];
  const variance = tensors.get("normalization/variance")?.data;
  if (!variance || !/^efficientnet-b\d$/.test(name)) return ["imagenet"];
  if (isNear(variance, imagenetStd)) return ["imagenet"];
  if (isNear(variance, [1, 1, 1])) return ["none"];
  throw new InputError(
    `weights: the file does not tell whether ${name} was built with Keras' ImageNet weights or with weights=None ` +
      `(variance ${[...variance].map((value) => value.toPrecision(3)).join(", ")}): --topology imagenet or none`,
  );
}

const isNear = (values: ArrayLike<number>, expected: readonly number[]): boolean =>
  values.length === expected.length && expected.every((value, i) => Math.abs(values[i]! - value) <= 1e-3 * value);

/** Whether both bring a gray level to the stem by the same line, channel by channel; 1e-5: float32 constants. */
function preparesAlike(model: Model, own: Model): boolean {
  const ours = affineInput(model, "weights");
  const theirs = affineInput(own, "weights");
  return ours.scale.every((value, c) => {
    const [offset, other] = [ours.offset[c]!, theirs.offset[c] ?? Number.NaN];
    return (
      Math.abs(value - theirs.scale[c]!) <= 1e-5 * value && Math.abs(offset - other) <= 1e-5 * (1 + Math.abs(offset))
    );
  });
}

/** Layers that somebody put on top of a network, in the file of a whole model. */
function headLayers({ config, tensors }: TensorFile): string[] {
  if (config === undefined) return [];
  const layers = new Set([...tensors.keys()].map(layerOfWeight));
  return [...layers].filter((layer) => !/^(normalization|stem_|block\d|top_|predictions)/.test(layer));
}
