/** Flags of everything that begins as a training does: `train`, `plan`, `lr-find`. */
import type { Command } from "commander";
import type { TrainSettings } from "../train/train.js";
import { type AugmentFlags, addAugmentOptions, augmentTexts } from "./augment-options.js";
import type { Console } from "./console.js";
import { addNetworkOptions, type NetworkFlags } from "./network-options.js";
import { addGoal, parseCount, parseNumber, parseWhole } from "./parse-options.js";
import {
  addInterpolation,
  addModelOptions,
  addPixelLimit,
  addRuntimeOptions,
  type BackboneFlags,
  cacheOf,
  type RuntimeFlags,
} from "./shared-options.js";

/** As commander gives them. */
export interface TrainFlags extends BackboneFlags, RuntimeFlags, AugmentFlags, NetworkFlags {
  readonly augment?: string;
  readonly augmentVariants?: number;
  readonly fit: string;
  readonly interpolation: string;
  readonly window?: string;
  readonly maxPixels?: number;
  readonly val?: number;
  readonly test?: number;
  readonly split: string;
  readonly group?: string;
  readonly folds?: number;
  readonly pooling: string;
  readonly head: string;
  readonly classWeights?: string;
  readonly threshold?: readonly string[];
  readonly coverage?: number;
  readonly optimizer?: string;
  readonly lr?: number;
  readonly weightDecay?: number;
  readonly momentum?: number;
  readonly epochs?: number;
  readonly patience?: number;
}

/** Adds them to a command, in groups for its help. */
export function addTrainingOptions(command: Command): Command {
  addModelOptions(command.optionsGroup("Network:"));
  addImageOptions(command.optionsGroup("Images:"));
  addSplitOptions(command.optionsGroup("Who trains, who validates:"));
  addHeadOptions(command.optionsGroup("Head, and what trains by epochs:"));
  addNetworkOptions(command.optionsGroup("Layers of the network, with --unfreeze:"));
  addVariantOptions(command.optionsGroup("Augmentation:"));
  addRuntimeOptions(command.optionsGroup("Running:"), { keepsFeatures: true });
  return command.optionsGroup("Options:");
}

function addImageOptions(command: Command): void {
  command.option(
    "--fit <how>",
    "how an image gets the network's shape: stretch, letterbox, crop, or tile (cut, not scaled)",
    "stretch",
  );
  addInterpolation(command)
    .option(
      "--window <values>",
      "which values become black and white: full, minmax, p1-p99 (of all that trains), image (each its own), dicom, or " +
        "low:high in the files' units (default: full for 8 bits, else p0.1-p99.9)",
    )
    .option("--exclude <list>", "CSV of files to leave out, such as an edited --fix-list of grayling check");
  addPixelLimit(command);
}

function addSplitOptions(command: Command): void {
  command
    .option(
      "--val <part>",
      "part of the images that validates, 0 to 1, stratified by class (default: 0.2)",
      parseNumber,
    )
    .option("--test <part>", "part of the images that is kept for a last test, 0 to 1 (default: none)", parseNumber)
    .option(
      "--group <pattern>",
      "keep together what shares this: a regular expression on paths, 'patient_([0-9]+)', or a column of the CSV file",
    )
    .option(
      "--split <how>",
      "stratified, or Keras' validation_split: keras-generator, keras-dataset (shuffled by --seed) or keras-dataset-unshuffled",
      "stratified",
    )
    .option(
      "--folds <number>",
      "cross-validate: so many stratified folds; the model is then trained on all images but those of --test",
      parseWhole,
    );
}

function addHeadOptions(command: Command): void {
  command
    .option("--pooling <how>", "how the last map becomes features: avg or max", "avg")
    .option("--head <layers>", 'linear, or layers such as "flatten dense(256,relu) dropout(0.5)"', "linear")
    .option("--class-weights <how>", "balanced: every class counts the same")
    .option(
      "--coverage <part>",
      "how often sets of possible classes hold the true one, 0 to 1 (default: 0.9)",
      parseNumber,
    )
    .option(
      "--threshold <goals...>",
      "a class' own threshold, by what it is to keep: recall:0.95:crack finds 95 % of the cracks; or precision:0.9:crack",
      addGoal,
    )
    .option("--optimizer <name>", "adam, adamw or sgd (default: adamw for the network, adam for a head of layers)")
    .option(
      "--lr <rate>",
      "learning rate, at its peak (default: 0.0003 for the network, 0.001 for a head of layers; sgd 0.01)",
      parseNumber,
    )
    .option(
      "--weight-decay <rate>",
      "with adamw (default: 0.01 for the network, 0.004 for a head of layers)",
      parseNumber,
    )
    .option("--momentum <part>", "with sgd (default: 0.9 for the network, 0 for a head of layers)", parseNumber)
    .option("--epochs <number>", "at most (default: 15 for the network, 50 for a head of layers)", parseCount)
    .option(
      "--patience <epochs>",
      "epochs without improvement until it stops (default: 10 for the network, 5 for a head of layers)",
      parseCount,
    );
}

function addVariantOptions(command: Command): void {
  command
    .option(
      "--augment <preset>",
      "vary the images that train: light, medium, strong, xray, surface, micro or document; see grayling augment",
    )
    .option("--augment-variants <number>", "so many variants of each image that trains (default: 4)", parseCount);
  addAugmentOptions(command);
}

/** As `train` takes them. */
export function settingsOf(flags: TrainFlags, console: Console): TrainSettings {
  const { size, val, lr, cache, augment: preset, ...options } = flags;
  return {
    ...options,
    ...size,
    augment: { ...augmentTexts(flags), preset },
    validation: val,
    learningRate: lr,
    cache: cacheOf(flags, console.cache),
    keepFeatures: cache !== false,
    signal: console.signal,
  };
}
