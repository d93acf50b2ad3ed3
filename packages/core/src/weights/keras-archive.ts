/** Reads `.keras`, the archive of a whole model that Keras 3's `model.save` writes. */
import { WeightsError } from "../errors.js";
import { parseKerasConfig } from "./keras-config-text.js";
import { readKerasH5 } from "./keras-h5.js";
import type { TensorFile } from "./tensor-file.js";
import { decodeUtf8 } from "./utf8.js";
import { readZip } from "./zip-archive.js";

/** Source: Keras 3.15.1, `keras/src/saving/saving_lib.py`, `_METADATA_FILENAME` and following. */
export const kerasArchiveNames = {
  metadata: "metadata.json",
  config: "config.json",
  weights: "model.weights.h5",
} as const;

/**
 * The variables in a `.keras`, named and laid out as `readKerasH5` gives them, with `config`, the model's description.
 * `metadata` tells `layout` (`keras`), `format` (`keras`) and `keras_version`.
 * Throws `WeightsError` for bytes that are no sound zip, or lack one of its three parts.
 */
export async function readKerasArchive(bytes: Uint8Array): Promise<TensorFile> {
  const entries = readZip(bytes, Object.values(kerasArchiveNames));
  const entry = (name: string): Uint8Array => {
    const content = entries.get(name);
    if (content) return content;
    const found = entries.size === 0 ? "none of Keras' files" : `only ${[...entries.keys()].join(" and ")}`;
    throw new WeightsError(`Keras archive: expected ${Object.values(kerasArchiveNames).join(", ")}, got ${found}`);
  };
  const version = versionIn(parse(entry(kerasArchiveNames.metadata), kerasArchiveNames.metadata));
  const config = parse(entry(kerasArchiveNames.config), kerasArchiveNames.config);
  const { tensors } = await readKerasH5(entry(kerasArchiveNames.weights));
  return { tensors, metadata: { layout: "keras", format: "keras", keras_version: version }, config };
}

function parse(bytes: Uint8Array, name: string): unknown {
  let text: string;
  try {
    text = decodeUtf8(bytes);
  } catch (cause) {
    throw new WeightsError(`Keras archive: ${name} is not UTF-8`, { cause });
  }
  return parseKerasConfig(text, `Keras archive: ${name}`);
}

function versionIn(metadata: unknown): string {
  const version = (metadata as { keras_version?: unknown } | null)?.keras_version;
  if (typeof version === "string") return version;
  throw new WeightsError(`Keras archive: ${kerasArchiveNames.metadata}: expected a text keras_version`);
}
