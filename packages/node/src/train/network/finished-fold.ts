/** What a fold of an unfinished cross-validation gave, on disk, so that it is not trained again. */
import { readFile } from "node:fs/promises";
import { readSafetensors, WeightsError, writeSafetensors } from "@grayling/core";
import { writeAtomically } from "../../files/write-atomically.js";

/** `probabilities` of the fold's own images, all behind each other. `key` tells the training. */
export async function writeFold(path: string, key: string, probabilities: Float32Array): Promise<void> {
  const tensor = { shape: [probabilities.length], data: probabilities };
  await writeAtomically(path, writeSafetensors(new Map([["probabilities", tensor]]), { key }));
}

/** Undefined where there is none of this key: then the fold is trained. `onWarning` is told of one that cannot be read. */
export async function readFold(
  path: string,
  key: string,
  onWarning: (message: string) => void,
): Promise<Float32Array | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!bytes) return undefined;
  try {
    const { tensors, metadata } = readSafetensors(bytes);
    return metadata["key"] === key ? tensors.get("probabilities")?.data : undefined;
  } catch (error) {
    if (!(error instanceof WeightsError)) throw error;
    onWarning(`${path}: ${error.message}; the fold is trained again`);
    return undefined;
  }
}
