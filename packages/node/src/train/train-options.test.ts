import { InputError } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { resolveOptions, type TrainOptions } from "./train-options.js";

describe("resolved options", () => {
  // Learning rates, decay and momentum are Keras 3.15's defaults.
  it.each([
    ["adam", { optimizer: "adam", learningRate: 0.001, epochs: 50, patience: 5 }],
    ["adamw", { optimizer: "adamw", learningRate: 0.001, weightDecay: 0.004, epochs: 50, patience: 5 }],
    ["sgd", { optimizer: "sgd", learningRate: 0.01, momentum: 0, epochs: 50, patience: 5 }],
  ])("say every value that %s trains layers with", (optimizer, layers) => {
    expect(resolveOptions({ head: "dense(8,relu)", optimizer }).layers).toEqual(layers);
  });

  it("keep what was said", () => {
    const said = { optimizer: "sgd", learningRate: 0.5, momentum: 0.9, epochs: 3, patience: 2 };
    expect(resolveOptions({ head: "dense(8,relu)", ...said }).layers).toEqual(said);
  });

  it("hold nothing that does not apply", () => {
    expect(Object.values(resolveOptions({}))).not.toContain(null);
    expect(resolveOptions({})).not.toHaveProperty("layers");
    expect(resolveOptions({ folds: 3 })).not.toHaveProperty("validation");
  });

  it("hold an interpolation only where it is not the default", () => {
    expect(resolveOptions({ interpolation: "nearest" }).interpolation).toBe("nearest");
    expect(resolveOptions({ interpolation: "antialias" })).not.toHaveProperty("interpolation");
    expect(resolveOptions({ interpolation: "antialias", fit: "tile" }).fit).toBe("tile");
  });

  it.each<[string, TrainOptions, RegExp]>([
    [
      "that is none",
      { interpolation: "linear" },
      /^interpolation "linear": expected one of antialias, bilinear, nearest/,
    ],
    ["of tiles", { interpolation: "bilinear", fit: "tile" }, /^interpolation bilinear: tiles are cut, not resampled/],
  ])("refuse an interpolation %s", (_what, options, message) => {
    expect(() => resolveOptions(options)).toThrow(message);
  });

  it.each(["keras", "Keras", "tf.keras"])("refuse the split %s with each of Keras' splits and its call", (split) => {
    expect(() => resolveOptions({ split })).toThrow(
      new InputError(
        `split "${split}": Keras has several, write ` +
          "keras-generator for ImageDataGenerator(validation_split=…).flow_from_directory(…, subset=…); " +
          "keras-dataset for image_dataset_from_directory(…, validation_split=…, subset=…, seed=…); " +
          "keras-dataset-unshuffled for image_dataset_from_directory(…, validation_split=…, subset=…, shuffle=False)",
      ),
    );
  });

  it("know other words for a split as little as before", () => {
    expect(() => resolveOptions({ split: "keras-generater" })).toThrow('(did you mean "keras-generator"?)');
  });
});
