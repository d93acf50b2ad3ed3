/** A user's own model, as three versions and formats of Keras saved it, gives what Keras computed with it. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  cut,
  encode,
  foldBatchNorm,
  foldGrayscale,
  InputError,
  inference,
  largestDifference,
  lower,
  type Model,
  nodeOf,
  WeightsError,
} from "@grayling/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { goldenGray } from "../testing/golden-gray.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { openKerasModel } from "./open-keras-model.js";

/** Of `gray(2, 84, 112)` as three channels, in float64, from Keras; features: the first 16 of each image. */
const recorded: {
  readonly maxPoolFirst16: readonly (readonly number[])[];
  readonly probabilities: readonly (readonly number[])[];
} = JSON.parse(readFileSync(repositoryFolder("fixtures", "keras", "user-model.json"), "utf8"));

/** Of one layer: its values' extents, channels last, and some of them. */
interface RecordedLayer {
  readonly name: string;
  readonly shape: readonly [number, number, number, number];
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly max: number;
}

/**
 * Keras in float32 is up to 8.6e-6 of a layer's largest value off its float64, seen over all networks; an engine that sums
 * in another order gets three times that. The probabilities are of sums of 1280 features that are off by as much.
 */
const rounding = 2.6e-5;

const runtime = new OrtRuntime();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling keras ü-"));
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

const images = goldenGray(2, 84, 112);

async function run(model: Model) {
  const channels = nodeOf(model.graph, "input_layer").shape[1] as number; // images
  const pixels = 84 * 112;
  const data = new Float32Array(2 * channels * pixels);
  for (const n of [0, 1]) {
    const plane = images.subarray(n * pixels, (n + 1) * pixels);
    for (let c = 0; c < channels; c++) data.set(plane, (n * channels + c) * pixels);
  }
  const session = await runtime.open(encode(lower(model, inference)));
  return session.run({ input_layer: { shape: [2, channels, 84, 112], data } });
}

async function expectRecorded(model: Model): Promise<void> {
  const { max_pool: features, dense: probabilities } = await run(model);
  const largest = features!.data.reduce((a, b) => Math.max(a, b));
  for (const n of [0, 1]) {
    const first16 = features!.data.subarray(1280 * n, 1280 * n + 16);
    expect(largestDifference(first16, recorded.maxPoolFirst16[n]!).difference).toBeLessThan(rounding * largest);
  }
  expect(probabilities!.shape).toEqual([2, 9]);
  expect(largestDifference(probabilities!.data, recorded.probabilities.flat()).difference).toBeLessThan(rounding);
}

describe("a user's model, Sequential[EfficientNetB0, Flatten, Dense(9)]", () => {
  it.for([
    ["user_model.keras", []],
    ["user_model.h5", ["a whole model of Keras 2.21.0: Keras 3 cannot load it"]],
    // Keras itself loads this file wrongly; what its weights mean is right.
    ["user_model_keras3.h5", ["a whole model as .h5 with a network inside: Keras 3 itself loads such a file wrongly"]],
  ] as const)("gives Keras' features and probabilities: %s", async ([file, notes], context) => {
    const path = sharedFolder("golden", "weights", file);
    if (path === undefined) return context.skip("no folder shared/golden/weights beside the repository");
    const opened = await openKerasModel(path);
    expect([opened.classes, opened.name]).toEqual([9, "sequential"]);
    expect(opened.notes).toEqual(notes.map((note) => expect.stringContaining(note)));
    const both = cut(opened.model, "max_pool", "dense");
    await expectRecorded(both);
    await expectRecorded(foldBatchNorm(foldGrayscale(both)));
  });

  it("that declares no size pads as Keras does, whatever the size, and counts no classes", async (context) => {
    const path = sharedFolder("golden", "weights", "efficientnetb0_notop.keras");
    const truth = sharedFolder("golden", "activations", "EfficientNetB0-dynamic.json");
    if (path === undefined || truth === undefined) return context.skip("no folder shared/golden beside the repository");
    const opened = await openKerasModel(path, { height: 84, width: 112 });
    expect(opened.classes).toBeUndefined();
    const layers: readonly RecordedLayer[] = JSON.parse(readFileSync(truth, "utf8")).layers;
    const { name, shape, first, last, max } = layers.at(-1)!;
    const { [name]: output } = await run(opened.model);
    const [batch, height, width, channels] = shape;
    expect(output!.shape).toEqual([batch, channels, height, width]);
    // The first and last four values lie in one pixel each, channels last.
    const valueAt = (n: number, pixel: number, channel: number) =>
      output!.data[(n * channels + channel) * height * width + pixel]!;
    const [starts, ends] = [
      [0, 1, 2, 3].map((channel) => valueAt(0, 0, channel)),
      [4, 3, 2, 1].map((back) => valueAt(1, height * width - 1, channels - back)),
    ];
    expect(largestDifference(starts, first).difference).toBeLessThan(rounding * max);
    expect(largestDifference(ends, last).difference).toBeLessThan(rounding * max);
    await expect(openKerasModel(path)).rejects.toThrow(InputError);
    await expect(openKerasModel(path)).rejects.toThrow(`${path}: the model is declared without a height`);
  });

  it("is refused where the file holds weights alone, or is not there", async () => {
    const weights = repositoryFolder("fixtures", "weights", "legacy-keras2.h5");
    await expect(openKerasModel(weights)).rejects.toThrow(WeightsError);
    await expect(openKerasModel(weights)).rejects.toThrow("weights alone, expected a whole model with its description");
    await writeFile(join(folder, "text.keras"), "PK\u0003\u0004 not a zip");
    await expect(openKerasModel(join(folder, "text.keras"))).rejects.toThrow(WeightsError);
    await expect(openKerasModel(join(folder, "none.keras"))).rejects.toThrow(InputError);
  });
});
