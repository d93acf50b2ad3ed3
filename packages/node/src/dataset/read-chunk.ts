/** Has one reader read a few files, in order: hashed all, decoded those that are not known, resized here. */
import { InputError } from "@grayling/core";
import type { DecodedImage, Finish } from "../images/decode.js";
import type { PlainPicture } from "../images/decode-plain.js";
import type { FileReader, ReadFile } from "./file-reader.js";

export type ReadImage =
  | { readonly kind: "decoded"; readonly hash: string; readonly image: DecodedImage }
  | { readonly kind: "known"; readonly hash: string }
  | { readonly kind: "skipped"; readonly reason: string };

export interface ChunkOptions {
  readonly finish: Finish;
  readonly known: (hash: string) => boolean;
  readonly signal: AbortSignal | undefined;
}

/** One result for each path. Throws the signal's reason when aborted. */
export async function readChunk(
  reader: FileReader,
  paths: readonly string[],
  options: ChunkOptions,
): Promise<readonly ReadImage[]> {
  const results: ReadImage[] = [];
  while (results.length < paths.length) {
    options.signal?.throwIfAborted();
    const files = await reader.read(paths.slice(results.length));
    results.push(...(await decodeWanted(reader, files, options)));
  }
  return results;
}

async function decodeWanted(
  reader: FileReader,
  files: readonly ReadFile[],
  { finish, known, signal }: ChunkOptions,
): Promise<readonly ReadImage[]> {
  const wanted = files.flatMap((file, i) => ("hash" in file && !known(file.hash) ? [i] : []));
  const finished = new Map<ReadFile, FinishedImage>();
  while (finished.size < wanted.length) {
    signal?.throwIfAborted();
    for (const picture of await reader.decode(wanted.slice(finished.size))) {
      finished.set(files[wanted[finished.size]!]!, await tryToFinish(picture, finish));
    }
  }
  return files.map((file): ReadImage => {
    if ("reason" in file) return { kind: "skipped", ...file };
    const image = finished.get(file);
    return image ? { ...file, ...image } : { kind: "known", ...file };
  });
}

type FinishedImage =
  | { readonly kind: "decoded"; readonly image: DecodedImage }
  | { readonly kind: "skipped"; readonly reason: string };

async function tryToFinish(picture: PlainPicture | Uint8Array, finish: ChunkOptions["finish"]): Promise<FinishedImage> {
  try {
    return { kind: "decoded", image: await finish(picture) };
  } catch (error) {
    if (error instanceof InputError) return { kind: "skipped", reason: error.message };
    throw error;
  }
}
