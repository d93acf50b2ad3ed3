/** A network, or a trained classifier, as a file for other programs. */
import {
  type Convention,
  encode,
  foldBatchNorm,
  foldChannels,
  GraphError,
  halveWeights,
  InputError,
  imageInput,
  inference,
  kerasFormats,
  lower,
  type Model,
  type ModelName,
  pytorchModelName,
  renameEnds,
  type SafetensorsNaming,
  stemChange,
  writeSafetensorsAs,
} from "@grayling/core";
import { writeAtomically } from "../files/write-atomically.js";
import { classifierEnds, describeInput } from "../run/model-metadata.js";
import { version } from "../version.js";

interface Network {
  readonly name: ModelName;
  readonly convention: Convention;
}

/** What is exported. */
export interface ExportSource {
  /** For people, and Keras' name of the model. */
  readonly name: string;
  /** As it was declared, BatchNorm unfolded: reads [N, channels, H, W], 0–255. */
  readonly model: Model;
  /** Of the network below, where it is one of ours. */
  readonly network?: Network;
  /** What `.onnx` tells besides the predictions of a classifier. */
  readonly judged?: (classifier: Model) => Model;
  /** Texts that go into the file. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ExportOptions {
  /** `.onnx`, `.keras`, `.h5`, `.weights.h5` or `.safetensors`. */
  readonly out: string;
  /** 1: gray, exactly; 3: as declared; another number: an approximation. Default: 1 for `.onnx`, else as declared. */
  readonly channels?: number | undefined;
  /** Of the tensors in `.safetensors`; default "keras". */
  readonly names?: SafetensorsNaming | undefined;
  /** `.onnx` with weights of 16 bits. */
  readonly fp16?: boolean | undefined;
}

export interface Exported {
  readonly bytes: number;
  /** What was done to the stem. */
  readonly stem: string;
  /** How to open it elsewhere, where that is not plain. */
  readonly hint?: string;
}

type Kind = "onnx" | "keras" | "h5" | "weights.h5" | "safetensors";

interface Format {
  /** Weights alone only fit the network that they come from. */
  readonly keepsChannels: boolean;
  readonly write: (model: Model, source: ExportSource, options: ExportOptions) => Uint8Array | Promise<Uint8Array>;
}

const kerasName = ({ name }: ExportSource) => name.replaceAll(/[^\w-]/g, "_") || "model";

const formats: { readonly [K in Kind]: Format } = {
  onnx: {
    keepsChannels: false,
    write(model, { metadata, judged = (classifier) => classifier }, { fp16 }) {
      const folded = foldBatchNorm(model);
      const lowered = lower("classes" in metadata ? judged(renameEnds(folded, classifierEnds)) : folded, inference);
      return encode(fp16 ? halveWeights(lowered) : lowered, metadata);
    },
  },
  keras: { keepsChannels: false, write: (model, source) => kerasFormats[".keras"](model, kerasName(source)) },
  h5: { keepsChannels: true, write: (model) => kerasFormats[".h5"](model) },
  "weights.h5": {
    keepsChannels: true,
    write: (model, source) => kerasFormats[".weights.h5"](model, kerasName(source)),
  },
  safetensors: {
    keepsChannels: false,
    write(model, { metadata, network }, { names = "keras" }) {
      const convention = network && { convention: statedConvention(network, names) };
      return writeSafetensorsAs(model, names, {
        ...metadata,
        ...convention,
        channels: `${imageInput(model.graph).channels}`,
      });
    },
  },
};

/** More than any camera or microscope has; a kernel for millions would take hours. */
const maximumChannels = 1024;

/** timm's names leave out the Normalization of Keras' B0–B7, whose constants "timm-tf" has: the same function. */
const statedConvention = ({ name, convention }: Network, names: SafetensorsNaming): Convention =>
  names === "timm" && convention === "keras" && /-b\d$/.test(name) && !/-v2-/.test(name) ? "timm-tf" : convention;

const extensions: readonly (readonly [string, Kind])[] = [
  [".weights.h5", "weights.h5"],
  [".h5", "h5"],
  [".keras", "keras"],
  [".onnx", "onnx"],
  [".safetensors", "safetensors"],
];

/** What can be told before anything is downloaded. Throws `InputError`. */
export function checkExport({ out, channels, names, fp16 }: ExportOptions): void {
  const kind = kindOf(out);
  if (channels !== undefined && !(channels >= 1 && channels <= maximumChannels))
    throw new InputError(`input: expected 1 to ${maximumChannels} channels, got ${channels}`);
  if (channels !== undefined && channels !== 3 && formats[kind].keepsChannels) {
    throw new InputError(
      `out ${out}: .${kind} holds weights for a network that Keras has built with 3 channels; a network for ` +
        `${channels === 1 ? "1 channel goes" : `${channels} channels goes`} into ${channels === 1 ? ".keras or .onnx" : ".onnx"}`,
    );
  }
  if (fp16 && kind !== "onnx") throw new InputError(`fp16: only .onnx has weights of 16 bits, got ${out}`);
  if (names !== undefined && kind !== "safetensors")
    throw new InputError(`names: only .safetensors has them, got ${out}`);
}

