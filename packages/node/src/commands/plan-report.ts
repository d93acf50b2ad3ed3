/** What a training will take, on the terminal: a table of choices, and a few lines before a training starts. */
import { alignColumns, grouped } from "@grayling/core";
import { counted } from "../terminal/counted.js";
import type { PlannedChoice } from "../train/network/measure-training.js";
import type { Plan } from "../train/network/plan-training.js";
import { showBytes, showSeconds } from "./network-report.js";

/** A row for each choice, and what the numbers hold, on any terminal. */
export function planTable({ images, folds, choices }: Plan): string[] {
  const header = ["--unfreeze", "parameters", "memory", "kept once", "images/s", "an epoch", "in all"];
  const rows = choices.map((choice) => [
    choice.unfreeze,
    grouped(choice.parameters),
    showBytes(choice.memory),
    choice.activations ? `${showBytes(choice.activations.bytes)}, ${showSeconds(choice.activations.seconds)}` : "–",
    choice.imagesPerSecond.toFixed(0),
    showSeconds(choice.secondsPerEpoch),
    showSeconds(choice.secondsInAll),
  ]);
  const [own] = choices;
  return [
    `${grouped(images.train)} images train, ${grouped(images.val)} validate, ${grouped(images.test)} test`,
    "",
    ...alignColumns([header, ...rows], [1, 2, 4, 5, 6]),
    "",
    `in all: ${inAll(own, folds)} at most, early stopping may end it sooner`,
    `kernels ${own.kernels}, ${steps(own)}`,
    "the head's optimum comes before, with reading the images",
  ];
}

/** What is about to be computed, in two or three lines. */
export function planLines({ folds, choices: [own, ...cheaper] }: Plan): string[] {
  const { activations, imagesPerSecond, memory, secondsPerEpoch } = own;
  const kept = activations
    ? `; before it ${showSeconds(activations.seconds)} for ${showBytes(activations.bytes)} of activations`
    : "";
  const others = cheaper.map(({ unfreeze, secondsInAll }) => `${unfreeze} ${showSeconds(secondsInAll)}`);
  return [
    `plan      ${imagesPerSecond.toFixed(0)} images/s, ${steps(own)}, about ${showBytes(memory)} of memory`,
    `          an epoch ${showSeconds(secondsPerEpoch)}, ${inAll(own, folds)} at most ${showSeconds(own.secondsInAll)}${kept}`,
    ...(others.length > 0 ? [`          cheaper with --unfreeze: ${others.join(", ")}`] : []),
  ];
}

const inAll = ({ epochs }: PlannedChoice, folds: number | undefined): string =>
  `${counted(epochs, "epoch")}${folds === undefined ? "" : ` of ${folds} folds and of the model`}`;

const steps = ({ batch, imagesAtOnce }: PlannedChoice): string =>
  `${batch} images a step${imagesAtOnce < batch ? `, ${imagesAtOnce} at once` : ""}`;
