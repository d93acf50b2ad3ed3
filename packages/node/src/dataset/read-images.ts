/** Reads and decodes images in their order, several at once, with bounded read-ahead. */
import { availableParallelism } from "node:os";
import { createFinisher, type Decoding } from "../images/decode.js";
import { mapInOrder } from "./map-in-order.js";
import { chunksOfFiles, type PagedImage } from "./paged-image.js";
import type { ReadOptions } from "./read-batches.js";
import { type ReadImage, readChunk } from "./read-chunk.js";
import { ReaderPool } from "./reader-pool.js";

/** Batches read ahead of the one that the consumer works on. */
const batchesAhead = 2;

/** Files that go to a thread together, at most: messages cost little then, and no thread waits long for the last. */
const largestChunk = 4;

interface Options extends Pick<ReadOptions, "batch" | "concurrency" | "signal" | "known"> {
  readonly decoding: Decoding; // plain data: it goes to other threads
}

/**
 * One result for each image. Chunks of them are read at the same time. `spare` planes are used up. Of images that are cut
 * into tiles, which take as much memory as the whole image in floats, only as many are held as there are threads.
 */
export async function* readImages(
  images: readonly PagedImage[],
  spare: Float32Array[],
  { batch, signal, known = () => false, concurrency = Math.min(4, availableParallelism()), decoding }: Options,
): AsyncGenerator<ReadImage, void, void> {
  const finish = createFinisher(decoding);
  const finishPage = (bytes: Uint8Array, page: number | undefined) => finish(bytes, { page, plane: spare.pop() });
  const options = { known, signal, spare, finish: finishPage };
  const isTiled = decoding.fit === "tile";
  const size = isTiled ? 1 : Math.max(1, Math.min(largestChunk, Math.floor((batchesAhead * batch) / concurrency)));
  const chunks = isTiled ? images.map((image) => [image]) : chunksOfFiles(images, size);
  const pool = await ReaderPool.open(concurrency, { maxPixels: decoding.maxPixels, decoding });
  const read = (chunk: readonly PagedImage[]) => pool.use(chunk.length, (reader) => readChunk(reader, chunk, options));
  const ahead = isTiled ? concurrency : Math.max(concurrency, Math.ceil((batchesAhead * batch) / size));
  try {
    for await (const chunk of mapInOrder(chunks, read, { concurrency, ahead })) yield* chunk;
  } finally {
    await pool.close();
  }
}
