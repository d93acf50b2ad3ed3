/** What spoke for the class that an image was called: its Grad-CAM as a small picture. */
import type { Runtime } from "@grayling/core";
import { camOverlay } from "../explain-image/cam-overlay.js";
import { explainImages } from "../explain-image/explain-images.js";
import type { Explainable } from "../explain-image/open-explainable.js";
import { loadSharp } from "../images/load-sharp.js";
import { locateImage } from "./locate-image.js";
import { thumbnailSide } from "./read-thumbnails.js";

export interface HeatMap {
  readonly webp: Uint8Array;
  /** The class whose map it is. */
  readonly label: string;
  /** What the brightest colour stands for: score per cell. */
  readonly limit: number;
}

export interface HeatMapOptions {
  readonly dataset: string;
  readonly maxPixels?: number | undefined;
  readonly batch?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const quality = 75;

/** By path; an image that cannot be read has none. Throws the signal's reason, and as `explainImages` does. */
export async function readHeatMaps(
  runtime: Runtime,
  explainable: Explainable,
  paths: readonly string[],
  { dataset, maxPixels, batch, signal }: HeatMapOptions,
): Promise<Map<string, HeatMap>> {
  const located = paths.flatMap((path) => {
    const file = locateImage(dataset, path);
    return file ? [{ path, file }] : [];
  });
  const files = located.map(({ file }) => file);
  const maps = new Map<string, HeatMap>();
  const sharp = await loadSharp();
  for await (const image of explainImages(runtime, explainable, files, { batch, maxPixels, signal })) {
    const { path, file } = located[image.index]!;
    const { label, maps: ofClass } = image.classes[0]!; // of one that is asked for
    const { height, width } = image;
    const drawing = { window: explainable.window, maxPixels, width: thumbnailSide };
    const { png, limit } = await camOverlay({ file, height, width, maps: ofClass }, drawing);
    maps.set(path, { webp: await sharp(png).webp({ quality }).toBuffer(), label, limit });
  }
  return maps;
}
