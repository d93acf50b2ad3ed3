/** The folder of a demo: what lies where, and how we know that it is ours to write in. */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "@grayling/core";
import * as v from "valibot";
import { explainFileError } from "../dataset/explain-file-error.js";
import { isHidden } from "../dataset/find-images.js";
import { writeAtomically } from "../files/write-atomically.js";
import { writing } from "../files/write-failure.js";

export interface DemoFolder {
  readonly root: string;
  /** One folder per class, to train on. */
  readonly images: string;
  /** One folder per class, never trained on. */
  readonly heldOut: string;
  readonly runs: string;
  /** Computed features: inside, so that nothing of a demo lies elsewhere. */
  readonly cache: string;
  /** The seed of the demo that wrote here before; undefined where there was none. */
  readonly earlierSeed: number | undefined;
}

/** Says whose the folder is. It is written first: a demo that was stopped can be repeated. */
const markName = "demo.json";
const madeBy = "grayling demo";
const Mark = v.object({ madeBy: v.literal(madeBy), seed: v.number() });

/**
 * Makes the folder, or takes that of an earlier demo. Nothing is ever removed from it.
 * Throws `InputError` when something else lies there, or it cannot be written.
 */
export async function claimFolder(root: string, seed: number): Promise<DemoFolder> {
  const earlierSeed = await earlierDemo(root);
  await writing(root, mkdir(root, { recursive: true }));
  await writeAtomically(join(root, markName), `${JSON.stringify({ madeBy, seed })}\n`);
  const below = (name: string) => join(root, name);
  return {
    root,
    images: below("images"),
    heldOut: below("held-out"),
    runs: below("runs"),
    cache: below("cache"),
    earlierSeed,
  };
}

async function earlierDemo(root: string): Promise<number | undefined> {
  const names = await visibleNames(root);
  if (names.length === 0) return undefined;
  const mark = names.includes(markName) ? readMark(await readFile(join(root, markName), "utf8")) : undefined;
  if (mark) return mark.seed;
  throw new InputError(
    `demo folder ${root}: holds files that are not of a demo (${names[0]}, …), expected a new or empty folder; choose another with --out`,
  );
}

async function visibleNames(root: string): Promise<string[]> {
  try {
    return (await readdir(root)).filter((name) => !isHidden(name)).sort();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return [];
    const reason = code === "ENOTDIR" ? "a file, expected a new or empty folder" : explainFileError(error);
    throw reason === undefined ? error : new InputError(`demo folder ${root}: ${reason}`, { cause: error });
  }
}

function readMark(text: string): v.InferOutput<typeof Mark> | undefined {
  try {
    return v.parse(Mark, JSON.parse(text));
  } catch {
    return undefined; // somebody else's demo.json
  }
}

/** Names for the two runs of a demo, `transferred-2` and `random-2` where there is one of 1 already. */
export async function nextRunNames(runs: string): Promise<{ readonly transferred: string; readonly random: string }> {
  const taken = new Set(await visibleNames(runs));
  let number = 1;
  while (taken.has(`transferred-${number}`) || taken.has(`random-${number}`)) number++;
  return { transferred: `transferred-${number}`, random: `random-${number}` };
}
