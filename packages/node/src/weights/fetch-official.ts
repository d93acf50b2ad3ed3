/** Keras' ImageNet weights, downloaded once and kept. */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError, modelsWithOfficialWeights, type OfficialWeights, officialWeights } from "@grayling/core";
import { download } from "./download.js";
import { md5OfFile } from "./md5-of-file.js";
import type { DownloadProgress } from "./receive.js";

export interface OfficialFileOptions {
  /** With the classifier of the 1,000 ImageNet classes, or without. */
  readonly includeTop: boolean;
  /** The folder `cacheFolder` names; the file goes into its subfolder `weights`. */
  readonly cache: string;
  /** Which file a model has. Default: Keras' table; a test has files of its own. */
  readonly find?: typeof officialWeights | undefined;
}

export interface FetchOfficialOptions extends OfficialFileOptions {
  /** A mirror: the address of the folder that holds the files under Keras' names. Default: Keras' own server. */
  readonly baseUrl?: string | undefined;
  /** What else the user can do when there is no download, to end the message with. */
  readonly otherwise?: string | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One of Keras' files, and what is known of it on this machine. */
export interface OfficialFile extends OfficialWeights {
  readonly model: string;
  readonly includeTop: boolean;
  /** Where it lies in the cache, or would. */
  readonly path: string;
  /** Size in the cache; undefined if it is not there. Whether it is whole tells only its md5. */
  readonly bytes: number | undefined;
}

/** The folder of the downloaded weights in the cache. */
export const weightsFolder = (cache: string): string => join(cache, "weights");

/** The official file of a model. Throws `InputError` for a model that has none. */
export async function officialFile(
  model: string,
  { includeTop, cache, find = officialWeights }: OfficialFileOptions,
): Promise<OfficialFile> {
  const weights = find(model, { includeTop });
  if (weights === undefined) {
    const known = modelsWithOfficialWeights.join(", ");
    throw new InputError(`${model}: Keras has no ImageNet weights for this model, expected one of ${known}`);
  }
  const path = join(weightsFolder(cache), weights.file);
  return { ...weights, model, includeTop, path, bytes: await sizeOfFile(path) };
}

/**
 * The path of a model's official weights (Keras' `.h5`), downloaded unless a file with the right md5 is in the cache. Throws
 * `InputError` for a model that has none, and what `download` throws.
 */
export async function fetchOfficialWeights(model: string, options: FetchOfficialOptions): Promise<string> {
  const { baseUrl } = options;
  const weights = await officialFile(model, options);
  const url = baseUrl === undefined ? weights.url : `${baseUrl.replace(/\/*$/, "/")}${weights.file}`;
  return fetchIntoCache({ ...weights, url }, options);
}

/** The path in the cache of a file whose md5 is known: as found there, or downloaded if it is missing or damaged. */
export async function fetchIntoCache(
  { url, file, md5 }: OfficialWeights,
  { cache, otherwise, onProgress, signal }: Omit<FetchOfficialOptions, "includeTop" | "find" | "baseUrl">,
): Promise<string> {
  const to = join(weightsFolder(cache), file);
  const found = await md5OfFile(to);
  if (found === md5) return to;
  const damaged = found === undefined ? "" : ` (the one there is damaged, expected md5 ${md5}, got ${found})`;
  const advice = otherwise ?? "choose --weights <file>, the bundled model efficientnet-lite0, or --weights random";
  await download({ url, md5, to, otherwise: `${advice}${damaged}`, onProgress, signal });
  return to;
}

async function sizeOfFile(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
}
