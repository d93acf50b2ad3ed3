/** The folder of a training that is not done: how it was begun, its checkpoints, and its results so far. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type FitCheckpoint, InputError } from "@grayling/core";
import * as v from "valibot";
import { writeAtomically } from "../../files/write-atomically.js";
import { writing } from "../../files/write-failure.js";
import { toCsv } from "../../run/csv.js";
import { unfinishedName } from "../../run/run-folder.js";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { epochRow } from "./epoch-row.js";
import { readFold, writeFold } from "./finished-fold.js";

const beginFile = "training.json";

const Begin = v.object({
  /** The folder or CSV file of images, absolute. */
  root: v.string(),
  /** Where it was begun: paths among the settings are relative to it. */
  directory: v.string(),
  /** `TrainOptions`, as they were given. */
  settings: v.record(v.string(), v.unknown()),
});

/** Written before the run appears: a process that is killed between that and removing this folder has finished all the same. */
const endFile = "finished.json";

const End = v.object({ run: v.string(), model: v.string() });

/** What one training after another is saved to: each of a cross-validation, and the one that is kept. `key` tells whose a checkpoint is. */
export interface Unfinished {
  readonly save: (key: string, checkpoint: FitCheckpoint) => Promise<void>;
  readonly resume: (key: string) => Promise<FitCheckpoint | undefined>;
}

/** One of the trainings of a cross-validation. */
export interface UnfinishedFold extends Unfinished {
  /** Keeps what the fold gave, [rows, classes], instead of its checkpoints. */
  readonly finish: (key: string, probabilities: Float32Array) => Promise<void>;
  readonly finished: (key: string) => Promise<Float32Array | undefined>;
}

/** A folder that is there until its training is done. */
export interface UnfinishedRun extends Unfinished {
  readonly folder: string;
  /** From 0. */
  fold(number: number): UnfinishedFold;
  /** Checkpoints that could not be written. */
  readonly failures: number;
  /** Takes note that the run's files are about to appear there, with this model. */
  finish(run: string, model: Uint8Array): Promise<void>;
  /** Removes the folder: the training is done, or nothing of it has been saved. */
  remove(): Promise<void>;
  /** Removes the folder where no checkpoint is in it. */
  removeIfEmpty(): Promise<void>;
}

/** Told of what is saved, and of what could not be. */
export interface UnfinishedEvents {
  readonly onSaved: (folder: string) => void;
  readonly onWarning: (message: string) => void;
}

/** Begins one beside where the run will lie, or goes on with the one that lies there. */
export async function openUnfinished(
  run: string,
  begun: { readonly root: string; readonly settings: object },
  events: UnfinishedEvents,
): Promise<UnfinishedRun> {
  const folder = unfinishedName(run);
  await writing(folder, mkdir(folder, { recursive: true }));
  // With a checkpoint in it the folder tells how that one was begun: another training must not overwrite this.
  if (!(await hasCheckpoint(folder))) {
    const begin = { root: resolve(begun.root), directory: process.cwd(), settings: begun.settings };
    await writeAtomically(join(folder, beginFile), `${JSON.stringify(begin, null, 2)}\n`);
  }
  const saving = new Saving(folder, events);
  const remove = () => removeFolder(folder);
  return {
    folder,
    ...saving.into(folder),
    fold: (number) => {
      const own = join(folder, `fold-${number + 1}`);
      return {
        ...saving.into(own),
        finish: (key, probabilities) => saving.save(() => finishFold(own, key, probabilities)),
        finished: (key) => readFold(`${own}.safetensors`, key, events.onWarning),
      };
    },
    get failures() {
      return saving.failures;
    },
    finish: (place, model) =>
      saving.attempt(() => {
        const end = { run: basename(place), model: hashOf(model) };
        return writeAtomically(join(folder, endFile), `${JSON.stringify(end)}\n`);
      }),
    remove,
    async removeIfEmpty() {
      if (!(await hasCheckpoint(folder))) await remove();
    },
  };
}

/** A checkpoint that cannot be written is no reason to stop: the one before is still there. It is told once. */
class Saving {
  readonly #folder: string;
  readonly #events: UnfinishedEvents;
  failures = 0;

  constructor(folder: string, events: UnfinishedEvents) {
    this.#folder = folder;
    this.#events = events;
  }

