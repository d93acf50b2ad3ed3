import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { TrainEvent } from "../train/train-events.js";
import { maskedCrc32c } from "./crc32c.js";
import { scalarsEvent, versionEvent } from "./event-message.js";
import { tensorBoardLog } from "./tensorboard-log.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling tensorboard ü-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const startedAt = 1_700_000_000_500; // ms
const seconds = startedAt / 1000;
const fileName = "events.out.tfevents.1700000000.grayling.0.v2";

/** The events of a part's file, each held against its checksums; undefined where there is no such part. */
async function eventsOf(part: string): Promise<string[] | undefined> {
  const bytes = await readFile(join(folder, part, fileName)).catch(() => undefined);
  if (!bytes) return undefined;
  const events: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
    const content = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(content));
    events.push(content.toString("hex"));
    at += 12 + length + 4;
  }
  return events;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const version = hex(versionEvent(seconds));
const scalars = (step: number, values: Record<string, number>) => hex(scalarsEvent(seconds, step, values));

const epoch = (number: number): TrainEvent => ({
  kind: "network-progress",
  ...{ epochs: 2, kernels: "blocked" },
  progress: {
    kind: "epoch",
    isBest: true,
    epoch: {
      ...{ epoch: number, loss: 1 / number, accuracy: 0.5, learningRate: 0.001 },
      ...{ validationLoss: 0.75, validationAccuracy: 0.25 },
    },
  },
});

const step = (epoch: number, number: number): TrainEvent => ({
  kind: "network-progress",
  ...{ epochs: 2, kernels: "blocked" },
  progress: { kind: "step", epoch, step: number, steps: 4, loss: 0.5, learningRate: 0.001, images: 32 },
});

const head = (phase: string, number: number, loss: number): TrainEvent => ({ kind: "head", phase, step: number, loss });

const network: TrainEvent = {
  ...{ kind: "network", layers: 3, parameters: 5, frozen: 1, cut: undefined, bytes: 0, batch: 32, imagesAtOnce: 32 },
};

const fold = (of: "head" | "network", number: number): TrainEvent => ({
  ...{ kind: "fold", of, fold: number, folds: 2, accuracy: 0.5 },
});

function log(events: readonly TrainEvent[]): string[] {
  const problems: string[] = [];
  const onEvent = tensorBoardLog(folder, { now: () => startedAt, onProblem: (message) => problems.push(message) });
  for (const event of events) onEvent(event);
  onEvent.close();
  return problems;
}

it("writes a network's training by the names and steps of Keras' callback", async () => {
  log([network, step(1, 4), epoch(1), step(2, 1)]);
  expect(await eventsOf("train")).toEqual([
    version,
    scalars(4, { batch_loss: 0.5, batch_learning_rate: 0.001 }),
    scalars(0, { epoch_loss: 1, epoch_accuracy: 0.5, epoch_learning_rate: 0.001 }),
    scalars(5, { batch_loss: 0.5, batch_learning_rate: 0.001 }),
  ]);
  expect(await eventsOf("validation")).toEqual([version, scalars(0, { epoch_loss: 0.75, epoch_accuracy: 0.25 })]);
});

it("writes the curve of a head, and not those that look for doubtful labels", async () => {
  log([
    ...[head("cross-validation", 1, 3), head("cross-validation", 2, 2.5), head("cross-validation", 1, 2.75)],
    ...[head("fit", 1, 2), head("fit", 2, 1), head("fit", 1, 9), head("fit", 2, 9), head("fit", 1, 9)],
  ]);
  expect(await eventsOf("head/train")).toEqual([
    version,
    ...[3, 2.5, 2.75].map((loss, i) => scalars(i + 1, { cross_validation_loss: loss })),
    scalars(1, { fit_loss: 2 }),
    scalars(2, { fit_loss: 1 }),
  ]);
});

it("writes a head of layers with all that its epochs tell", async () => {
  const trained = { epoch: 1, loss: 0.5, accuracy: 0.75, learningRate: 0.001 };
  log([{ kind: "head", phase: "epochs", step: 1, loss: 0.5, epoch: { ...trained, stopLoss: 0.6, stopAccuracy: 0.7 } }]);
  expect(await eventsOf("head/train")).toEqual([
    version,
    scalars(0, { epoch_loss: 0.5, epoch_accuracy: 0.75, epoch_learning_rate: 0.001 }),
  ]);
  expect(await eventsOf("head/held-out")).toEqual([version, scalars(0, { epoch_loss: 0.6, epoch_accuracy: 0.7 })]);
});

it("keeps folds apart, of heads and of networks", async () => {
  log([
    ...[head("fit", 1, 4), fold("head", 1), head("fit", 1, 3), fold("head", 2), head("fit", 1, 2), head("fit", 2, 1)],
    ...[network, epoch(1), fold("network", 1), network, epoch(2), fold("network", 2), network, epoch(1)],
  ]);
  expect(await eventsOf("fold-1/head/train")).toEqual([version, scalars(1, { fit_loss: 4 })]);
  expect(await eventsOf("fold-2/head/train")).toEqual([version, scalars(1, { fit_loss: 3 })]);
  expect(await eventsOf("head/train")).toHaveLength(3);
  for (const place of ["fold-1/train", "fold-2/train", "train"]) expect(await eventsOf(place)).toHaveLength(2);
});

it("writes each event at once, so that a training that is killed leaves what it has told", async () => {
  const onEvent = tensorBoardLog(folder, { now: () => startedAt });
  onEvent(epoch(1));
  expect(await eventsOf("train")).toHaveLength(2);
  onEvent.close();
});

it("never writes into a file that is there: a training that goes on has one of its own", async () => {
  log([epoch(1)]);
  const before = await eventsOf("train");
  log([epoch(2)]);
  expect(await eventsOf("train")).toEqual(before);
  expect(await readdir(join(folder, "train"))).toHaveLength(2);
});

it("leaves a folder in which nothing happened alone", async () => {
  log([]);
  expect(await readdir(folder)).toEqual([]);
});

it("tells once where it cannot write, and stops nothing", async () => {
  await writeFile(join(folder, "train"), "a file in the way");
  const problems = log([epoch(1), epoch(2)]);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/TensorBoard's files cannot be written \(.*\); the training goes on$/);
});
