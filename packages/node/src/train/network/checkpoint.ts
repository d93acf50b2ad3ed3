/** What an unfinished training leaves on disk, so that it can go on exactly: the last two checkpoints, each whole or not there. */
import { readdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  type FitCheckpoint,
  InputError,
  readSafetensors,
  type Tensor,
  type Weights,
  WeightsError,
  writeSafetensors,
} from "@grayling/core";
import * as v from "valibot";
import { writeAtomically } from "../../files/write-atomically.js";

/** Rises when a checkpoint of before can no longer be gone on with. */
const format = 1;
const kept = 2;
const nameOf = /^checkpoint-(\d+)\.safetensors$/;

const Position = v.object({
  epoch: v.number(),
  step: v.number(),
  lossSum: v.number(),
  correct: v.number(),
  seen: v.number(),
  record: v.nullable(
    v.object({
      epoch: v.number(),
      value: v.nullable(v.number()),
      bestEpoch: v.number(),
      best: v.nullable(v.number()),
      stop: v.boolean(),
    }),
  ),
  plateau: v.object({ factor: v.number(), since: v.number() }),
  history: v.array(
    v.object({
      epoch: v.number(),
      loss: v.number(),
      accuracy: v.number(),
      validationLoss: v.optional(v.nullable(v.number())), // JSON has no Infinity and no NaN
      validationAccuracy: v.optional(v.number()),
      learningRate: v.number(),
    }),
  ),
});

const parts = ["weights", "moments", "average", "best"] as const;

/**
 * Writes a checkpoint beside those of before and removes all but the last two. `key` tells the training it belongs to.
 * Throws `InputError` where it cannot be written; those of before stay.
 */
export async function writeCheckpoint(
  folder: string,
  key: string,
  { position, trainer, best }: FitCheckpoint,
): Promise<void> {
  const { step, ...states } = trainer;
  const tensors = new Map<string, Tensor>();
  for (const part of parts) {
    const own = part === "best" ? best : states[part];
    for (const [name, tensor] of own) tensors.set(`${part}:${name}`, tensor);
  }
  const metadata = {
    "grayling.checkpoint": String(format),
    key,
    step: String(step),
    position: JSON.stringify(position),
  };
  const path = join(folder, `checkpoint-${String(step).padStart(9, "0")}.safetensors`);
  await writeAtomically(path, writeSafetensors(tensors, metadata));
  const names = await checkpointNames(folder);
  const [later, own] = [names.indexOf(basename(path)), names.slice(names.indexOf(basename(path)))];
  // What counts more steps could not be read, or the training would have gone on from it.
  const stale = [...names.slice(0, later), ...own.slice(kept)];
  await Promise.all(stale.map((name) => rm(join(folder, name), { force: true })));
}

/**
 * The newest checkpoint that can be read; undefined where there is none yet. `onDamaged` is told of those that cannot.
 * Throws `InputError` for a checkpoint of another training, or of a newer grayling.
 */
export async function readCheckpoint(
  folder: string,
  key: string,
  onDamaged: (message: string) => void,
): Promise<FitCheckpoint | undefined> {
  const names = await checkpointNames(folder);
  for (const [i, name] of names.entries()) {
    const path = join(folder, name);
    try {
      return parseCheckpoint(await readFile(path), path, key);
    } catch (error) {
      if (!(error instanceof WeightsError)) throw error;
      const next = i + 1 < names.length ? "taking the one before" : "there is none before it: the training begins anew";
      onDamaged(`${path}: ${error.message}; ${next}`);
    }
  }
  return undefined;
}

/** Newest first. */
async function checkpointNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return []; // of a fold that has not begun
  });
  return names
    .filter((name) => nameOf.test(name))
    .sort()
    .reverse();
}

function parseCheckpoint(bytes: Uint8Array, path: string, key: string): FitCheckpoint {
  const { tensors, metadata } = readSafetensors(bytes);
  const version = Number(metadata["grayling.checkpoint"]);
  if (version > format) {
    throw new InputError(
      `${path}: written by a newer grayling (format ${version}), expected ${format}; update grayling`,
    );
  }
  if (metadata["key"] !== key) {
    throw new InputError(
      `${path}: belongs to another training: its images, options, weights or kernels differ; resume with what it was begun with, or choose another --name`,
    );
  }
  const position = v.safeParse(Position, parseJson(metadata["position"]));
  const step = Number(metadata["step"]);
  if (!position.success || !Number.isSafeInteger(step)) {
    throw new WeightsError("damaged, expected the position of a training in its metadata");
  }
  const part = (name: (typeof parts)[number]): Weights =>
    new Map(
      [...tensors].flatMap(([full, tensor]) =>
        full.startsWith(`${name}:`) ? [[full.slice(name.length + 1), tensor] as const] : [],
      ),
    );
  const { record, history, ...rest } = position.output;
  return {
    position: {
      ...rest,
      record: record && { ...record, value: record.value ?? Number.NaN, best: record.best ?? Number.NaN },
      history: history.map(({ validationLoss, validationAccuracy, ...epoch }) => ({
        ...epoch,
        ...(validationLoss !== undefined && { validationLoss: validationLoss ?? Number.NaN }),
        ...(validationAccuracy !== undefined && { validationAccuracy }),
      })),
    },
    trainer: {
      step,
      weights: part("weights"),
      moments: part("moments"),
      average: part("average"),
    },
    best: part("best"),
  };
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
