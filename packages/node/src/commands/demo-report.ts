/** What the demo says on the terminal. */

import { join } from "node:path";
import { alignColumns, percent, printable } from "@grayling/core";
import type { DemoFolder } from "../demo/demo-folder.js";
import { brokenFiles } from "../demo/make-dataset.js";
import { counts, planImages } from "../demo/plan-images.js";
import type { Evaluation } from "../predict/evaluate.js";
import { topClasses } from "../predict/predict.js";
import { duration } from "../terminal/progress.js";
import type { TrainResult } from "../train/train.js";
import type { Console } from "./console.js";

export function printHeading(number: number, title: string, { print, colors }: Console): void {
  if (number > 1) print();
  print(colors.bold(colors.cyan(`${number}  ${title}`)));
  print();
}

export function printImages({ images, heldOut, earlierSeed }: DemoFolder, seed: number, { print }: Console): void {
  const classes = new Set(planImages().map(({ defect }) => defect));
  if (earlierSeed !== undefined) {
    print(`From an earlier demo (seed ${earlierSeed}): the images are painted anew, its runs stay.`);
    print();
  }
  const rows = [
    [printable(images), `${classes.size} × ${counts.images} images`, "to train on: PNG of 8 and 16 bits, JPEG, WebP"],
    [printable(heldOut), `${classes.size} × ${counts.heldOut} images`, "never trained on"],
  ];
  for (const line of alignColumns(rows)) print(line);
  print();
  print(`Classes: ${[...classes].join(", ")}.`);
  print(`Seed ${seed}. Neither size nor brightness tells a class; only the defect does.`);
  print(`${Object.keys(brokenFiles).length} more files are broken on purpose: they must not stop a training.`);
}

/** The first image of each class, and every one that was taken for another. */
export function printHeldOut({ metrics, dataset, probabilities }: Evaluation, { print, colors }: Console): void {
  const count = metrics.perClass.length;
  const names = metrics.perClass.map(({ name }) => name);
  const results = dataset.images.map(({ relative, label }, row) => {
    const own = probabilities.subarray(row * count, (row + 1) * count);
    const [first, second] = topClasses(own, names, 2);
    return { relative, truth: dataset.classes[label]!, first: first!, second: second! };
  });
  const isFirstOfClass = (row: number) => results.findIndex(({ truth }) => truth === results[row]!.truth) === row;
  const isRight = ({ truth, first }: (typeof results)[number]) => truth === first.label;
  const shown = results.filter((result, row) => isFirstOfClass(row) || !isRight(result));
  const rows = shown.map((result) => [
    result.relative,
    result.first.label,
    percent(result.first.probability),
    result.second.label,
    percent(result.second.probability),
    isRight(result) ? colors.green("right") : colors.red("wrong"),
  ]);
  for (const line of alignColumns([["image", "most probable", "", "second", "", ""], ...rows], [2, 4])) print(line);
  print();
  const right = results.filter(isRight).length;
  print(colors.bold(`${right} of ${results.length} right`));
  print("(shown: the first image of each class, and those that are wrong)");
}

/** Blocks of a bar that stands for all images. */
const barWidth = 30;

export function printGain(transferred: TrainResult, random: TrainResult, { print, colors }: Console): void {
  const metricsOf = ({ validation }: TrainResult) => validation!.metrics; // a fifth of the demo's images validates
  const [with_, without] = [metricsOf(transferred), metricsOf(random)];
  const bar = (part: number) => "█".repeat(Math.round(part * barWidth)).padEnd(barWidth, "░");
  const row = (name: string, accuracy: number, logLoss: string) => [name, percent(accuracy), bar(accuracy), logLoss];
  const rows = [
    ["weights", "accuracy", "", "log loss"],
    row("transferred", with_.accuracy, with_.logLoss.toFixed(3)),
    row("random", without.accuracy, without.logLoss.toFixed(3)),
    row("guessing", 1 / with_.perClass.length, Math.log(with_.perClass.length).toFixed(3)),
  ];
  print();
  for (const line of alignColumns(rows, [1, 3])) print(line);
  print();
  const points = 100 * (with_.accuracy - without.accuracy);
  print(colors.bold(`The transfer brought ${points.toFixed(1)} points of accuracy.`));
}

export function printNext(
  { root, images, heldOut, runs }: DemoFolder,
  names: { readonly transferred: string; readonly random: string },
  seconds: number,
  { print, colors }: Console,
): void {
  const rows = [
    [printable(images), "the images, one folder per class: so should yours lie"],
    [printable(join(runs, names.transferred)), "model.onnx, metrics.json, predictions.csv, split.csv, config.json …"],
    [printable(join(runs, names.random)), "the same without transfer"],
  ];
  for (const line of alignColumns(rows)) print(line);
  const commands = (...lines: string[]) => {
    for (const line of lines) print(`  ${colors.green(`$ ${line}`)}`);
  };
  print();
  print("With the model that was just trained:");
  commands(`grayling predict --model ${quoted(join(runs, names.transferred))} ${quoted(heldOut)}`);
  print();
  print("With your own folder, my-images/one-class/*.png, my-images/another-class/*.png, …:");
  commands("grayling train my-images", "grayling predict --model runs/my-images-1 new-image.png");
  print();
  print("In a checkout of grayling, and where it is a dependency, type npx grayling.");
  print(`All of it took ${duration(seconds)} and lies in ${quoted(root)}; remove that folder and nothing is left.`);
}

/** A path that can be pasted into a shell, Windows' included. */
const quoted = (path: string): string => (/^[\w./\\:~-]+$/.test(path) ? printable(path) : `"${printable(path)}"`);
