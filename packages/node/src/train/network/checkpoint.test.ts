import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FitCheckpoint, InputError, readSafetensors, type Tensor, writeSafetensors } from "@grayling/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling checkpoint ö-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tensor = (...values: number[]): Tensor => ({ shape: [values.length], data: Float32Array.from(values) });

const checkpoint = (step: number, validationLoss = 0.5): FitCheckpoint => ({
  position: {
    ...{ epoch: 1, step: 0, lossSum: 0, correct: 0, seen: 0 },
    record: { epoch: 0, value: validationLoss, bestEpoch: -1, best: Number.NaN, stop: false },
    plateau: { factor: 1, since: 0 },
    history: [{ epoch: 1, loss: 0.7, accuracy: 0.5, validationLoss, validationAccuracy: 0.5, learningRate: 1e-3 }],
  },
  trainer: {
    step,
    weights: new Map([["a/kernel", tensor(step, 1)]]),
    moments: new Map([["m/a/kernel", tensor(2, 3)]]),
    average: new Map(),
  },
  best: new Map([["a/kernel", tensor(4, 5)]]),
});

const names = async () => (await readdir(folder)).sort();
const nameOf = (step: number) => `checkpoint-${String(step).padStart(9, "0")}.safetensors`;

it("comes back as it was written, the newest of the last two, and no number stays no number", async () => {
  for (const step of [3, 9, 12]) await writeCheckpoint(folder, "key", checkpoint(step, Number.NaN));
  expect(await names()).toEqual([nameOf(9), nameOf(12)]);
  expect(await readCheckpoint(folder, "key", expect.unreachable)).toEqual(checkpoint(12, Number.NaN));
});

it("is none where nothing has been saved", async () => {
  expect(await readCheckpoint(folder, "key", expect.unreachable)).toBeUndefined();
});

it("goes on from the one before a damaged one, which gives way to the next that is written", async () => {
  for (const step of [3, 9]) await writeCheckpoint(folder, "key", checkpoint(step));
  await truncate(join(folder, nameOf(9)), 100);
  const damaged: string[] = [];
  const found = await readCheckpoint(folder, "key", (message) => damaged.push(message));
  expect(found?.trainer.step).toBe(3);
  expect(damaged).toHaveLength(1);
  expect(damaged[0]).toMatch(/000000009\.safetensors: .*; taking the one before$/);
  await writeCheckpoint(folder, "key", checkpoint(4));
  expect(await names()).toEqual([nameOf(3), nameOf(4)]);
});

it("says that a training begins anew where none can be read, and keeps what that one writes", async () => {
  for (const step of [300, 400]) {
    await writeCheckpoint(folder, "key", checkpoint(step));
    await truncate(join(folder, nameOf(step)), 50);
  }
  const damaged: string[] = [];
  expect(await readCheckpoint(folder, "key", (message) => damaged.push(message))).toBeUndefined();
  expect(damaged.at(-1)).toContain("there is none before it: the training begins anew");
  await writeCheckpoint(folder, "key", checkpoint(2));
  expect(await names()).toEqual([nameOf(2)]);
});

it.each([
  ["a step that is no number", { step: "many" }, "damaged, expected the position"],
  ["a position that is none", { position: "{}" }, "damaged, expected the position"],
])("counts as damaged with %s", async (_, change, message) => {
  await writeCheckpoint(folder, "key", checkpoint(3));
  const path = join(folder, nameOf(3));
  const { tensors, metadata } = readSafetensors(await readFile(path));
  await writeFile(path, writeSafetensors(tensors, { ...metadata, ...change }));
  const damaged: string[] = [];
  expect(await readCheckpoint(folder, "key", (told) => damaged.push(told))).toBeUndefined();
  expect(damaged[0]).toContain(message);
});

it("belongs to one training alone", async () => {
  await writeCheckpoint(folder, "key", checkpoint(3));
  const reading = readCheckpoint(folder, "another", expect.unreachable);
  await expect(reading).rejects.toThrow(InputError);
  await expect(reading).rejects.toThrow("belongs to another training");
});
