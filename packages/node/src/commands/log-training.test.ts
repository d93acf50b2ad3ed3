import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { TrainResult } from "../train/train.js";
import type { TrainEvent } from "../train/train-events.js";
import { logTraining } from "./log-training.js";

const events: readonly TrainEvent[] = [
  { kind: "claimed", folder: "/runs/steel-7" },
  { kind: "head", phase: "fit", step: 1, loss: 0.5 },
];

it("logs into a folder of the run's name, also of a training that fails, and reports all the same", async () => {
  const folder = await mkdtemp(join(tmpdir(), "grayling log-"));
  try {
    const told: string[] = [];
    const print = (line = "") => void told.push(line);
    const log = logTraining(folder, ({ kind }) => told.push(kind), { note: print, print });
    for (const event of events) log.onEvent(event);
    const training: Promise<TrainResult> = Promise.reject(new Error("no more"));
    await expect(log.until(training)).rejects.toThrow("no more");
    log.tell();
    expect(told).toEqual(["claimed", "head", `logs in ${folder}: tensorboard --logdir ${folder}`]);
    expect(await readdir(join(folder, "steel-7", "head", "train"))).toHaveLength(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it("writes nothing where no log is wanted", () => {
  const told: string[] = [];
  const print = (line = "") => void told.push(line);
  const log = logTraining(undefined, ({ kind }) => told.push(kind), { note: print, print });
  for (const event of events) log.onEvent(event);
  log.tell();
  expect(told).toEqual(["claimed", "head"]);
});
