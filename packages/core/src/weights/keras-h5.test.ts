import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { WeightsError } from "../errors.js";
import { sizeOf } from "../graph/tensor.js";
import { goldenWeight } from "../testing/golden-values.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { readKerasH5 } from "./keras-h5.js";
import type { TensorFile } from "./tensor-file.js";

const fixture = (name: string): Uint8Array => readFileSync(repositoryFolder("fixtures", "weights", name));

/** Every value against the function that the file was made from; exact, because both sides round once to float32. */
function expectGolden({ tensors }: TensorFile): void {
  for (const [name, { shape, data }] of tensors) {
    expect(data.length, name).toBe(sizeOf(shape));
    const expected = goldenWeight(name, shape);
    const first = data.findIndex((value, i) => value !== expected[i]);
    expect(first, `${name}: first index that differs`).toBe(-1);
  }
}

const trunk = {
  "normalization/mean": [3],
  "normalization/variance": [3],
  "normalization/count": [],
  "stem_conv/kernel": [3, 3, 3, 4],
  "stem_bn/gamma": [4],
  "stem_bn/beta": [4],
  "stem_bn/moving_mean": [4],
  "stem_bn/moving_variance": [4],
  "block1a_dwconv/kernel": [3, 3, 4, 1],
};
const whole = { ...trunk, "predictions/kernel": [4, 3], "predictions/bias": [3] };
const shapesOf = ({ tensors }: TensorFile) =>
  Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));

describe("readKerasH5", () => {
  it("reads Keras 2's weights, with its older spelling", async () => {
    const file = await readKerasH5(fixture("legacy-keras2.h5"));
    const some = Object.entries(trunk).filter(([name]) => /^(normalization|block1a_dwconv)\//.test(name));
    expect(shapesOf(file)).toEqual(Object.fromEntries(some));
    expect(file.metadata).toEqual({ layout: "keras", format: "h5", keras_version: "2.21.0" });
    expectGolden(file);
  });

  it("reads Keras 3's older layout, with lists in pieces", async () => {
    const file = await readKerasH5(fixture("legacy-keras3-pieces.h5"));
    expect(shapesOf(file)).toEqual(whole);
    expectGolden(file);
  });

  it("reads a whole model with a model inside, without the optimizer", async () => {
    const file = await readKerasH5(fixture("whole-keras3.h5"));
    expect(shapesOf(file)).toEqual(whole);
    expect(file.metadata).toEqual({ layout: "keras", format: "h5", keras_version: "3.15.1" });
    expect(file.config).toEqual({ class_name: "Sequential" });
    expectGolden(file);
  });

  it("reads Keras 3's own layout with a model inside, without the optimizer and the random state", async () => {
    const file = await readKerasH5(fixture("keras3-nested.weights.h5"));
    expect(shapesOf(file)).toEqual(whole);
    expect(file.metadata).toEqual({ layout: "keras", format: "weights.h5" });
    expectGolden(file);
  });

  it("says what to do about a file without the layers' names", async () => {
    const reading = readKerasH5(fixture("keras3-unnamed.weights.h5"));
    await expect(reading).rejects.toThrow(WeightsError);
    await expect(reading).rejects.toThrow(/\/layers\/conv2d\/vars has no attribute "name".*save them again/s);
  });

  it("refuses a BatchNormalization without all four variables, which the file does not name", async () => {
    const message = "stem_bn (batch_normalization): expected gamma (1 axes), beta (1 axes), moving_mean (1 axes), ";
    await expect(readKerasH5(fixture("keras3-unscaled.weights.h5"))).rejects.toThrow(message);
  });

  // Recorded from Keras itself; 312 tensors of B0 without top, two more with a Dense head.
  it.for([
    ["efficientnetb0_notop.h5", 312],
    ["efficientnetb0_notop.weights.h5", 312],
    ["user_model.h5", 314],
    ["user_model_keras3.h5", 314],
  ] as const)("reads Keras' own %s", async ([name, count], context) => {
    const path = sharedFolder("golden", "weights", name);
    if (path === undefined) return context.skip("no folder shared/golden beside the repository");
    const file = await readKerasH5(readFileSync(path));
    expect(file.tensors.size).toBe(count);
    expect(file.tensors.get("stem_conv/kernel")!.shape).toEqual([3, 3, 3, 32]);
    expectGolden(file);
  });

  it("reads several files at once", async () => {
    const names = ["legacy-keras3-pieces.h5", "whole-keras3.h5", "keras3-nested.weights.h5"];
    const files = await Promise.all([...names, ...names].map((name) => readKerasH5(fixture(name))));
    for (const file of files) expectGolden(file);
  });
});
