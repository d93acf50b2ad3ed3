/** Opens many images as levels, in their own units: for what has to look at values before a window is chosen. */
import { availableParallelism } from "node:os";
import { InputError } from "@grayling/core";
import type { PlainPicture } from "../images/decode-plain.js";
import { type OpenedImage, type OpenOptions, openLevels } from "../images/open-levels.js";
import type { FileReader } from "./file-reader.js";
import { mapInOrder } from "./map-in-order.js";
import { type PagedImage, runsOfFiles } from "./paged-image.js";
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
  const pool = await ReaderPool.open(concurrency, { maxPixels });
  const read = async (pages: readonly PagedImage[]) => {
    const picture = await pool.use(pages.length, (reader) => readPicture(reader, pages[0]!.path)); // one page or more
    return pages.length === 1 ? tryToOpen(picture, pages[0]!.page) : { picture, pages };
  };
  const tryToOpen = (picture: Picture | undefined, page: number | undefined) => openOne(picture, { page, maxPixels });
  const steps = { concurrency, ahead: concurrency };
  try {
    for await (const found of mapInOrder(runsOfFiles(images), read, steps)) {
      signal?.throwIfAborted();
      if (!found) continue;
      if ("levels" in found) yield found;
      else {
        for await (const opened of mapInOrder(found.pages, ({ page }) => tryToOpen(found.picture, page), steps)) {
          signal?.throwIfAborted();
          if (opened) yield opened;
        }
      }
    }
  } finally {
    await pool.close();
  }
}

type Picture = PlainPicture | Uint8Array;

async function readPicture(reader: FileReader, path: string): Promise<Picture | undefined> {
  const [file] = await reader.read([path]);
  if (!file || "reason" in file) return undefined;
  const [picture] = await reader.decode([0]);
  return picture;
}

async function openOne(picture: Picture | undefined, options: OpenOptions): Promise<OpenedImage | undefined> {
  try {
    return picture && (await openLevels(picture, options));
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
