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

/** Writes the file whole or not at all. Throws `InputError` for other channels or another kind of file. */
export async function exportBackbone(
  { name, model, source }: Backbone,
  { channels, out }: ExportOptions,
): Promise<void> {
  if (channels !== 1 && channels !== 3) throw new InputError(`input: expected 1 or 3 channels, got ${channels}`);
  const metadata = { "grayling.version": version(), backbone: name, weights: source };
  const extension = extname(out).toLowerCase();
  if (extension === ".onnx") {
    const folded = foldBatchNorm(channels === 1 ? foldGrayscale(model) : model);
    await writeAtomically(out, encode(lower(folded, inference), metadata));
  } else if (extension === ".safetensors") {
    const weights = channels === 1 ? foldGrayscale(model).weights : model.weights;
    await writeAtomically(out, writeKerasNames(weights, { ...metadata, channels: `${channels}` }));
  } else {
    throw new InputError(`out ${out}: expected a name that ends in .onnx or .safetensors`);
  }
}