  into(folder: string): Unfinished {
    return {
      save: (key, checkpoint) =>
        this.save(async () => {
          if (folder !== this.#folder) await makeFolder(folder);
          await writeCheckpoint(folder, key, checkpoint);
          await writeResults(folder, checkpoint);
        }),
      resume: (key) => readCheckpoint(folder, key, this.#events.onWarning),
    };
  }

  /** Tells what there is to go on with, new or from before. */
  async save(write: () => Promise<void>): Promise<void> {
    await this.attempt(write);
    if (await hasCheckpoint(this.#folder)) this.#events.onSaved(this.#folder);
  }

  async attempt(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (this.failures++ > 0) return;
      this.#events.onWarning(`${error.message}; the training goes on, what was saved before is kept`);
    }
  }
}

/** Not the folders above it: where those are gone somebody has removed them. */
function makeFolder(folder: string): Promise<void> {
  const made = mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  return writing(folder, made);
}

async function writeResults(folder: string, { position }: FitCheckpoint): Promise<void> {
  const rows = position.history.map(epochRow);
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0]!);
  const values = rows.map((row) => columns.map((column) => row[column]));
  await writeAtomically(join(folder, "results.csv"), toCsv(columns, values));
}

async function finishFold(folder: string, key: string, probabilities: Float32Array): Promise<void> {
  await writeFold(`${folder}.safetensors`, key, probabilities);
  await rm(folder, { recursive: true, force: true });
}

/** First out of the way, then file by file: killed in the middle it is no folder that can be gone on with. */
async function removeFolder(folder: string): Promise<void> {
  const aside = join(dirname(folder), `.grayling-${randomUUID()}.partial`);
  const moved = await rename(folder, aside).then(
    () => aside,
    () => folder, // gone, or held open: then what can be removed is
  );
  await rm(moved, { recursive: true, force: true });
}

async function hasCheckpoint(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => name.startsWith("checkpoint-") || name.startsWith("fold-"));
}

/** How a training was begun, as `train` takes it, and where its run will lie. */
export interface BegunTraining {
  readonly root: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly run: string;
}

/** How the training in an unfinished folder was begun. Throws `InputError` for another folder, and for a training that is finished. */
export async function readUnfinished(folder: string): Promise<BegunTraining> {
  const path = join(folder, beginFile);
  const text = await readFile(path, "utf8").catch(async (cause: NodeJS.ErrnoException) => {
    const isDone = (await readdir(folder).catch((): string[] => [])).includes("model.onnx");
    if (isDone) throw new InputError(`resume ${folder}: this training is finished, there is nothing to go on with`);
    throw new InputError(
      `resume ${folder}: no ${beginFile} in it (${cause.code}), expected the folder …${unfinishedName("")} of a training that was stopped`,
    );
  });
  try {
    const { root, directory, settings } = v.parse(Begin, JSON.parse(text));
    const name = basename(resolve(folder));
    if (!name.endsWith(unfinishedName(""))) throw new Error(`the folder must end in ${unfinishedName("")}`);
    const run = join(dirname(resolve(folder)), name.slice(0, -unfinishedName("").length));
    const own = { ...settings, ...pathsFrom(directory, settings), out: dirname(run), name: basename(run) };
    return { root, settings: own, run };
  } catch (cause) {
    throw new InputError(`resume ${path}: not what train writes (${(cause as Error).message})`, { cause });
  }
}

/** The run that has come of an unfinished training, where its process was killed before it could remove what it no longer needs. */
export async function finishedRun(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, endFile), "utf8").catch(() => undefined);
  const end = v.safeParse(End, text === undefined ? undefined : parseJson(text));
  if (!end.success) return undefined;
  const run = join(dirname(resolve(folder)), basename(end.output.run));
  const model = await readFile(join(run, "model.onnx")).catch(() => undefined);
  if (!model || hashOf(model) !== end.output.model) return undefined;
  await removeFolder(folder);
  return run;
}

/** Paths as they were given where they still mean the same, so that the run says the same; else absolute. */
function pathsFrom(directory: string, { weights, exclude }: Readonly<Record<string, unknown>>) {
  const known = (path: unknown): path is string =>
    typeof path === "string" && resolve(path) !== resolve(directory, path);
  const isFile = weights !== "imagenet" && weights !== "random";
  return {
    ...(isFile && known(weights) && { weights: resolve(directory, weights) }),
    ...(known(exclude) && { exclude: resolve(directory, exclude) }),
  };
}

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