/** Writes the file whole or not at all. Throws `InputError` for options that do not fit each other or the network. */
export async function exportModel(source: ExportSource, options: ExportOptions): Promise<Exported> {
  checkExport(options);
  const { out, names } = options;
  const kind = kindOf(out);
  const declared = imageInput(source.model.graph).channels;
  const { channels = kind === "onnx" ? 1 : declared } = options;
  if (channels !== declared && declared === 1) {
    throw new InputError(`input: ${source.name} was declared with 1 channel, expected 1, got ${channels}`);
  }
  if (channels !== declared && names !== undefined && names !== "keras") {
    throw new InputError(
      `input: ${names} builds a network for ${declared} channels, expected ${declared}, got ${channels}`,
    );
  }
  const hint =
    names === undefined || names === "keras" ? kerasHint(kind, source, out) : pytorchHint(source, names, out);
  const { model, bytes } = await build(source, kind, channels, options).catch((cause: unknown) => {
    if (!(cause instanceof GraphError)) throw cause;
    throw new InputError(`${source.name} as .${kind} for ${channels} channels: ${cause.message}`, { cause });
  });
  await writeAtomically(out, bytes);
  return { bytes: bytes.length, stem: stemChange(source.model, model), ...(hint !== undefined && { hint }) };
}

async function build(source: ExportSource, kind: Kind, channels: number, options: ExportOptions) {
  const isFolded = channels !== imageInput(source.model.graph).channels;
  const model = isFolded ? foldChannels(source.model, channels) : source.model;
  const input = "classes" in source.metadata && { input: describeInput(channels) };
  const metadata = { "grayling.version": version(), ...source.metadata, ...input };
  return { model, bytes: await formats[kind].write(model, { ...source, metadata }, options) };
}

function kindOf(out: string): Kind {
  const found = extensions.find(
    ([extension]) => out.toLowerCase().endsWith(extension) && out.length > extension.length,
  );
  if (found) return found[1];
  throw new InputError(`out ${out}: expected a name that ends in ${extensions.map(([name]) => name).join(", ")}`);
}

/** How Keras opens the file, and what it cannot know. */
function kerasHint(kind: Kind, { network, metadata }: ExportSource, out: string): string | undefined {
  const path = JSON.stringify(out);
  if (kind === "keras") {
    const classes = metadata["classes"];
    const names = classes === undefined ? "" : `; Keras keeps no names of classes, they are in order ${classes}`;
    return `in Python: keras.saving.load_model(${path})${names}`;
  }
  if (kind !== "h5" && kind !== "weights.h5") return undefined;
  const builder = network && kerasBuilder(network.name);
  if (!builder)
    return `in Python: load_weights(${path}) of a model that is built alike, layer by layer; .keras needs none`;
  const isB = /^EfficientNetB/.test(builder);
  const why = isB ? " (one that is built with weights=None lacks a rescaling, and computes something else)" : "";
  return `in Python: keras.applications.${builder}(weights=${isB ? '"imagenet"' : "None"}, …).load_weights(${path})${why}`;
}

/** Keras' function: `EfficientNetV2B0`; none for Lite. */
const kerasBuilder = (name: ModelName): string | undefined =>
  /-lite/.test(name)
    ? undefined
    : `EfficientNet${name.slice("efficientnet-".length).replaceAll("-", "").toUpperCase()}`;

/** Throws `InputError` where PyTorch has no network that computes what the source does. */
function pytorchHint({ name, model, network }: ExportSource, names: "timm" | "torchvision", out: string): string {
  if (!network) {
    throw new InputError(
      `names: ${name} is a model of its own, expected a network for ${names}'s names: export efficientnet-… --weights <the file>`,
    );
  }
  const theirs = pytorchModelName(network.name, network.convention);
  const isTorchvision = network.convention === "torchvision";
  if (theirs === undefined || isTorchvision !== (names === "torchvision")) {
    const other = isTorchvision ? "torchvision" : "timm";
    const advice = theirs === undefined ? "" : `: --names ${other}`;
    throw new InputError(
      `names: ${names} has no network that computes what ${network.name} in the convention of ${network.convention} does${advice}`,
    );
  }
  const [output] = model.graph.outputs;
  const kernel = model.weights.get(`${output}/kernel`);
  const classes = kernel?.shape[1] ?? 0;
  const build = isTorchvision ? `torchvision.models.${theirs}` : `timm.create_model`;
  const size = classes === 1000 ? "" : isTorchvision && classes === 0 ? "" : `num_classes=${classes}`;
  const args = [...(isTorchvision ? [] : [`"${theirs}"`]), ...(size ? [size] : [])].join(", ");
  const strict = isTorchvision && classes === 0 ? ", strict=False" : "";
  return `in Python: ${build}(${args}).load_state_dict(safetensors.torch.load_file(${JSON.stringify(out)})${strict})`;
}
