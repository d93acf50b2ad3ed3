import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type FitCheckpoint, InputError } from "@grayling/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { finishedRun, openUnfinished, readUnfinished, type UnfinishedEvents } from "./unfinished-run.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling unfinished é-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const quiet: UnfinishedEvents = { onSaved: () => {}, onWarning: () => {} };
const open = (epochs: number, events: Partial<UnfinishedEvents> = {}) =>
  openUnfinished(join(folder, "run"), { root: "/images", settings: { epochs } }, { ...quiet, ...events });

const checkpoint = (step: number): FitCheckpoint => ({
  position: {
    ...{ epoch: 1, step: 0, lossSum: 0, correct: 0, seen: 0, record: null, plateau: { factor: 1, since: 0 } },
    history: [{ epoch: 1, loss: 0.7, accuracy: 0.5, learningRate: 1e-3 }],
  },
  trainer: { step, weights: new Map(), moments: new Map(), average: new Map() },
  best: new Map(),
});

it("tells how it was begun, and where its run will lie", async () => {
  const run = await open(3);
  expect(await readUnfinished(run.folder)).toEqual({
    root: resolve("/images"),
    settings: { epochs: 3, out: folder, name: "run" },
    run: join(folder, "run"),
  });
});

it("keeps how a training with a checkpoint was begun, whatever is begun in its place", async () => {
  const run = await open(3);
  await writeFile(join(run.folder, "checkpoint-000000001.safetensors"), "");
  await (await open(5)).removeIfEmpty();
  expect((await readUnfinished(run.folder)).settings).toMatchObject({ epochs: 3 });
});

it("forgets one that has saved nothing", async () => {
  await open(3);
  const run = await open(5);
  expect((await readUnfinished(run.folder)).settings).toMatchObject({ epochs: 5 });
  await run.removeIfEmpty();
  expect(await readdir(folder)).toEqual([]);
});

it("is no other folder, and no folder of another name", async () => {
  await expect(readUnfinished(folder)).rejects.toThrow("no training.json in it (ENOENT)");
  const other = join(folder, "renamed");
  await mkdir(other);
  await writeFile(join(other, "training.json"), JSON.stringify({ root: "/images", directory: "/", settings: {} }));
  await expect(readUnfinished(other)).rejects.toThrow("must end in .unfinished");
  await writeFile(join(other, "training.json"), "{");
  await expect(readUnfinished(other)).rejects.toThrow(InputError);
});

it("keeps what its paths meant, in the words in which they were given where these still say it", async () => {
  const run = await openUnfinished(
    join(folder, "run"),
    { root: "/images", settings: { weights: "my.h5", exclude: "./fix.csv" } },
    quiet,
  );
  expect((await readUnfinished(run.folder)).settings).toMatchObject({ weights: "my.h5", exclude: "./fix.csv" });
  const path = join(run.folder, "training.json");
  const elsewhere = join(folder, "elsewhere");
  const moved = async (settings: object) => {
    await writeFile(path, JSON.stringify({ root: "/images", directory: elsewhere, settings }));
    return (await readUnfinished(run.folder)).settings;
  };
  expect(await moved({ weights: "my.h5", exclude: "./fix.csv" })).toMatchObject({
    weights: join(elsewhere, "my.h5"),
    exclude: join(elsewhere, "fix.csv"),
  });
  expect(await moved({ weights: "random" })).toMatchObject({ weights: "random" });
  expect(await moved({})).not.toHaveProperty("weights");
});

it("goes on where a checkpoint cannot be written, says so once, and keeps the one before", async () => {
  const [saved, warnings]: [string[], string[]] = [[], []];
  const run = await open(3, { onSaved: (at) => saved.push(at), onWarning: (message) => warnings.push(message) });
  await run.save("key", checkpoint(1));
  expect([saved.length, run.failures]).toEqual([1, 0]);
  for (const step of [2, 3]) {
    await mkdir(join(run.folder, `checkpoint-00000000${step}.safetensors`, "in the way"), { recursive: true });
    await run.save("key", checkpoint(step));
  }
  expect(run.failures).toBe(2);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/cannot be written, .*; the training goes on, what was saved before is kept$/);
  expect(saved).toHaveLength(3); // there still is one to go on from
  for (const step of [2, 3]) await rm(join(run.folder, `checkpoint-00000000${step}.safetensors`), { recursive: true });
  expect((await run.resume("key"))?.trainer.step).toBe(1);
});

it("keeps what a fold gave instead of its checkpoints, and trains another's again", async () => {
  const run = await open(3);
  const [first, second] = [run.fold(0), run.fold(1)];
  expect(await first.finished("key")).toBeUndefined();
  expect(await first.resume("key")).toBeUndefined();
  await first.save("key", checkpoint(4));
  await second.save("key 2", checkpoint(5));
  expect((await first.resume("key"))?.trainer.step).toBe(4);
  await first.finish("key", Float32Array.of(0.25, 0.75));
  expect(await first.finished("key")).toEqual(Float32Array.of(0.25, 0.75));
  expect(await first.finished("another")).toBeUndefined();
  expect((await readdir(run.folder)).sort()).toEqual(["fold-1.safetensors", "fold-2", "training.json"]);
  expect((await second.resume("key 2"))?.trainer.step).toBe(5);
  await run.removeIfEmpty();
  expect(await readdir(folder)).toEqual(["run.unfinished"]);
  await writeFile(join(run.folder, "fold-1.safetensors"), "damaged");
  const warnings: string[] = [];
  const again = await open(3, { onWarning: (message) => warnings.push(message) });
  expect(await again.fold(0).finished("key")).toBeUndefined();
  expect(warnings[0]).toMatch(/the fold is trained again$/);
});

it("is known to be finished where its run is there, and only then", async () => {
  const run = await open(3);
  await run.save("key", checkpoint(1));
  expect(await finishedRun(run.folder)).toBeUndefined();
  const model = Uint8Array.of(1, 2, 3);
  await run.finish(join(folder, "run"), model);
  expect(await finishedRun(run.folder)).toBeUndefined(); // killed before the run appeared
  await mkdir(join(folder, "run"));
  await writeFile(join(folder, "run", "model.onnx"), "another training's");
  expect(await finishedRun(run.folder)).toBeUndefined();
  await writeFile(join(folder, "run", "model.onnx"), model);
  expect(await finishedRun(run.folder)).toBe(join(folder, "run"));
  expect(await readdir(folder)).toEqual(["run"]); // what it no longer needs is gone
});
