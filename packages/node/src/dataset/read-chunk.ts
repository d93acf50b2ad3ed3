/**
 * Has one reader read a few files, in order: hashed all, made planes of those that are not known, some of them here. Pages
 * side by side have their file read once.
 */
import { InputError } from "@grayling/core";
import type { DecodedImage } from "../images/decode.js";
import type { FileReader, ReadFile } from "./file-reader.js";
import type { MadePlane } from "./make-planes.js";
import { type PagedImage, runsOfFiles } from "./paged-image.js";

export type ReadImage =
  | { readonly kind: "decoded"; readonly hash: string; readonly image: DecodedImage }
  | { readonly kind: "known"; readonly hash: string }
  | { readonly kind: "skipped"; readonly reason: string };

export interface ChunkOptions {
  /** Decodes what the reader has no decoder for, and makes its plane. */
  readonly finish: (bytes: Uint8Array, page: number | undefined) => Promise<DecodedImage>;
  readonly known: (hash: string) => boolean;
  readonly signal: AbortSignal | undefined;
  /** Planes that are used up for others. */
  readonly spare: Float32Array[];
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
  { finish, known, signal, spare }: ChunkOptions,
): Promise<readonly ReadImage[]> {
  const wanted = files
    .map((pages) => pages.filter((page) => "hash" in page && !known(page.hash)))
    .flatMap((pages, index) => (pages.length > 0 ? [{ index, pages }] : []));
  signal?.throwIfAborted();
  const asked = wanted.map(({ index, pages }) => ({ index, pages: pages.map(({ page }) => page) }));
  const made = wanted.length > 0 ? await reader.makePlanes(asked, spare) : [];
  const finished = new Map<ReadPage, MadePlane>();
  for (const [i, result] of made.entries()) {
    for (const [k, page] of wanted[i]!.pages.entries()) {
      signal?.throwIfAborted();
      const isHere = result instanceof Uint8Array;
      finished.set(page, isHere ? await tryToFinish(() => finish(result, page.page)) : result[k]!);
    }
  }
  return files.flat().map((page): ReadImage => {
    if ("reason" in page) return { kind: "skipped", reason: page.reason };
    const image = finished.get(page);
    if (!image) return { kind: "known", hash: page.hash };
    return image.kind === "decoded" ? { ...image, hash: page.hash } : image;
  });
}

async function tryToFinish(finish: () => Promise<DecodedImage>): Promise<MadePlane> {
  try {
    return { kind: "decoded", image: await finish() };
  } catch (error) {
    if (error instanceof InputError) return { kind: "skipped", reason: error.message };
    throw error;
  }
}
