/** Looks once at every file below a folder: what it is, how it is stored, what it shows. */
import { open, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { InputError } from "@grayling/core";
import { explainFileError } from "../dataset/explain-file-error.js";
import type { FileReader, ReadFile } from "../dataset/file-reader.js";
import { mapInOrder } from "../dataset/map-in-order.js";
import { ReaderPool } from "../dataset/reader-pool.js";
import { sniff, sniffedBytes } from "../images/image-format.js";
import { openLevels } from "../images/open-levels.js";
import { createPictureMeasure } from "./inspect-picture.js";
import type { InspectedFile, Inspection, ListedFile, Picture } from "./inspected-file.js";
import { listFiles } from "./list-files.js";

export interface InspectOptions {
  /** Threads that read and decode; default one per core, at most 4. */
  readonly concurrency?: number | undefined;
  /** A picture that claims more is not decoded; default as in training. */
  readonly maxPixels?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: InspectProgress) => void) | undefined;
}

export interface InspectProgress {
  readonly done: number; // files
  readonly total: number;
}

/** Files that go to a thread together. */
const chunkFiles = 16;

/** Chunks, done or in the making, that may wait for the one before them. */
const chunksAhead = 8;

/**
 * Reads every file once and keeps some kilobytes of each. What cannot be read or decoded is in the result with its reason.
 * Throws `InputError` when there is no folder or nothing in it that could be a picture, and the signal's reason.
 */
export async function inspectFolder(root: string, options: InspectOptions = {}): Promise<Inspection> {
  const { concurrency = Math.min(4, availableParallelism()), maxPixels, signal, onProgress } = options;
  const { files, lost, classes, ignored, root: absolute } = await listFiles(root);
  const chunks = Array.from({ length: Math.ceil(files.length / chunkFiles) }, (_, i) =>
    files.slice(i * chunkFiles, (i + 1) * chunkFiles),
  );
  const measure = createPictureMeasure();
  const pool = await ReaderPool.open(concurrency, maxPixels);
  const inspected: InspectedFile[] = [];
  const work = (chunk: readonly ListedFile[]) =>
    pool.use(chunk.length, (reader) => inspectChunk(reader, chunk, { measure, maxPixels, signal }));
  try {
    for await (const chunk of mapInOrder(chunks, work, { concurrency, ahead: chunksAhead })) {
      inspected.push(...chunk);
      onProgress?.({ done: inspected.length, total: files.length });
    }
  } finally {
    await pool.close();
  }
  for (const { reason, ...file } of lost) inspected.push(await withoutPicture(file, null, reason));
  const ordered = lost.length === 0 ? inspected : inspected.sort(byPath);
  return { root: absolute, classes, files: ordered, ignored };
}

const byPath = (a: ListedFile, b: ListedFile) => Buffer.compare(Buffer.from(a.relative), Buffer.from(b.relative));

interface ChunkOptions {
  readonly measure: ReturnType<typeof createPictureMeasure>;
  readonly maxPixels: number | undefined;
  readonly signal: AbortSignal | undefined;
}

async function inspectChunk(
  reader: FileReader,
  files: readonly ListedFile[],
  options: ChunkOptions,
): Promise<InspectedFile[]> {
  const inspected: InspectedFile[] = [];
  while (inspected.length < files.length) {
    options.signal?.throwIfAborted();
    const rest = files.slice(inspected.length);
    const read = await reader.read(rest.map(({ path }) => path));
    inspected.push(...(await inspectRead(reader, rest, read, options)));
  }
  return inspected;
}

type Outcome = { readonly picture: Picture } | { readonly reason: string };

async function inspectRead(
  reader: FileReader,
  files: readonly ListedFile[],
  read: readonly ReadFile[],
  options: ChunkOptions,
): Promise<InspectedFile[]> {
  const wanted = read.flatMap((file, i) => ("hash" in file ? [i] : []));
  const outcomes = new Map<number, Outcome>();
  while (outcomes.size < wanted.length) {
    options.signal?.throwIfAborted();
    for (const picture of await reader.decode(wanted.slice(outcomes.size))) {
      const index = wanted[outcomes.size]!;
      outcomes.set(index, await tryToMeasure(picture, files[index]!.page, options));
    }
  }
  return Promise.all(
    read.map(async (one, i): Promise<InspectedFile> => {
      if ("reason" in one) return withoutPicture(files[i]!, null, one.reason);
      const outcome = outcomes.get(i)!;
      const { page } = files[i]!;
      const hash = page === undefined ? one.hash : `${one.hash}#${page}`;
      if ("reason" in outcome) return withoutPicture(files[i]!, hash, outcome.reason);
      const { picture } = outcome;
      const bytes = await sizeOf(files[i]!.path);
      return { ...files[i]!, bytes, hash, content: picture.format, picture, reason: null };
    }),
  );
}

async function tryToMeasure(
  picture: Parameters<typeof openLevels>[0],
  page: number | undefined,
  { measure, maxPixels }: ChunkOptions,
): Promise<Outcome> {
  try {
    const { levels, format, bitDepth } = await openLevels(picture, { page, maxPixels });
    return { picture: { format, bitDepth, ...measure(levels) } };
  } catch (error) {
    if (error instanceof InputError) return { reason: error.message };
    throw error;
  }
}

async function withoutPicture(file: ListedFile, hash: string | null, reason: string): Promise<InspectedFile> {
  const content = await contentOf(file.path);
  // A name that is no UTF-8 comes back from the system with replacement characters, and opens nothing.
  const isMisnamed = content === null && file.relative.includes("\ufffd");
  const shown = isMisnamed ? "its name is not valid UTF-8, so it cannot be opened" : reason;
  return { ...file, bytes: await sizeOf(file.path), hash, content, picture: null, reason: shown };
}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;

/** What the first bytes say. */
async function contentOf(path: string): Promise<string | null> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
      const found = sniff(buffer.subarray(0, bytesRead));
      return found.kind === "image" ? found.format : found.name;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (explainFileError(error) === undefined) throw error;
    return null;
  }
}
