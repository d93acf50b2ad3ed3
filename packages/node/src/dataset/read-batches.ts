/** Reads a dataset's images as batches of gray planes: each file once, several at once, never many in memory. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { type Framing, InputError } from "@grayling/core";
import { createDecoder, type DecodedImage, type DecodeGray, type ImageInfo } from "../images/decode.js";
import { explainFileError } from "./explain-file-error.js";
import { mapInOrder } from "./map-in-order.js";

export interface ReadOptions extends Framing {
  readonly batch: number; // images
  /** Files read and decoded at the same time; default one per core, at most the 4 threads that Node has for it. */
  readonly concurrency?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether what is wanted of a file with this content is known already: then it is not decoded. Default: never. */
  readonly known?: ((hash: string) => boolean) | undefined;
  /** Called in order for every image that cannot be read; it is in no batch. */
  readonly onSkip: (index: number, reason: string) => void;
}

/** Ascending indices, within a batch and from batch to batch (those of `known` on their own). */
export interface ImageBatch {
  /** [n, height, width], gray levels 0–255; n = 0 in a batch that only tells what is known. */
  readonly planes: Float32Array;
  /** [n], into the images given. */
  readonly indices: readonly number[];
  /** [n], SHA-256 of the files' bytes, hexadecimal. */
  readonly hashes: readonly string[];
  /** [n] */
  readonly infos: readonly ImageInfo[];
  /** Images that were only hashed, since the last batch. */
  readonly known: readonly KnownImage[];
}

export interface KnownImage {
  readonly index: number;
  readonly hash: string;
}

/** A larger file is refused: it would have to be in memory whole. Node itself stops at 2 GiB. */
export const maxFileBytes = 2 ** 30;

/** Batches read ahead of the one that the consumer works on. */
const batchesAhead = 2;

/** So many known images are reported at once, so that progress shows while nothing has to be decoded. */
const knownAtOnce = 256;

/**
 * Yields the images in their order. Reading goes on while the consumer works, at most two batches ahead.
 * Throws the signal's reason when aborted; an unreadable file is no error but goes to `onSkip`.
 */
export async function* readBatches(
  images: readonly { readonly path: string }[],
  options: ReadOptions,
): AsyncGenerator<ImageBatch, void, void> {
  const { batch, signal, onSkip, concurrency = Math.min(4, availableParallelism()) } = options;
  const decode = await createDecoder(options);
  const results = mapInOrder(images, ({ path }) => readImage(path, decode, options), {
    concurrency,
    ahead: Math.max(concurrency, batchesAhead * batch),
  });
  let decoded: (KnownImage & DecodedImage)[] = [];
  let known: KnownImage[] = [];
  let index = 0;
  for await (const result of results) {
    signal?.throwIfAborted();
    if (result.kind === "skipped") onSkip(index, result.reason);
    else if (result.kind === "known") known.push({ index, hash: result.hash });
    else decoded.push({ index, hash: result.hash, ...result.image });
    index++;
    if (decoded.length === batch || known.length === knownAtOnce) {
      const isFull = decoded.length === batch;
      yield toBatch(isFull ? decoded : [], known, options);
      known = [];
      if (isFull) decoded = [];
    }
  }
  if (decoded.length > 0 || known.length > 0) yield toBatch(decoded, known, options);
}

type ReadImage =
  | { readonly kind: "decoded"; readonly hash: string; readonly image: DecodedImage }
  | { readonly kind: "known"; readonly hash: string }
  | { readonly kind: "skipped"; readonly reason: string };

async function readImage(path: string, decode: DecodeGray, options: ReadOptions): Promise<ReadImage> {
  options.signal?.throwIfAborted();
  try {
    const bytes = await readBytes(path);
    const hash = createHash("sha256").update(bytes).digest("hex");
    if (options.known?.(hash)) return { kind: "known", hash };
    return { kind: "decoded", hash, image: await decode(bytes) };
  } catch (error) {
    const reason = error instanceof InputError ? error.message : explainFileError(error);
    if (reason === undefined) throw error;
    return { kind: "skipped", reason };
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > maxFileBytes) throw new InputError(`a file of ${size} bytes, limit ${maxFileBytes}`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function toBatch(
  decoded: readonly (KnownImage & DecodedImage)[],
  known: readonly KnownImage[],
  { height, width }: Framing,
): ImageBatch {
  const planes = new Float32Array(decoded.length * height * width);
  for (const [i, { plane }] of decoded.entries()) planes.set(plane, i * height * width);
  return {
    planes,
    indices: decoded.map(({ index }) => index),
    hashes: decoded.map(({ hash }) => hash),
    infos: decoded.map(({ format, bitDepth, sourceHeight, sourceWidth, max }) => ({
      format,
      bitDepth,
      sourceHeight,
      sourceWidth,
      max,
    })),
    known,
  };
}
