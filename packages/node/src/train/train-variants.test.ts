import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "@grayling/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { type TrainSettings, train } from "./train.js";
import type { TrainEvent } from "./train-events.js";

const mixedBits = repositoryFolder("fixtures", "mixed-bits");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling-train-variants-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function trainHere(settings: TrainSettings) {
  const events: TrainEvent[] = [];
  const result = await train(mixedBits, {
    report: false,
    ...{ height: 32, width: 32, out: folder, cache: join(folder, "cache"), batch: 16 },
    onEvent: (event) => events.push(event),
    ...settings,
  });
  return { result, augmented: events.find((event) => event.kind === "augmented") };
}

describe("training with augmented variants", () => {
  it("computes those of the images that train alone, keeps them, and gives the same bytes again", async () => {
    const augment = { preset: "light", noise: "5" };
    const first = await trainHere({ augment, augmentVariants: 2 });
    const training = first.result.sides.filter((side) => side === "train").length;
    expect(training).toBeLessThan(first.result.sides.length);
    // Two files may have the same content, whose variants are computed but once if they are in different batches.
    expect(first.augmented!.computed + first.augmented!.cached).toBe(2 * training);
    const again = await trainHere({ augment, augmentVariants: 2 });
    expect(again.augmented).toEqual({ kind: "augmented", computed: 0, cached: 2 * training });
    const [a, b] = await Promise.all([first, again].map(({ result }) => readFile(join(result.folder, "model.onnx"))));
    expect(a!.equals(b!)).toBe(true);
    const config = JSON.parse(await readFile(join(first.result.folder, "config.json"), "utf8"));
    expect(config.options).toMatchObject({ augmentVariants: 2, augment: { gaussianNoise: { sd: [0, 5] } } });
  });

  it("learns otherwise from them, and in folds as well", async () => {
    const [none, some] = [await trainHere({ folds: 2 }), await trainHere({ folds: 2, augment: { rotation: "20" } })];
    expect(none.augmented).toBeUndefined();
    expect(some.result.folds!.probabilities).not.toEqual(none.result.folds!.probabilities);
  });

  it("refuses variants of nothing", async () => {
    for (const settings of [
      { augmentVariants: 3 },
      { augment: { fill: "wrap" } },
      { augment: { preset: "none", cval: "3" } },
    ]) {
      await expect(trainHere(settings)).rejects.toThrow(InputError);
      await expect(trainHere(settings)).rejects.toThrow("augment: nothing varies the images");
    }
    await expect(trainHere({ augment: { rotation: "3" }, augmentVariants: 0 })).rejects.toThrow("augment variants 0");
  });
});
