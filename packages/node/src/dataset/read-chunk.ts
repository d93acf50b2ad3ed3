/** Has one reader read a few files, in order: hashed all, decoded those that are not known, resized here. */
import { InputError } from "@grayling/core";
import type { DecodedImage } from "../images/decode.js";
import type { PlainPicture } from "../images/decode-plain.js";
import type { FileReader, ReadFile } from "./file-reader.js";
import type { PagedImage } from "./paged-image.js";

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
  const results: ReadImage[] = [];
  while (results.length < images.length) {
    options.signal?.throwIfAborted();
    const left = images.slice(results.length);
    const read = await reader.read(left.map(({ path }) => path));
    const files = read.map((file, i) => ({ ...file, page: left[i]!.page }));
    results.push(...(await decodeWanted(reader, files.map(withPage), options)));
  }
  return results;
}

type ReadPage = ReadFile & { readonly page: number | undefined };

/** Pages have the bytes of their file, but not its content: the first is what the file is without a page. */
function withPage(file: ReadPage): ReadPage {
  if (!("hash" in file) || file.page === undefined || file.page === 1) return file;
  return { ...file, hash: `${file.hash}#${file.page}` };
}

async function decodeWanted(
  reader: FileReader,
  files: readonly ReadPage[],
  { finish, known, signal }: ChunkOptions,
): Promise<readonly ReadImage[]> {
  const wanted = files.flatMap((file, i) => ("hash" in file && !known(file.hash) ? [i] : []));
  const finished = new Map<ReadPage, FinishedImage>();
  while (finished.size < wanted.length) {
    signal?.throwIfAborted();
    for (const picture of await reader.decode(wanted.slice(finished.size))) {
      const file = files[wanted[finished.size]!]!;
      finished.set(file, await tryToFinish(() => finish(picture, file.page)));
    }
  }
  return files.map((file): ReadImage => {
    if ("reason" in file) return { kind: "skipped", reason: file.reason };
    const image = finished.get(file);
    if (!image) return { kind: "known", hash: file.hash };
    return image.kind === "decoded" ? { ...image, hash: file.hash } : image;
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
