/** Small pictures of a run's images, in the gray levels that its network reads. */
import { parseSettledWindow } from "@grayling/core";
import type { PagedImage } from "../dataset/paged-image.js";
import { readBatches } from "../dataset/read-batches.js";
import { loadSharp } from "../images/load-sharp.js";
import type { RunConfig } from "../run/run-config.js";
import { locateImage } from "./locate-image.js";

/** Longest side on the page, px. */
export const thumbnailSide = 112;

/** More are not read: a page of so many is long enough, and of large pictures each takes a tenth of a second. */
const mostThumbnails = 1200;

/** Of all together, as they are stored: in base64 they take a third more, and the page stays below 15 MB. */
const mostBytes = 8e6;

/** WebP's, 0–100: at 70 the grain of a surface is still to be seen, in some 2 kB. */
const quality = 70;

export interface Thumbnail {
  readonly webp: Uint8Array;
  /** px, of the file, upright. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
}

export interface ThumbnailOptions {
  /** A folder or a CSV file. */
  readonly dataset: string | undefined;
  readonly config: Pick<RunConfig, "window">;
  readonly maxPixels?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

/** By path: a picture, or why there is none. */
export type Thumbnails = ReadonlyMap<string, Thumbnail | string>;

/**
 * Pictures of the first paths, as far as they go. They are drawn stretched to a square, which the page shows in the file's own
 * aspect. Throws the signal's reason.
 */
export async function readThumbnails(paths: readonly string[], options: ThumbnailOptions): Promise<Thumbnails> {
  const { dataset, config, maxPixels, signal, onProgress } = options;
  const thumbnails = new Map<string, Thumbnail | string>();
  const wanted: { readonly path: string; readonly file: PagedImage }[] = [];
  for (const [i, path] of paths.entries()) {
    const file = dataset === undefined ? undefined : locateImage(dataset, path);
    if (i >= mostThumbnails) thumbnails.set(path, tooMany);
    else if (file) wanted.push({ path, file });
    else thumbnails.set(path, "not in the folder of the images");
  }
  const files = wanted.map(({ file }) => file);
  const onSkip = (index: number, reason: string) => void thumbnails.set(wanted[index]!.path, reason);
  const size = { height: thumbnailSide, width: thumbnailSide, fit: "stretch", batch: 64 } as const;
  const window = parseSettledWindow(config.window);
  let bytes = 0;
  for await (const { planes, indices, infos } of readBatches(files, { ...size, window, maxPixels, signal, onSkip })) {
    const drawn = await Promise.all(indices.map((_, i) => encodePlane(planes, i)));
    for (const [i, webp] of drawn.entries()) {
      bytes += webp.length;
      const { sourceWidth, sourceHeight } = infos[i]!;
      thumbnails.set(wanted[indices[i]!]!.path, bytes > mostBytes ? tooMany : { webp, sourceWidth, sourceHeight });
    }
    onProgress?.({ done: thumbnails.size, total: paths.length });
    if (bytes > mostBytes) break;
  }
  for (const path of paths) if (!thumbnails.has(path)) thumbnails.set(path, tooMany);
  return thumbnails;
}

/** Why a picture of those beyond the most is not there. */
export const tooMany = "left out, the page has pictures enough";

/** Of planes [n, side, side], gray levels 0–255. */
async function encodePlane(planes: Float32Array, index: number): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const pixels = thumbnailSide ** 2;
  const levels = new Uint8ClampedArray(planes.subarray(index * pixels, (index + 1) * pixels)); // which rounds
  const raw = { width: thumbnailSide, height: thumbnailSide, channels: 1 } as const;
  return sharp(levels, { raw }).webp({ quality }).toBuffer();
}
