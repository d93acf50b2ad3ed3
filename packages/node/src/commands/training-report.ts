/** A training on the terminal: what is said while it runs, and what it came to. */
import { relative } from "node:path";
import { foldGrayscale, grouped, percent, printable, stemChange } from "@grayling/core";
import type { Dataset } from "../dataset/dataset.js";
import { counted } from "../terminal/counted.js";
import { meanAndDeviation } from "../train/cross-validate.js";
import { countSides } from "../train/split-images.js";
import type { TrainResult } from "../train/train.js";
import type { OnTrainEvent } from "../train/train-events.js";
import { describeChecked } from "./checked-report.js";
import type { Console } from "./console.js";
import { describeKept, describeNetwork, reportNetwork, TrainingClock } from "./network-report.js";
import { printMetrics } from "./print-metrics.js";
import { reportDownload } from "./report-download.js";

/** Files that are named; the others are counted. */
const namedSkips = 10;

/** `skipsIn`: where the files that are not named stand. */
export function reportTraining(console: Console, skipsIn = "config.json"): OnTrainEvent {
  const { progress } = console;
  const clock = new TrainingClock();
  const sayHowToGoOn = (folder: string) =>
    console.note(
      `the training is saved; go on with: grayling train --resume ${printable(relative(process.cwd(), folder) || folder)}`,
    );
  return (event) => {
    switch (event.kind) {
      case "dataset":
        console.note(describeDataset(event.dataset));
        break;
      case "download":
        reportDownload(progress)(event);
        break;
      case "checked":
        for (const line of describeChecked(event)) console.note(line);
        break;
      case "backbone": {
        progress.finish();
        const { name, model, source, height, width, isTransferred } = event.backbone;
        console.note(`${name}, weights: ${source}, ${height} × ${width} px`);
        console.note(stemChange(model, foldGrayscale(model)));
        for (const note of event.backbone.notes) console.note(`note: ${note}`);
        if (!isTransferred) console.note("random weights: nothing is transferred, the network knows nothing yet");
        break;
      }
      case "values":
        progress.update("values", event.done, event.total, "images");
        break;
      case "window":
        progress.finish();
        console.note(event.said);
        break;
      case "features":
        progress.update("features", event.done, event.total, "images");
        break;
      case "read":
        progress.finish();
        reportRead(event, console, skipsIn);
        break;
      case "split":
        console.note(describeSplit(event));
        break;
      case "variants":
        progress.update("variants", event.done, event.total, "variants");
        break;
      case "augmented":
        progress.finish();
        console.note(describeAugmented(event));
        break;
      case "head":
        progress.status(`head      ${event.phase}, step ${event.step}, loss ${event.loss.toFixed(4)}`);
        break;
      case "fold":
        progress.finish();
        console.note(`fold ${event.fold} of ${event.folds}: accuracy ${percent(event.accuracy)}`);
        break;
      case "network":
        progress.finish();
        console.note(describeNetwork(event));
        break;
      case "activations":
        progress.update("images", event.done, event.total, "images");
        break;
      case "network-progress":
        reportNetwork(event, console, clock);
        break;
      case "saved":
        if (console.signal.aborted) sayHowToGoOn(event.folder); // the last one: at Ctrl-C the step at hand is saved
        break;
      case "kept":
        progress.finish();
        console.note(describeKept(event));
        break;
      case "warning":
        console.note(`warning: ${event.message}`);
    }
  };
}

function describeDataset({ root, images, classes, ignored }: Dataset): string {
  const counts = new Array<number>(classes.length).fill(0);
  for (const { label } of images) counts[label]!++;
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const perClass = least === most ? `${least} each` : `${least} to ${most} each`;
  const others = ignored > 0 ? `; ${counted(ignored, "other file")} ignored` : "";
  return `${printable(root)}: ${counted(images.length, "image")} in ${classes.length} classes, ${perClass}${others}`;
}

