import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "@grayling/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repositoryFolder } from "../../testing/repository-folder.js";
import { train } from "../train.js";
import type { TrainEvent } from "../train-events.js";
import { planTraining } from "./plan-training.js";

const mixedBits = repositoryFolder("fixtures", "mixed-bits");

let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "grayling plan ü-"));
});
afterAll(() => rm(out, { recursive: true, force: true }));

const small = { height: 64, width: 64, threads: 1, batch: 8, epochs: 2 };

describe("the plan of a training", () => {
  it("measures what was asked for and what is cheaper, and counts folds and parts of a batch", async () => {
    const measured: string[] = [];
    const settings = { ...small, unfreeze: "block6", microBatch: 4, onMeasured: (word: string) => measured.push(word) };
    const { images, folds, choices } = await planTraining(mixedBits, { ...settings, folds: 3 });
    expect(measured).toEqual(["block6", "block7", "top"]);
    expect(choices.map(({ unfreeze }) => unfreeze)).toEqual(measured);
    expect([images.val, folds]).toEqual([0, 3]); // every image trains in two folds and in the model
    for (const [i, choice] of choices.entries()) {
      expect(choice).toMatchObject({ batch: 8, imagesAtOnce: 4, epochs: 2 });
      expect(choice.secondsPerEpoch).toBeCloseTo(images.train / choice.imagesPerSecond, 6);
      const once = choice.activations!.seconds;
      expect(choice.secondsInAll).toBeCloseTo(3 * 2 * choice.secondsPerEpoch + once, 6);
      expect(choice.memory).toBeGreaterThan(200 * 2 ** 20);
      if (i > 0) expect(choice.parameters).toBeLessThan(choices[i - 1]!.parameters);
    }
  });

  it("is an event of a training that asks for it, before anything of the network trains, and measures nothing cheaper of a short one", async () => {
    const events: TrainEvent[] = [];
    const onEvent = (event: TrainEvent) => void events.push(event);
    await train(mixedBits, { report: false, ...small, out, unfreeze: "block7", epochs: 1, plan: true, onEvent });
    const kinds = events.map(({ kind }) => kind);
    expect(kinds.indexOf("plan")).toBeGreaterThan(kinds.indexOf("split"));
    expect(kinds.indexOf("plan")).toBeLessThan(kinds.indexOf("network"));
    const told = events.flatMap((event) => (event.kind === "plan" ? [event.plan] : []));
    expect(told.map(({ choices }) => choices.length)).toEqual([1]);
    expect(await readdir(out)).toEqual(["mixed-bits-1"]);
  });

  it("tells that the head alone needs none", async () => {
    const error = await planTraining(mixedBits, { height: 64, width: 64 }).catch((error: Error) => error);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain("say what else, such as --unfreeze block6");
  });
});
