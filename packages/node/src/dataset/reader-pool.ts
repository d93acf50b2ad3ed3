/** Readers to be borrowed: this thread while files take no time, threads of their own from the moment that they do. */
import { loadSharp } from "../images/load-sharp.js";
import { createFileReader, type FileReader, type ReaderOptions } from "./file-reader.js";
import { openReaderThread } from "./reader-thread.js";

type PoolOptions = Omit<ReaderOptions, "mayUseSharp">;

/**
 * Milliseconds per file, from the disk to the plane, beyond which threads are opened: one takes 30 ms of processor to
 * start, as much as 300 small pictures. On average over a while, for on a busy machine a few are always late.
 */
const slow = 2;
const aWhile = 200; // ms

export class ReaderPool {
  readonly #threads: number;
  readonly #options: PoolOptions;
  #readers: FileReader[];
  readonly #free: FileReader[];
  readonly #waiting: ((reader: FileReader) => void)[] = [];
  #isHere = true;
  #spent = 0; // ms, by the reader of this thread
  #files = 0;

  private constructor(threads: number, options: PoolOptions, here: FileReader) {
    this.#threads = threads;
    this.#options = options;
    this.#readers = [here];
    this.#free = [here];
  }

  /** At most so many threads. */
  static async open(threads: number, options: PoolOptions = {}): Promise<ReaderPool> {
    return new ReaderPool(threads, options, await createFileReader(options));
  }

  /** Has `work` done on so many files by the next reader that is free. */
  async use<Result>(files: number, work: (reader: FileReader) => Promise<Result>): Promise<Result> {
    const reader = this.#free.pop() ?? (await new Promise<FileReader>((resolve) => this.#waiting.push(resolve)));
    const start = performance.now();
    try {
      return await work(reader);
    } finally {
      this.#spent += performance.now() - start;
      this.#files += files;
      const isSlow = this.#spent > Math.max(aWhile, slow * this.#files);
      if (this.#isHere && isSlow) this.#openThreads();
      else this.#give(reader);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.close()));
  }

  #openThreads(): void {
    this.#isHere = false;
    const sharpIsReady = new Int32Array(new SharedArrayBuffer(4));
    const options = { ...this.#options, sharpIsReady };
    this.#readers = Array.from({ length: this.#threads }, () => openReaderThread(options));
    loadSharp().then(
      () => Atomics.store(sharpIsReady, 0, 1),
      () => {}, // they do without
    );
    for (const reader of this.#readers) this.#give(reader);
  }

  #give(reader: FileReader): void {
    const next = this.#waiting.shift();
    if (next) next(reader);
    else this.#free.push(reader);
  }
}
