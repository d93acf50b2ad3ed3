/** `grayling train`: from a folder of gray images to a classifier. */
import type { Command } from "commander";
import type { Console } from "./console.js";
import { addExamples } from "./shared-options.js";
import { addTrainingOptions, settingsOf, type TrainFlags as TrainingFlags } from "./training-options.js";

interface TrainFlags extends TrainingFlags {
  readonly out: string;
  readonly name?: string;
  readonly resume?: string;
  readonly check: boolean;
  readonly report: boolean;
  readonly tensorboard?: string | true;
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
    .option("-n, --name <name>", "name of this run (default: the folder's, numbered)")
    .option("--resume <folder>", "go on with a training that was stopped: its folder ….unfinished")
    .option("--no-check", "do not look at the headers of all images first")
    .option("--no-report", "write no report.html into the run")
    .option(
      "--tensorboard [folder]",
      "write logs for TensorBoard into a folder of the run's name in it (default: logs)",
    );
  addTrainingOptions(command);
  addExamples(
    command,
    "grayling train photos",
    "grayling train xrays --size 320x320 --fit letterbox --class-weights balanced",
    'grayling train parts --head "dense(256,relu) dropout(0.5)" --optimizer adamw --epochs 30',
    "grayling train steel --folds 5 --name steel-cv",
    "grayling train thermal --window -20:80",
    "grayling train xrays --val 0.2 --test 0.1 --group 'patient_([0-9]+)'",
    "grayling train xrays.csv --group hospital --folds 5",
    "grayling train letters --size 112x112 --unfreeze all --augment document --lr 0.001 --warm-up 3 --epochs 20",
    "grayling train steel --unfreeze block6 --epochs 10 --tensorboard",
    "grayling train --resume runs/letters-1.unfinished",
  );
  command.action((folder: string | undefined, flags: TrainFlags) => run(folder, flags, command, console));
}

/** What may be said again when a training goes on; all else is as it was begun. */
const resumable = new Set(["resume", "cache", "tensorboard"]);

async function run(folder: string | undefined, flags: TrainFlags, command: Command, console: Console): Promise<void> {
  const [{ resumeTraining, train }, { printTraining, reportTraining }, { logTraining }, { InputError }] =
    await Promise.all([
      import("../train/train.js"),
      import("./training-report.js"),
      import("./log-training.js"),
      import("@grayling/core"),
    ]);
  const { resume, check, report, tensorboard, ...training } = flags;
  const log = logTraining(tensorboard === true ? "logs" : tensorboard, reportTraining(console), console);
  const settings = { ...settingsOf(training, console), check, report, plan: true, onEvent: log.onEvent };
  if (folder !== undefined && resume === undefined) {
    printTraining(await log.until(train(folder, settings)), console);
  } else if (folder === undefined && resume !== undefined) {
    const given = Object.keys(flags).filter((name) => command.getOptionValueSource(name) === "cli");
    const stray = command.options.find(
      (option) => given.includes(option.attributeName()) && !resumable.has(option.attributeName()),
    );
    if (stray)
      throw new InputError(`resume: a training goes on as it was begun, expected no ${stray.long}; leave it out`);
    const { cache, keepFeatures, signal, onEvent } = settings;
    printTraining(await log.until(resumeTraining(resume, { cache, keepFeatures, signal, onEvent })), console);
  } else {
    const got = folder === undefined ? "neither" : "both";
    throw new InputError(
      `train: expected a folder of images, or --resume with the folder of a training that was stopped, got ${got}`,
    );
  }
  log.tell();
}
