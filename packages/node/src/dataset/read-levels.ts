/** Opens many images as levels, in their own units: for what has to look at values before a window is chosen. */
import { availableParallelism } from "node:os";
import { InputError } from "@grayling/core";
import { type OpenedImage, openLevels } from "../images/open-levels.js";
import type { FileReader } from "./file-reader.js";
import { mapInOrder } from "./map-in-order.js";
import type { PagedImage } from "./paged-image.js";
import { ReaderPool } from "./reader-pool.js";

export interface ReadLevelsOptions {
  readonly maxPixels?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Yields the images that can be read, in order, decoded on several threads where that takes time. The others are left
 * out: whoever needs their pixels is told why. Throws the signal's reason when aborted.
 */
export async function* readLevels(
  images: readonly PagedImage[],
  { maxPixels, signal }: ReadLevelsOptions = {},
): AsyncGenerator<OpenedImage, void, void> {
  const concurrency = Math.min(4, availableParallelism());
  const pool = await ReaderPool.open(concurrency, maxPixels);
  const open = (image: PagedImage) => pool.use(1, (reader) => openOne(reader, image, maxPixels));
  try {
    for await (const opened of mapInOrder(images, open, { concurrency, ahead: concurrency })) {
      signal?.throwIfAborted();
      if (opened) yield opened;
    }
  } finally {
    await pool.close();
  }
}

async function openOne(
  reader: FileReader,
  { path, page }: PagedImage,
  maxPixels: number | undefined,
): Promise<OpenedImage | undefined> {
  const [file] = await reader.read([path]);
  if (!file || "reason" in file) return undefined;
  const [picture] = await reader.decode([0]);
  try {
    return await openLevels(picture!, { page, maxPixels });
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
