/** The command that a report gives asks for the very options that the run had: read by the command's own flags. */
import { presetNames } from "@grayling/core";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import type { Console } from "../commands/console.js";
import { addTrainingOptions, settingsOf, type TrainFlags } from "../commands/training-options.js";
import type { RunConfig } from "../run/run-config.js";
import { resolveOptions, type TrainOptions } from "../train/train-options.js";
import { trainCommand } from "./train-command.js";

/** As `config.json` has them: `device` is the one that computed. */
function optionsOf(words: readonly string[]): unknown {
  let flags: TrainFlags | undefined;
  const program = new Command().exitOverride();
  const command = program.command("train").argument("<folder>").exitOverride();
  addTrainingOptions(command).action((_: string, given: TrainFlags) => {
    flags = given;
  });
  program.parse([...words], { from: "user" });
  const { signal } = new AbortController();
  const settings = settingsOf(flags!, { cache: "cache", signal } as Console); // of which it takes no more
  return stored(settings);
}

const stored = (options: TrainOptions) => ({ ...JSON.parse(JSON.stringify(resolveOptions(options))), device: "cpu" });

const cases: readonly (readonly [string, TrainOptions])[] = [
  ["nothing but defaults", {}],
  [
    "sizes and fits",
    { height: 84, width: 112, fit: "letterbox", interpolation: "nearest", window: "p1-p99", maxPixels: 1e6 },
  ],
  [
    "another network",
    { model: "efficientnet-b0", weights: "random", convention: "timm", seed: 7, batch: 8, threads: 2 },
  ],
  ["a test and groups", { validation: 0.1, test: 0.3, group: "^[^/]*/([^_]*)", exclude: "bad list.csv" }],
  ["folds and judging", { folds: 4, coverage: 0.95, threshold: ["recall:0.99:it's a: crack", "precision:0.9:b"] }],
  ["Keras' split", { split: "keras-dataset", validation: 0.25, classWeights: "balanced", pooling: "max" }],
  [
    "a head of layers",
    { head: "flatten dense(256,relu) dropout(0.5)", optimizer: "adamw", weightDecay: 0.02, epochs: 7 },
  ],
  ["sgd with momentum", { head: "dense(8)", optimizer: "sgd", momentum: 0.8, learningRate: 0.05, patience: 3 }],
  ["a network", { unfreeze: "block6*,top_*", optimizer: "sgd", momentum: 0.5, clipNorm: 0, ema: 0.99, memory: "1.5G" }],
  [
    "all of a network",
    {
      ...{
        unfreeze: "all",
        bn: "train",
        schedule: "plateau",
        plateauPatience: 2,
        plateauFactor: 0.3,
        warmUp: 0.5,
        epochs: 9,
      },
      ...{ labelSmoothing: 0, mixup: 0.2, cutmix: 1, layerDecay: 0.8, stochasticDepth: true, monitor: "loss" },
      ...{ cacheType: "float16", kernels: "portable" },
    },
  ],
  ["parts of a batch", { unfreeze: "top", optimizer: "adam", microBatch: 8 }],
  ...presetNames.map((preset) => [`augmentation ${preset}`, preset === "none" ? {} : { augment: { preset } }] as const),
  [
    "augmentation of its own",
    {
      augment: {
        ...{ rotation: "12", shiftX: "0.1", zoom: "0.9:1.2", flipHorizontal: true, flipVertical: false, noise: "3" },
        ...{
          brightness: "0.2",
          poisson: "50",
          blur: "1:2",
          cutOut: "0.3",
          elastic: "0.02",
          clahe: "4",
          fill: "constant",
          cval: "9",
        },
      },
      augmentVariants: 2,
    },
  ],
  [
    "a preset that is changed",
    { augment: { preset: "medium", rotation: "40", flipHorizontal: false, gamma: "0.5:2" } },
  ],
];

describe("the command of a report", () => {
  it.each(cases)("trains with the same options: %s", (_, options) => {
    const config = { options: stored(options) } as unknown as Pick<RunConfig, "options">; // as it comes out of a file
    const { words, unsaid } = trainCommand("my images", config);
    expect(unsaid).toEqual([]);
    expect(words.slice(0, 2)).toEqual(["train", "my images"]);
    expect(optionsOf(words)).toEqual(stored(options));
  });

  it("names what no flag says", () => {
    const options = { ...stored({}), later: 1, augment: { blur: { sd: [0, 1], chance: 0.123 } } };
    const { unsaid } = trainCommand("images", { options } as unknown as Pick<RunConfig, "options">);
    expect(unsaid).toEqual(["later", "augment"]);
  });
});
