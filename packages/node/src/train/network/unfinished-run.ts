/** The folder of a training that is not done: how it was begun, its checkpoints, and its results so far. */
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { InputError } from "@grayling/core";
import * as v from "valibot";
import { writeAtomically } from "../../files/write-atomically.js";
import { writing } from "../../files/write-failure.js";
import { toCsv } from "../../run/csv.js";
import { unfinishedName } from "../../run/run-folder.js";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { epochRow } from "./epoch-row.js";
import type { Unfinished } from "./fine-tune.js";

const beginFile = "training.json";

const Begin = v.object({
  /** The folder or CSV file of images. */
  root: v.string(),
  /** `TrainOptions`, as they were given. */
  settings: v.record(v.string(), v.unknown()),
});

/** A folder that is there until its training is done. */
export interface UnfinishedRun extends Unfinished {
  readonly folder: string;
  /** Removes the folder: the training is done, or nothing of it has been saved. */
  remove(): Promise<void>;
  /** Removes the folder where no checkpoint is in it. */
  removeIfEmpty(): Promise<void>;
}

/** Begins one beside where the run will lie, or goes on with the one that lies there. */
export async function openUnfinished(
  run: string,
  begun: { readonly root: string; readonly settings: object },
  { onSaved, onDamaged }: { readonly onSaved: (folder: string) => void; readonly onDamaged: (message: string) => void },
): Promise<UnfinishedRun> {
  const folder = unfinishedName(run);
  await writing(folder, mkdir(folder, { recursive: true }));
  // With a checkpoint in it the folder tells how that one was begun: another training must not overwrite this.
  if (!(await hasCheckpoint(folder))) {
    const root = resolve(begun.root);
    await writeAtomically(join(folder, beginFile), `${JSON.stringify({ root, settings: begun.settings }, null, 2)}\n`);
  }
  const remove = () => rm(folder, { recursive: true, force: true });
  return {
    folder,
    async save(key, checkpoint) {
      await writeCheckpoint(folder, key, checkpoint);
      const rows = checkpoint.position.history.map(epochRow);
      const columns = Object.keys(rows[0] ?? {});
      if (rows.length > 0) {
        const values = rows.map((row) => columns.map((column) => row[column]));
        await writeAtomically(join(folder, "results.csv"), toCsv(columns, values));
      }
      onSaved(folder);
    },
    resume: (key) => readCheckpoint(folder, key, onDamaged),
    remove,
    async removeIfEmpty() {
      if (!(await hasCheckpoint(folder))) await remove();
    },
  };
}

const hasCheckpoint = async (folder: string): Promise<boolean> =>
  (await readdir(folder).catch(() => [])).some((name) => name.startsWith("checkpoint-"));

/** How the training in an unfinished folder was begun. Throws `InputError` for another folder. */
export async function readUnfinished(folder: string): Promise<{ root: string; settings: Record<string, unknown> }> {
  const path = join(folder, beginFile);
  const text = await readFile(path, "utf8").catch(async (cause: NodeJS.ErrnoException) => {
    const isDone = (await readdir(folder).catch((): string[] => [])).includes("model.onnx");
    if (isDone) throw new InputError(`resume ${folder}: this training is finished, there is nothing to go on with`);
    throw new InputError(
      `resume ${folder}: no ${beginFile} in it (${cause.code}), expected the folder …${unfinishedName("")} of a training that was stopped`,
    );
  });
  try {
    const { root, settings } = v.parse(Begin, JSON.parse(text));
    const run = basename(resolve(folder));
    if (!run.endsWith(unfinishedName(""))) throw new Error(`the folder must end in ${unfinishedName("")}`);
    const name = run.slice(0, -unfinishedName("").length);
    return { root, settings: { ...settings, out: dirname(resolve(folder)), name } };
  } catch (cause) {
    throw new InputError(`resume ${path}: not what train writes (${(cause as Error).message})`, { cause });
  }
}
