/** Reads a weight file of any format that grayling knows; the content decides which, not the name. */
import { readFile } from "node:fs/promises";
import {
  InputError,
  readKerasArchive,
  readKerasH5,
  readSafetensors,
  type TensorFile,
  WeightsError,
} from "@grayling/core";
import { didYouMean } from "../did-you-mean.js";

const hdf5Signature = [0x89, 0x48, 0x44, 0x46]; // \x89HDF
const zipSignature = [0x50, 0x4b, 0x03, 0x04]; // PK

/** `.h5`, `.weights.h5`, `.keras` or `.safetensors`. Throws `InputError` where there is no such file, `WeightsError` where it holds no weights. */
export async function readWeightFile(path: string): Promise<TensorFile> {
  const bytes = await readBytes(path);
  if (startsWith(bytes, hdf5Signature)) return prefixed(path, () => readKerasH5(bytes));
  if (startsWith(bytes, zipSignature)) return prefixed(path, () => readKerasArchive(bytes));
  return prefixed(path, async () => readSafetensors(bytes));
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : (cause as Error).message;
    throw new InputError(
      `weights ${path}: ${reason}, expected a weight file, "imagenet" or "random"${didYouMean(path, ["imagenet", "random"])}`,
      { cause },
    );
  }
}

/** The readers know bytes, not files: the path goes before what they say. */
async function prefixed(path: string, read: () => Promise<TensorFile>): Promise<TensorFile> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof WeightsError)) throw cause;
    throw new WeightsError(`${path}: ${cause.message}`, { cause });
  }
}

const startsWith = (bytes: Uint8Array, signature: readonly number[]) => signature.every((byte, i) => bytes[i] === byte);
