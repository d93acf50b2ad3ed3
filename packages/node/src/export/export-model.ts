/** A network, or a trained classifier, as a file for other programs. */
import {
  type Convention,
  encode,
  foldBatchNorm,
  foldChannels,
  halveWeights,
  InputError,
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
import { classifierEnds } from "../run/model-metadata.js";
import { version } from "../version.js";

/** What is exported. */
export interface ExportSource {
  /** For people, and Keras' name of the model. */
  readonly name: string;
  /** As it was declared, BatchNorm unfolded: reads [N, channels, H, W], 0–255. */
  readonly model: Model;
  /** Of the network below, where it is one of ours. */
  readonly network?: { readonly name: ModelName; readonly convention: Convention };
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
    write(model, { metadata }, { fp16 }) {
      const folded = foldBatchNorm(model);
      const lowered = lower("classes" in metadata ? renameEnds(folded, classifierEnds) : folded, inference);
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
      const convention = network && { convention: network.convention };
      return writeSafetensorsAs(model, names, { ...metadata, ...convention, channels: `${channelsOf(model)}` });
    },
  },
};

/** More than any camera or microscope has; a kernel for millions would take hours. */
const maximumChannels = 1024;

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
  if (channels === 1 && formats[kind].keepsChannels) {
    throw new InputError(
      `out ${out}: .${kind} holds weights for a network that Keras has built with 3 channels; a network for 1 channel goes ` +
        "into .keras or .onnx",
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
  const declared = channelsOf(source.model);
  const { channels = kind === "onnx" ? 1 : declared } = options;
  if (channels !== declared && declared === 1) {
    throw new InputError(`input: ${source.name} was declared with 1 channel, expected 1, got ${channels}`);
  }
  if (channels !== declared && names !== undefined && names !== "keras") {
    throw new InputError(
      `input: ${names} builds a network for ${declared} channels, expected ${declared}, got ${channels}`,
    );
  }
  const hint = names === undefined || names === "keras" ? kerasHint(kind, out) : pytorchHint(source, names);
  const model = channels === declared ? source.model : foldChannels(source.model, channels);
  const stated = { ...source, metadata: { "grayling.version": version(), ...source.metadata } };
  const bytes = await formats[kind].write(model, stated, options);
  await writeAtomically(out, bytes);
  return { bytes: bytes.length, stem: stemChange(source.model, model), ...(hint !== undefined && { hint }) };
}

function kindOf(out: string): Kind {
  const found = extensions.find(
    ([extension]) => out.toLowerCase().endsWith(extension) && out.length > extension.length,
  );
  if (found) return found[1];
  throw new InputError(`out ${out}: expected a name that ends in ${extensions.map(([name]) => name).join(", ")}`);
}

function channelsOf({ graph }: Model): number {
  const input = [...graph.nodes.values()].find(({ op }) => op === "Input");
  return input!.shape[1] as number; // a network reads images
}

const kerasHint = (kind: Kind, out: string): string | undefined =>
  kind === "keras" ? `in Python: keras.saving.load_model(${JSON.stringify(out)})` : undefined;

/** Throws `InputError` where PyTorch has no network that computes what the source does. */
function pytorchHint({ name, network }: ExportSource, names: "timm" | "torchvision"): string {
  const theirs = network && pytorchModelName(network.name, network.convention);
  const isTorchvision = network?.convention === "torchvision";
  if (theirs === undefined || isTorchvision !== (names === "torchvision")) {
    const why = network ? `${network.name} in the convention of ${network.convention}` : name;
    throw new InputError(`names: ${names} has no network that computes what ${why} does`);
  }
  return isTorchvision ? `in Python: torchvision.models.${theirs}()` : `in Python: timm.create_model("${theirs}")`;
}
