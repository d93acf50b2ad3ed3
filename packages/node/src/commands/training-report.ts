/** A training on the terminal: what is said while it runs, and what it came to. */
import { relative } from "node:path";
import { foldGrayscale, grouped, percent, printable, stemChange } from "@grayling/core";
import type { Backbone } from "../backbone/open-backbone.js";
import type { Dataset } from "../dataset/dataset.js";
import { counted } from "../terminal/counted.js";
import { wrapText } from "../terminal/wrap-text.js";
import { meanAndDeviation } from "../train/cross-validate.js";
import { countSides } from "../train/split-images.js";
import type { TrainResult } from "../train/train.js";
import type { OnTrainEvent, TrainEvent } from "../train/train-events.js";
import { describeChecked } from "./checked-report.js";
import type { Console } from "./console.js";
import { breakReportLine, describeJudgement, describeMeasured } from "./judgement-report.js";
import { describeKept, describeNetwork, reportNetwork, TrainingClock } from "./network-report.js";
import { planLines } from "./plan-report.js";
import { printMetrics } from "./print-metrics.js";
import { reportDownload } from "./report-download.js";

/** Files that are named; the others are counted. */
const namedSkips = 10;

/** `skipsIn`: where the files that are not named stand. */
export function reportTraining(console: Console, skipsIn = "config.json"): OnTrainEvent {
  const { progress } = console;
  const columns = process.stderr.columns ?? 80;
  let clock = new TrainingClock();
  const say = (line: string) => {
    progress.finish();
    for (const own of process.stderr.isTTY ? wrapText(line, columns, "  ", "") : [line]) console.note(own);
  };
  return (event) => {
    if (event.kind === "network-progress") return reportNetwork(event, console, clock, columns);
    if (event.kind === "network") clock = new TrainingClock(); // folds train one after the other
    if (event.kind === "saved") {
      if (console.signal.aborted) say(howToGoOn(event.folder)); // the last one: at Ctrl-C the step at hand is saved
      return;
    }
    const lines = linesOf(event, skipsIn);
    if (!lines) return showProgress(event, progress);
    for (const line of lines) say(line);
  };
}

const howToGoOn = (folder: string): string =>
  `the training is saved; go on with: grayling train --resume ${printable(relative(process.cwd(), folder) || folder)}`;

/** What stays on the screen of an event; undefined: nothing. */
function linesOf(event: TrainEvent, skipsIn: string): readonly string[] | undefined {
  switch (event.kind) {
    case "dataset":
      return [describeDataset(event.dataset)];
    case "checked":
      return describeChecked(event);
    case "backbone":
      return describeBackbone(event.backbone);
    case "window":
      return [event.said];
    case "read":
      return describeRead(event, skipsIn);
    case "split":
      return [describeSplit(event)];
    case "augmented":
      return [describeAugmented(event)];
    case "fold":
      return [describeFold(event)];
    case "plan":
      return planLines(event.plan);
    case "network":
      return [describeNetwork(event)];
    case "cut":
      return [describeCut(event)];
    case "kept":
      return [describeKept(event)];
    case "warning":
      return [`warning: ${event.message}`];
    default:
      return undefined;
  }
}

/** What moves on the screen while something goes on. */
function showProgress(event: TrainEvent, progress: Console["progress"]): void {
  if (event.kind === "download") reportDownload(progress)(event);
  else if (event.kind === "values") progress.update("values", event.done, event.total, "images");
  else if (event.kind === "features") progress.update("features", event.done, event.total, "images");
  else if (event.kind === "report") progress.update("report", event.done, event.total, "images");
  else if (event.kind === "variants") progress.update("variants", event.done, event.total, "variants");
  else if (event.kind === "activations") progress.update("reading", event.done, event.total, "images");
  else if (event.kind === "head")
    progress.status(`head      ${event.phase}, step ${event.step}`, `loss ${event.loss.toFixed(4)}`);
}

