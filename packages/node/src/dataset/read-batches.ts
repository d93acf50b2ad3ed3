/** Reads a dataset's images as batches of gray planes: each file once, several at once, never many in memory. */
import type { Decoding, ImageInfo } from "../images/decode.js";
import type { PagedImage } from "./paged-image.js";
import { readImages } from "./read-images.js";

export interface ReadOptions extends Decoding {
  readonly batch: number; // planes: images, or tiles of them
  /** Threads that read and decode files; default one per core, at most 4. A few images are read without any. */
  readonly concurrency?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether what is wanted of a file with this content is known already: then it is not decoded. Default: never. */
  readonly known?: ((hash: string) => boolean) | undefined;
  /** The consumer puts the planes of full batches here that it is done with; they are overwritten. Default: none are. */
  readonly done?: Float32Array[] | undefined;
  /** Called in order for every image that cannot be read; it is in no batch. */
  readonly onSkip: (index: number, reason: string) => void;
}

/** Which part of an image a plane is; of an image that is not cut, tile 0 of 1. */
export interface TilePlace {
  /** From 0, row by row. */
  readonly tile: number;
  readonly of: number;
}

/**
 * Ascending indices, within a batch and from batch to batch (those of `known` on their own). Tiles of one image follow each
 * other, and may be in several batches.
 */
export interface ImageBatch {
  /** [n, height, width], gray levels 0–255; n = 0 in a batch that only tells what is known. */
  readonly planes: Float32Array;
  /** [n], into the images given. */
  readonly indices: readonly number[];
  /** [n] */
  readonly tiles: readonly TilePlace[];
  /** [n], SHA-256 of the files' bytes, hexadecimal; of later pages with "#2" behind. */
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

/** So many known images are reported at once, so that progress shows while nothing has to be decoded. */
const knownAtOnce = 256;

/**
 * Yields the images in their order. Reading goes on while the consumer works, at most two batches ahead.
 * Throws the signal's reason when aborted; an unreadable file is no error but goes to `onSkip`.
 */
export async function* readBatches(
  images: readonly PagedImage[],
  options: ReadOptions,
): AsyncGenerator<ImageBatch, void, void> {
  const { batch, concurrency, signal, known: isKnown, onSkip, done = [], ...decoding } = options;
  const spare: Float32Array[] = []; // planes whose values have been copied: new ones would keep the collector busy
  const pixels = decoding.height * decoding.width;
  const begin = () => new BatchInTheMaking(batch, pixels, done);
  let filling = begin();
  let known: KnownImage[] = [];
  let index = 0;
  for await (const result of readImages(images, spare, { batch, concurrency, signal, known: isKnown, decoding })) {
    signal?.throwIfAborted();
    if (result.kind === "skipped") onSkip(index, result.reason);
    else if (result.kind === "known") known.push({ index, hash: result.hash });
    else {
      const { plane: planes, ...info } = result.image;
      const of = planes.length / pixels;
      for (let tile = 0; tile < of; tile++) {
        const plane = planes.subarray(tile * pixels, (tile + 1) * pixels);
        filling.add(plane, { index, tile: { tile, of }, hash: result.hash, info });
        if (!filling.isFull) continue;
        yield { ...filling.done(), known };
        known = [];
        filling = begin();
      }
      spare.push(planes);
    }
    index++;
    if (known.length === knownAtOnce) {
      yield { ...nothing, known };
      known = [];
    }
  }
  if (!filling.isEmpty || known.length > 0) yield { ...filling.done(), known };
}

type DecodedBatch = Omit<ImageBatch, "known">;

const nothing: DecodedBatch = { planes: new Float32Array(), indices: [], tiles: [], hashes: [], infos: [] };

/** What is known of a plane. */
interface PlaneFacts {
  readonly index: number;
  readonly tile: TilePlace;
  readonly hash: string;
  readonly info: ImageInfo;
}

/**
 * Rows are added until it is full. Its planes lie in shared memory, so that a thread is handed them without a copy: in
 * that of a batch that is done with, if there is one.
 */
class BatchInTheMaking {
  readonly #size: number;
  readonly #pixels: number;
  readonly #facts: PlaneFacts[] = [];
  readonly #done: Float32Array[];
  #planes: Float32Array | undefined;

  constructor(size: number, pixels: number, done: Float32Array[]) {
    this.#size = size;
    this.#pixels = pixels;
    this.#done = done;
  }

  get isFull(): boolean {
    return this.#facts.length === this.#size;
  }

  get isEmpty(): boolean {
    return this.#facts.length === 0;
  }

  add(plane: Float32Array, facts: PlaneFacts): void {
    const length = this.#size * this.#pixels;
    this.#planes ??= this.#done.pop() ?? new Float32Array(new SharedArrayBuffer(4 * length));
    this.#planes.set(plane, this.#facts.length * this.#pixels);
    this.#facts.push(facts);
  }

  done(): DecodedBatch {
    const facts = this.#facts;
    return {
      planes: this.#planes?.subarray(0, facts.length * this.#pixels) ?? new Float32Array(),
      indices: facts.map(({ index }) => index),
      tiles: facts.map(({ tile }) => tile),
      hashes: facts.map(({ hash }) => hash),
      infos: facts.map(({ info }) => info),
    };
  }
}
