/** Keras' ImageNet weights, downloaded once and kept. */

import { join } from "node:path";
import { InputError, modelsWithOfficialWeights, type OfficialWeights, officialWeights } from "@grayling/core";
import { download } from "./download.js";
import { md5OfFile } from "./md5-of-file.js";
import type { DownloadProgress } from "./receive.js";

export interface FetchOfficialOptions {
  /** With the classifier of the 1,000 ImageNet classes, or without. */
  readonly includeTop: boolean;
  /** The folder `cacheFolder` names; the file goes into its subfolder `weights`. */
  readonly cache: string;
  /** A mirror: the address of the folder that holds the files under Keras' names. Default: Keras' own server. */
  readonly baseUrl?: string | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The path of a model's official weights (Keras' `.h5`), downloaded unless a file with the right md5 is in the cache. Throws
 * `InputError` for a model that has none, and what `download` throws.
 */
export async function fetchOfficialWeights(model: string, options: FetchOfficialOptions): Promise<string> {
  const { includeTop, cache, baseUrl, onProgress, signal } = options;
  const weights = officialWeights(model, { includeTop });
  if (weights === undefined) {
    const known = modelsWithOfficialWeights.join(", ");
    throw new InputError(`${model}: Keras has no ImageNet weights for this model, expected one of ${known}`);
  }
  const url = baseUrl === undefined ? weights.url : `${baseUrl.replace(/\/*$/, "/")}${weights.file}`;
  return fetchIntoCache({ ...weights, url }, { cache, onProgress, signal });
}

/** The path in the cache of a file whose md5 is known: as found there, or downloaded if it is missing or damaged. */
export async function fetchIntoCache(
  { url, file, md5 }: OfficialWeights,
  { cache, onProgress, signal }: Pick<FetchOfficialOptions, "cache" | "onProgress" | "signal">,
): Promise<string> {
  const to = join(cache, "weights", file);
  const found = await md5OfFile(to);
  if (found === md5) return to;
  const damaged = found === undefined ? "" : ` (the one there is damaged, expected md5 ${md5}, got ${found})`;
  const otherwise = `choose --weights <file>, the bundled model efficientnet-lite0, or --weights random${damaged}`;
  await download({ url, md5, to, otherwise, onProgress, signal });
  return to;
}
