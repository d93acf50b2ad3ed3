/** `grayling train`: from a folder of gray images to a classifier. */
import type { Command } from "commander";
import { type AugmentFlags, addAugmentOptions, augmentTexts } from "./augment-options.js";
import type { Console } from "./console.js";
import { addNetworkOptions, type NetworkFlags, networkTexts } from "./network-options.js";
import { parseCount, parseNumber, parseWhole } from "./parse-options.js";
import {
  addExamples,
  addModelOptions,
  addPixelLimit,
  addRuntimeOptions,
  type BackboneFlags,
  cacheOf,
  type RuntimeFlags,
} from "./shared-options.js";

interface TrainFlags extends BackboneFlags, RuntimeFlags, AugmentFlags, NetworkFlags {
  readonly resume?: string;
  readonly augment?: string;
  readonly augmentVariants?: number;
  readonly fit: string;
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
      "Trains a classifier on a folder with one subfolder of gray images per class (or train/, val/ and test/ with such folders), or on " +
        "a CSV file with the columns path, label and, if wanted, split and group. " +
        "PNG, JPEG, WebP, TIFF, BMP, GIF and DICOM, of 8 to 32 bits; colour becomes luma, every page of a TIFF is an image. Each image goes once through the frozen network; its " +
        "features are kept, so that a second training on the same images starts at the head at once. With --unfreeze layers of the " +
        "network train too, from the optimum of the head on; what is no better than the head alone is not kept.",
    )
    .argument("[folder]", "folder with one subfolder per class, or a CSV file: path,label[,split][,group]")
    .option("-o, --out <folder>", "folder of all runs", "runs")
    .option("-n, --name <name>", "name of this run (default: the folder's, numbered)");
  addModelOptions(command)
    .option("--fit <how>", "how an image gets the network's shape: stretch, letterbox or crop", "stretch")
    .option(
      "--window <values>",
      "which values become black and white: full, minmax, p1-p99 (of all that trains), image (each its own), dicom, or " +
        "low:high in the files' units (default: full for 8 bits, else p0.1-p99.9)",
    )
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
    .option("--exclude <list>", "CSV of files to leave out, such as an edited --fix-list of grayling check")
    .option(
      "--folds <number>",
      "cross-validate: so many stratified folds; the model is then trained on all images but those of --test",
      parseWhole,
    )
    .option("--pooling <how>", "how the last map becomes features: avg or max", "avg")
    .option("--head <layers>", 'linear, or layers such as "flatten dense(256,relu) dropout(0.5)"', "linear")
    .option("--class-weights <how>", "balanced: every class counts the same")
    .option("--optimizer <name>", "adam, adamw or sgd (default: adamw for the network, adam for a head of layers)")
    .option("--lr <rate>", "learning rate, at its peak (default: the optimizer's: 0.001, sgd 0.01)", parseNumber)
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
  addPixelLimit(command);
  command
    .option(
      "--augment <preset>",
      "vary the images that train: light, medium, strong, xray, surface or micro; see grayling augment",
    )
    .option("--augment-variants <number>", "so many variants of each image that trains (default: 4)", parseCount);
  addAugmentOptions(command);
  addNetworkOptions(command);
  addRuntimeOptions(command, { keepsFeatures: true });
  addExamples(
    command,
    "grayling train photos",
    "grayling train xrays --size 320x320 --fit letterbox --class-weights balanced",
    'grayling train parts --head "dense(256,relu) dropout(0.5)" --optimizer adamw --epochs 30',
    "grayling train steel --folds 5 --name steel-cv",
    "grayling train thermal --window -20:80",
    "grayling train xrays --val 0.2 --test 0.1 --group 'patient_([0-9]+)'",
    "grayling train xrays.csv --group hospital --folds 5",
    "grayling train letters --size 112x112 --unfreeze all --augment medium",
    "grayling train steel --unfreeze block6 --epochs 10",
    "grayling train --resume runs/letters-1.unfinished",
  );
  command.action((folder: string | undefined, flags: TrainFlags) => run(folder, flags, console));
}

async function run(folder: string | undefined, flags: TrainFlags, console: Console): Promise<void> {
  const [{ resumeTraining, train }, { printTraining, reportTraining }, { InputError }] = await Promise.all([
    import("../train/train.js"),
    import("./training-report.js"),
    import("@grayling/core"),
  ]);
  const { size, val, lr, cache, augment: preset, resume, ...options } = flags;
  const surroundings = {
    cache: cacheOf(flags, console.cache),
    keepFeatures: cache !== false,
    signal: console.signal,
    onEvent: reportTraining(console),
  };
  if ((folder === undefined) === (resume === undefined)) {
    throw new InputError(
      `train: expected a folder of images, or --resume with the folder of a training that was stopped${folder === undefined ? "" : ", not both"}`,
    );
  }
  const result =
    folder === undefined
      ? await resumeTraining(resume!, surroundings) // one of both, just checked
      : await train(folder, {
          ...options,
          ...size,
          ...networkTexts(flags),
          augment: { ...augmentTexts(flags), preset },
          validation: val,
          learningRate: lr,
          ...surroundings,
        });
  printTraining(result, console);
}