/** `train 1,250 images of 63 groups, val 312 of 16; no group is on two sides` */
function describeSplit({ dataset, sides }: Extract<Parameters<OnTrainEvent>[0], { kind: "split" }>): string {
  const { images, groupedBy, copies } = dataset;
  const counts = [...countSides(images, sides)].map(([side, { images, groups }], i) => {
    const what = i === 0 ? counted(images, "image") : grouped(images);
    return `${side} ${what}${groupedBy ? ` of ${i === 0 ? counted(groups, "group") : grouped(groups)}` : ""}`;
  });
  const undivided = groupedBy ? "; no group is on two sides" : "";
  const copied = copies ? `; ${counted(copies, "image")} with the content of another, on its side` : "";
  return counts.join(", ") + undivided + copied;
}

function describeAugmented({ computed, cached }: Extract<Parameters<OnTrainEvent>[0], { kind: "augmented" }>): string {
  const kept = cached > 0 ? `, ${grouped(cached)} known from before` : "";
  return `features of ${counted(computed, "augmented variant")} computed${kept}`;
}

function reportRead(
  { dataset, features }: Extract<Parameters<OnTrainEvent>[0], { kind: "read" }>,
  console: Console,
  skipsIn: string,
): void {
  const { computed, cached, twelveBit } = features;
  const kept = cached > 0 ? `, ${counted(cached, "image")} known from before` : "";
  const tiles = features.tiles.reduce((a, b) => a + b, 0);
  const cut = tiles > features.tiles.length ? `, in all ${counted(tiles, "tile")}` : "";
  console.note(`features of ${counted(computed, "image")} computed${kept}${cut}`);
  if (twelveBit > 0) {
    console.note(
      `warning: ${counted(twelveBit, "16-bit image")} with values below 4,096 only: nearly black to the network; choose a --window`,
    );
  }
  const { skipped } = dataset;
  if (skipped.length === 0) return;
  console.note(`${counted(skipped.length, "file")} skipped:`);
  for (const { path, reason } of skipped.slice(0, namedSkips))
    console.note(`  ${printable(path)}: ${printable(reason)}`);
  if (skipped.length > namedSkips) console.note(`  and ${skipped.length - namedSkips} more, all in ${skipsIn}`);
}

/** A class with one training image leaves nothing to hold out. */
const howChosen = ({ crossValidation }: TrainResult["head"]["outcome"]) =>
  Array.isArray(crossValidation) && crossValidation.length > 0
    ? "chosen by cross-validation inside the training images"
    : "the default: a class has too few images to choose it by cross-validation";

export function printTraining(result: TrainResult, console: Console): void {
  const { folder, validation, test, folds, head, options } = result;
  const { bold } = console.colors;
  console.progress.finish();
  const { C, bestEpoch, epochs } = head.outcome;
  console.print();
  if (C !== undefined) console.print(`head      linear, C = ${C}, ${howChosen(head.outcome)}`);
  else console.print(`head      ${options.head}, best of ${epochs} epochs: ${bestEpoch}`);
  if (folds) {
    const mean = (pick: (i: number) => number) => {
      const { mean, sd } = meanAndDeviation(folds.folds.map((_, i) => pick(i)));
      return `${(100 * mean).toFixed(1)} ± ${(100 * sd).toFixed(1)} %`;
    };
    console.print(bold(`accuracy  ${mean((i) => folds.folds[i]!.metrics.accuracy)}`));
    console.print(
      `balanced  ${mean((i) => folds.folds[i]!.metrics.balancedAccuracy)}   (mean ± sd of ${folds.folds.length} folds)`,
    );
  } else if (validation) printMetrics(validation.metrics, "validation image", console);
  else if (!test) console.print("no validation images, so nothing was measured");
  if (test) {
    console.print();
    console.print("test      of the trained model, once");
    printMetrics(test.metrics, "test image", console);
  }
  console.print();
  console.print(`written to ${printable(relative(process.cwd(), folder) || folder)}`);
}