function describeBackbone({ name, model, source, height, width, isTransferred, notes }: Backbone): string[] {
  return [
    `${name}, weights: ${source}, ${height} × ${width} px`,
    stemChange(model, foldGrayscale(model)),
    ...notes.map((note) => `note: ${note}`),
    ...(isTransferred ? [] : ["random weights: nothing is transferred, the network knows nothing yet"]),
  ];
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
function describeSplit({ dataset, sides }: Extract<TrainEvent, { kind: "split" }>): string {
  const { images, groupedBy, copies } = dataset;
  const counts = [...countSides(images, sides)].map(([side, { images, groups }], i) => {
    const what = i === 0 ? counted(images, "image") : grouped(images);
    return `${side} ${what}${groupedBy ? ` of ${i === 0 ? counted(groups, "group") : grouped(groups)}` : ""}`;
  });
  const undivided = groupedBy ? "; no group is on two sides" : "";
  const copied = copies ? `; ${counted(copies, "image")} with the content of another, on its side` : "";
  return counts.join(", ") + undivided + copied;
}

/** The head alone has folds of its own, before those of the network. */
function describeFold({ of, fold, folds, accuracy }: Extract<TrainEvent, { kind: "fold" }>): string {
  return `fold ${fold} of ${folds}, ${of === "head" ? "the head alone" : "the trained network"}: accuracy ${percent(accuracy)}`;
}

function describeAugmented({ computed, cached }: Extract<TrainEvent, { kind: "augmented" }>): string {
  const kept = cached > 0 ? `, ${grouped(cached)} known from before` : "";
  return `features of ${counted(computed, "augmented variant")} computed${kept}`;
}

function describeCut({ computed, cached }: Extract<TrainEvent, { kind: "cut" }>): string {
  if (computed === 0)
    return `activations of ${counted(cached, "image")} and variants known from before: nothing to compute below the cut`;
  const kept = cached > 0 ? `, ${grouped(cached)} known from before` : "";
  return `activations of ${counted(computed, "image")} and variants computed${kept}`;
}

function describeRead({ dataset, features }: Extract<TrainEvent, { kind: "read" }>, skipsIn: string): string[] {
  const { computed, cached, twelveBit } = features;
  const kept = cached > 0 ? `, ${counted(cached, "image")} known from before` : "";
  const tiles = features.tiles.reduce((a, b) => a + b, 0);
  const cut = tiles > features.tiles.length ? `, in all ${counted(tiles, "tile")}` : "";
  const dark = `warning: ${counted(twelveBit, "16-bit image")} with values below 4,096 only: nearly black to the network; choose a --window`;
  const { skipped } = dataset;
  const named = skipped.slice(0, namedSkips).map(({ path, reason }) => `  ${printable(path)}: ${printable(reason)}`);
  const others = skipped.length > namedSkips ? [`  and ${skipped.length - namedSkips} more, all in ${skipsIn}`] : [];
  return [
    `features of ${counted(computed, "image")} computed${kept}${cut}`,
    ...(twelveBit > 0 ? [dark] : []),
    ...(skipped.length > 0 ? [`${counted(skipped.length, "file")} skipped:`, ...named, ...others] : []),
  ];
}

/** A class with one training image leaves nothing to hold out. */
const howChosen = ({ crossValidation }: TrainResult["head"]["outcome"]) =>
  Array.isArray(crossValidation) && crossValidation.length > 0
    ? "chosen by cross-validation inside the training images"
    : "the default: a class has too few images to choose it by cross-validation";

export function printTraining(result: TrainResult, console: Console): void {
  const { folder, validation, test, folds, head, options, judged } = result;
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
  } else if (validation) {
    printMetrics(validation.metrics, "validation image", console);
  } else if (!test) console.print("no validation images, so nothing was measured");
  if (test) {
    console.print();
    console.print("test      of the trained model, once");
    printMetrics(test.metrics, "test image", console);
  }
  const { measured } = judged.judgement;
  const last = measured.test ?? measured.folds ?? measured.validation;
  console.print();
  for (const line of [...(last ? [describeMeasured(last)] : []), ...describeJudgement(judged)]) {
    for (const part of breakReportLine(line, process.stdout.columns)) console.print(part);
  }
  console.print();
  console.print(`written to ${printable(relative(process.cwd(), folder) || folder)}`);
}
