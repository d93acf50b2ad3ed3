/** The bare backbone as a file for other programs. */
import { extname } from "node:path";
import { encode, foldBatchNorm, foldGrayscale, InputError, inference, lower, writeKerasNames } from "@grayling/core";
import type { Backbone } from "../backbone/open-backbone.js";
import { writeAtomically } from "../files/write-atomically.js";
import { version } from "../version.js";

export interface ExportOptions {
  /** 1: folded for gray levels [N, 1, H, W]; 3: as it is, [N, 3, H, W]. Both read 0–255. */
  readonly channels: number;
  /** `.onnx`: the network; `.safetensors`: its weights by Keras' names. */
  readonly out: string;
}

type ExportKind = "onnx" | "safetensors";

/** A network for gray levels has 1 channel; weights keep their 3, so that they can be loaded again. */
export const defaultChannels = (out: string): number => (kindOf(out) === "onnx" ? 1 : 3);

/** Throws `InputError` for other channels or another kind of file; `exportBackbone` does, too. */
export function checkExport({ channels, out }: ExportOptions): ExportKind {
  if (channels !== 1 && channels !== 3) throw new InputError(`input: expected 1 or 3 channels, got ${channels}`);
  return kindOf(out);
}

function kindOf(out: string): ExportKind {
  const extension = extname(out).toLowerCase();
  if (extension === ".onnx") return "onnx";
  if (extension === ".safetensors") return "safetensors";
  throw new InputError(`out ${out}: expected a name that ends in .onnx or .safetensors`);
}

/** Writes the file whole or not at all. */
export async function exportBackbone({ name, model, source }: Backbone, options: ExportOptions): Promise<void> {
  const kind = checkExport(options);
  const { channels, out } = options;
  const metadata = { "grayling.version": version(), backbone: name, weights: source };
  const gray = channels === 1 ? foldGrayscale(model) : model;
  const bytes =
    kind === "onnx"
      ? encode(lower(foldBatchNorm(gray), inference), metadata)
      : writeKerasNames(gray.weights, { ...metadata, channels: `${channels}` });
  await writeAtomically(out, bytes);
}
