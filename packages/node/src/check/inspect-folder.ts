/** Looks once at every file below a folder: what it is, how it is stored, what it shows. */
import { open, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { InputError, isFloat } from "@grayling/core";
import { explainFileError } from "../dataset/explain-file-error.js";
import type { FileReader, ReadFile } from "../dataset/file-reader.js";
import { mapInOrder } from "../dataset/map-in-order.js";
import { chunksOfFiles, runsOfFiles } from "../dataset/paged-image.js";
import { ReaderPool } from "../dataset/reader-pool.js";
import type { ImageFormat } from "../images/image-format.js";
import { sniff, sniffedBytes } from "../images/image-format.js";
import { openLevels } from "../images/open-levels.js";
import { type PictureOrigin, readOrigin } from "../images/picture-origin.js";
import { watchValues } from "../images/watch-values.js";
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
  const chunks = chunksOfFiles(files, chunkFiles);
  const measure = createPictureMeasure();
  const pool = await ReaderPool.open(concurrency, { maxPixels });
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
  const runs = runsOfFiles(files);
  const inspected: InspectedFile[] = [];
  for (let done = 0; done < runs.length; ) {
    options.signal?.throwIfAborted();
    const left = runs.slice(done);
    const read = await reader.read(left.map(([first]) => first!.path)); // a run is of one picture or more
    inspected.push(...(await inspectRead(reader, left, read, options)));
    done += read.length;
  }
  return inspected;
}

type Outcome = { readonly picture: Picture; readonly origin: PictureOrigin } | { readonly reason: string };

async function inspectRead(
  reader: FileReader,
  runs: readonly (readonly ListedFile[])[],
  read: readonly ReadFile[],
  options: ChunkOptions,
): Promise<InspectedFile[]> {
  const wanted = read.flatMap((file, i) => ("hash" in file ? [i] : []));
  const outcomes = new Map<ListedFile, Outcome>();
  for (let decoded = 0; decoded < wanted.length; ) {
    options.signal?.throwIfAborted();
    for (const picture of await reader.decode(wanted.slice(decoded))) {
      for (const file of runs[wanted[decoded++]!]!) {
        outcomes.set(file, await tryToMeasure(picture, file, options));
      }
    }
  }
  const all = read.flatMap((one, i) => runs[i]!.map((file) => describe(file, one, outcomes.get(file))));
  return Promise.all(all);
}

async function describe(file: ListedFile, read: ReadFile, outcome: Outcome | undefined): Promise<InspectedFile> {
  if ("reason" in read) return withoutPicture(file, null, read.reason);
  const { page, path } = file;
  const hash = page === undefined ? read.hash : `${read.hash}#${page}`;
  if (!outcome) throw new Error(`internal: ${path} was not decoded`);
  if ("reason" in outcome) return withoutPicture(file, hash, outcome.reason);
  const { picture, origin } = outcome;
  return { ...file, bytes: await sizeOf(path), hash, content: picture.format, picture, reason: null, origin };
}

async function tryToMeasure(
  picture: Parameters<typeof openLevels>[0],
  { page, path }: ListedFile,
  { measure, maxPixels }: ChunkOptions,
): Promise<Outcome> {
  try {
    const { levels, format, bitDepth, notes = [] } = await openLevels(picture, { page, maxPixels });
    // What a training refuses is refused here: floats that are no numbers.
    const finite = isFloat(levels.samples) ? watchValues(levels).levels : levels;
    const described = { format, bitDepth, ...measure(finite), ...(notes.length > 0 && { notes }) };
    return { picture: described, origin: await originOf(path, format) };
  } catch (error) {
    if (error instanceof InputError) return { reason: error.message };
    throw error;
  }
}

/** Nothing of a file that was removed meanwhile. */
async function originOf(path: string, format: ImageFormat): Promise<PictureOrigin> {
  try {
    return await readOrigin(path, format);
  } catch (error) {
    if (error instanceof InputError || explainFileError(error) !== undefined) return {};
    throw error;
  }
}

async function withoutPicture(file: ListedFile, hash: string | null, reason: string): Promise<InspectedFile> {
  const content = await contentOf(file.path);
  return { ...file, bytes: await sizeOf(file.path), hash, content, picture: null, reason };
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
