/** Writes `.keras`, the archive that Keras 3's `load_model` reads: a whole model, description and weights. */
import { zipSync } from "fflate";
import { kerasArchiveNames } from "./keras-archive.js";
import type { KerasLayer } from "./keras-layers.js";
import { encodeUtf8 } from "./utf8.js";
import { writeKerasWeightsH5 } from "./write-keras-weights-h5.js";

export interface KerasArchiveContent {
  /** The model's description, as Keras' `config.json` has it: `{ module, class_name, config: { name, layers, … }, … }`. */
  readonly config: unknown;
  /** The weights of its layers, in the order in which the description lists them. */
  readonly weights: readonly KerasLayer[];
  /** What the archive says of its own making. Default: the Keras whose formats these are. */
  readonly kerasVersion?: string;
  /** When it was saved. Default: 1980, the first year of a zip, so that the same model gives the same bytes. */
  readonly savedAt?: Date;
}

/**
 * The bytes of a `.keras`. Keras compares layers by class and number, so that `config` and `weights` must list the same
 * layers in the same order. Not compressed, as Keras writes it.
 * Throws `WeightsError` for a layer's name that HDF5 cannot hold.
 * Source: Keras 3.15.1, `keras/src/saving/saving_lib.py`, `_save_model_to_fileobj`.
 */
export async function writeKerasArchive({
  config,
  weights,
  kerasVersion = "3.15.1",
  savedAt = new Date(Date.UTC(1980, 0, 1)),
}: KerasArchiveContent): Promise<Uint8Array<ArrayBuffer>> {
  const metadata = { keras_version: kerasVersion, date_saved: kerasDate(savedAt) };
  const entries = {
    [kerasArchiveNames.metadata]: encodeUtf8(JSON.stringify(metadata)),
    [kerasArchiveNames.config]: encodeUtf8(JSON.stringify(config)),
    [kerasArchiveNames.weights]: await writeKerasWeightsH5(weights, nameIn(config)),
  };
  // In local time, which is what a zip stores: the same everywhere, and never the year before, which no zip can hold.
  return zipSync(entries, { level: 0, mtime: new Date(1980, 0, 1) });
}

/** `2026-11-25@13:59:07`, in UTC. */
const kerasDate = (date: Date): string => date.toISOString().slice(0, 19).replace("T", "@");

/** The model's own name, `config.config.name`. */
function nameIn(config: unknown): string | undefined {
  const name = (config as { config?: { name?: unknown } } | null)?.config?.name;
  return typeof name === "string" ? name : undefined;
}
