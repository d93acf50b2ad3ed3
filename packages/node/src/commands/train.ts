/** `grayling train`: from a folder of gray images to a classifier. */
import type { Command } from "commander";
import type { Console } from "./console.js";
import { parseCount, parseNumber, parseWhole } from "./parse-options.js";
import {
  addExamples,
  addModelOptions,
  addRuntimeOptions,
  type BackboneFlags,
  cacheOf,
  type RuntimeFlags,
} from "./shared-options.js";

interface TrainFlags extends BackboneFlags, RuntimeFlags {
  readonly fit: string;
  readonly val?: number;
  readonly folds?: number;
  readonly pooling: string;
  readonly head: string;
  readonly classWeights?: string;
  readonly optimizer?: string;
  readonly lr?: number;
  readonly weightDecay?: number;
  readonly momentum?: number;
  readonly epochs?: number;
  readonly patience?: number;
  readonly out: string;
  readonly name?: string;
}

export function defineTrain(program: Command, console: Console): void {
  const command = program
    .command("train")
    .summary("train a classifier on a folder of images")
    .description(
      "Trains a classifier on a folder with one subfolder of gray images per class (or train/ and val/ with such folders). " +
        "PNG, JPEG, WebP, TIFF, BMP and GIF; colour becomes luma. Each image goes once through the frozen network; its " +
        "features are kept, so that a second training on the same images starts at the head at once.",
    )
    .argument("<folder>", "folder with one subfolder per class")
    .option("-o, --out <folder>", "folder of all runs", "runs")
    .option("-n, --name <name>", "name of this run (default: the folder's, numbered)");
  addModelOptions(command)
    .option("--fit <how>", "how an image gets the network's shape: stretch, letterbox or crop", "stretch")
    .option(
      "--val <part>",
      "part of the images that validates, 0 to 1, stratified by class (default: 0.2)",
      parseNumber,
    )
    .option(
      "--folds <number>",
      "cross-validate: so many stratified folds; the model is then trained on all images",
      parseWhole,
    )
    .option("--pooling <how>", "how the last map becomes features: avg or max", "avg")
    .option("--head <layers>", 'linear, or layers such as "flatten dense(256,relu) dropout(0.5)"', "linear")
    .option("--class-weights <how>", "balanced: every class counts the same")
    .option("--optimizer <name>", "of a head of layers: adam, adamw or sgd (default: adam)")
    .option("--lr <rate>", "learning rate of a head of layers (default: the optimizer's)", parseNumber)
    .option("--weight-decay <rate>", "of a head of layers, with adamw (default: 0.004)", parseNumber)
    .option("--momentum <part>", "of a head of layers, with sgd (default: 0)", parseNumber)
    .option("--epochs <number>", "of a head of layers, at most (default: 50)", parseCount)
    .option(
      "--patience <epochs>",
      "of a head of layers: epochs without improvement until it stops (default: 5)",
      parseCount,
    );
  addRuntimeOptions(command, { keepsFeatures: true });
  addExamples(
    command,
    "grayling train photos",
    "grayling train xrays --size 320x320 --fit letterbox --class-weights balanced",
    'grayling train parts --head "dense(256,relu) dropout(0.5)" --optimizer adamw --epochs 30',
    "grayling train steel --folds 5 --name steel-cv",
  );
  command.action((folder: string, flags: TrainFlags) => run(folder, flags, console));
}

async function run(folder: string, flags: TrainFlags, console: Console): Promise<void> {
  const [{ train }, { printTraining, reportTraining }] = await Promise.all([
    import("../train/train.js"),
    import("./training-report.js"),
  ]);
  const { size, val, lr, cache, ...options } = flags;
  const result = await train(folder, {
    ...options,
    ...size,
    validation: val,
    learningRate: lr,
    cache: cacheOf(flags, console.cache),
    keepFeatures: cache !== false,
    signal: console.signal,
    onEvent: reportTraining(console),
  });
  printTraining(result, console);
}
