/**
 * Has one reader read a few files, in order: hashed all, decoded those that are not known, resized here. Pages side by
 * side have their file read once.
 */
import { InputError } from "@grayling/core";
import type { DecodedImage } from "../images/decode.js";
import type { PlainPicture } from "../images/decode-plain.js";
import type { FileReader, ReadFile } from "./file-reader.js";
import { type PagedImage, runsOfFiles } from "./paged-image.js";

export type ReadImage =
  | { readonly kind: "decoded"; readonly hash: string; readonly image: DecodedImage }
  | { readonly kind: "known"; readonly hash: string }
  | { readonly kind: "skipped"; readonly reason: string };

export interface ChunkOptions {
  readonly finish: (picture: PlainPicture | Uint8Array, page: number | undefined) => Promise<DecodedImage>;
  readonly known: (hash: string) => boolean;
  readonly signal: AbortSignal | undefined;
}

/** One result for each image. Throws the signal's reason when aborted. */
export async function readChunk(
  reader: FileReader,
  images: readonly PagedImage[],
  options: ChunkOptions,
): Promise<readonly ReadImage[]> {
  const files = runsOfFiles(images);
  const results: ReadImage[] = [];
  for (let done = 0; done < files.length; ) {
    options.signal?.throwIfAborted();
    const left = files.slice(done);
    const read = await reader.read(left.map(([first]) => first!.path)); // a run is of one image or more
    const pages = read.map((file, i) => left[i]!.map(({ page }) => withPage(file, page)));
    results.push(...(await decodeWanted(reader, pages, options)));
    done += read.length;
  }
  return results;
}

type ReadPage = ReadFile & { readonly page: number | undefined };

/** Pages have the bytes of their file, but not its content: the first is what the file is without a page. */
function withPage(file: ReadFile, page: number | undefined): ReadPage {
  if (!("hash" in file) || page === undefined || page === 1) return { ...file, page };
  return { hash: `${file.hash}#${page}`, page };
}

async function decodeWanted(
  reader: FileReader,
  files: readonly (readonly ReadPage[])[],
  { finish, known, signal }: ChunkOptions,
): Promise<readonly ReadImage[]> {
  const pagesWanted = files.map((pages) => pages.filter((page) => "hash" in page && !known(page.hash)));
  const wanted = [...files.keys()].filter((index) => pagesWanted[index]!.length > 0);
  const finished = new Map<ReadPage, FinishedImage>();
  for (let decoded = 0; decoded < wanted.length; ) {
    signal?.throwIfAborted();
    for (const picture of await reader.decode(wanted.slice(decoded))) {
      for (const page of pagesWanted[wanted[decoded++]!]!) {
        finished.set(page, await tryToFinish(() => finish(picture, page.page)));
      }
    }
  }
  return files.flat().map((page): ReadImage => {
    if ("reason" in page) return { kind: "skipped", reason: page.reason };
    const image = finished.get(page);
    if (!image) return { kind: "known", hash: page.hash };
    return image.kind === "decoded" ? { ...image, hash: page.hash } : image;
  });
}

type FinishedImage =
  | { readonly kind: "decoded"; readonly image: DecodedImage }
  | { readonly kind: "skipped"; readonly reason: string };

async function tryToFinish(finish: () => Promise<DecodedImage>): Promise<FinishedImage> {
  try {
    return { kind: "decoded", image: await finish() };
  } catch (error) {
    if (error instanceof InputError) return { kind: "skipped", reason: error.message };
    throw error;
  }
}
