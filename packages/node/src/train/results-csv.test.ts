/** The columns of `results.csv`, which programs of others read: docs/training.md lists them. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { paintNoise } from "../testing/paint-noise.js";
import { type TrainSettings, train } from "./train.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling results-"));
  await paintNoise(join(folder, "images"), 24);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const layers = { head: "dense(4,relu)", epochs: 2 };
const network = { unfreeze: "top", epochs: 2 };

it.each<[string, TrainSettings, string]>([
  ["a linear head", {}, "evaluation,loss"],
  ["a linear head with folds", { folds: 2 }, "evaluation,loss"],
  ["a head of layers", layers, "epoch,loss,accuracy,stopLoss,stopAccuracy,learningRate"],
  ["the network", network, "epoch,loss,accuracy,validationLoss,validationAccuracy,learningRate"],
  ["the network, where nothing validates", { ...network, validation: 0 }, "epoch,loss,accuracy,learningRate"],
  ["the network with folds", { ...network, folds: 2 }, "epoch,loss,accuracy,learningRate"],
])("of %s", async (name, settings, columns) => {
  const place = { out: join(folder, "runs"), name: name.replaceAll(/\W/g, "-") };
  const result = await train(join(folder, "images"), {
    report: false,
    height: 32,
    width: 32,
    threads: 1,
    ...place,
    ...settings,
  });
  const [header, ...rows] = (await readFile(join(result.folder, "results.csv"), "utf8")).trimEnd().split("\n");
  expect(header).toBe(columns);
  expect(rows.length).toBeGreaterThan(0);
  for (const [i, row] of rows.entries()) {
    const numbers = row.split(",").map(Number);
    expect(numbers[0]).toBe(i + 1);
    expect(numbers).toHaveLength(columns.split(",").length);
    expect(numbers.every(Number.isFinite)).toBe(true);
  }
});
