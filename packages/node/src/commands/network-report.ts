/** The training of a network on the terminal: a line that moves, and one that stays for each epoch. */
import { grouped, percent } from "@grayling/core";
import { counted } from "../terminal/counted.js";
import { duration } from "../terminal/progress.js";
import type { TrainEvent } from "../train/train-events.js";
import type { Console } from "./console.js";

type Progress = Extract<TrainEvent, { kind: "network-progress" }>;

/** One training of a network as it goes: images per second over the last steps, and the losses so far. */
export class TrainingClock {
  #last: number | undefined;
  #perImage: number | undefined; // ms, of late
  readonly losses: number[] = [];
  hasBegun = false;

  /** Takes note of a step. */
  step(images: number): void {
    const now = performance.now();
    if (this.#last !== undefined) {
      const own = (now - this.#last) / images;
      this.#perImage = this.#perImage === undefined ? own : 0.9 * this.#perImage + 0.1 * own;
    }
    this.#last = now;
  }

  /** What comes between epochs is no step. */
  pause(): void {
    this.#last = undefined;
  }

  get imagesPerSecond(): number | undefined {
    return this.#perImage === undefined ? undefined : 1000 / this.#perImage;
  }
}

/** A step moves the line, an epoch leaves one, `width` columns at most; the first of a training tells what computes, and the columns. */
export function reportNetwork(
  { progress: event, epochs, kernels }: Progress,
  { progress, note }: Pick<Console, "progress" | "note">,
  clock: TrainingClock,
  width: number,
): void {
  if (!clock.hasBegun) {
    clock.hasBegun = true;
    progress.finish();
    note(`kernels ${kernels}`);
    note(epochHeader(epochs));
  }
  if (event.kind === "step") {
    clock.step(event.images);
    progress.status(...describeStep(event, epochs, clock.imagesPerSecond));
    return;
  }
  clock.pause();
  clock.losses.push(event.epoch.validationLoss ?? event.epoch.loss);
  progress.finish();
  const line = describeEpoch(event, epochs);
  const curve = sparkline(clock.losses);
  note(line.length + curve.length > width ? line.trimEnd() : line + curve);
}

/** The most wanted first: a narrow terminal shows no more. */
function describeStep(
  { epoch, step, steps, images, loss, learningRate }: Extract<Progress["progress"], { kind: "step" }>,
  epochs: number,
  speed: number | undefined,
): string[] {
  const left = ((epochs - epoch) * steps + steps - step) * images;
  return [
    `epoch ${epoch}/${epochs}, step ${step}/${steps}`,
    ...(speed === undefined ? [] : [`${duration(left / speed)} left at most`]),
    `loss ${loss.toFixed(3)}`,
    ...(speed === undefined ? [] : [`${speed.toFixed(speed < 10 ? 1 : 0)} images/s`]),
    `rate ${learningRate === 0 ? "0" : learningRate.toExponential(1)}`,
  ];
}

/** What the columns of `describeEpoch` hold. */
const epochHeader = (epochs: number): string =>
  "epoch".padEnd(epochColumns(epochs)) + inColumns("loss", "accuracy") + inColumns(" val loss", "accuracy");

const epochColumns = (epochs: number): number => Math.max("epoch".length, 2 * String(epochs).length + 1);

const inColumns = (loss: string, accuracy: string): string => ` ${loss.padStart(8)}${accuracy.padStart(10)}`;

/** `12/15    0.512    85.3 %     0.488    87.1 %  best  `: the second pair is of the images that validate. */
function describeEpoch(
  { epoch: own, isBest }: Extract<Progress["progress"], { kind: "epoch" }>,
  epochs: number,
): string {
  const { epoch, loss, accuracy, validationLoss, validationAccuracy } = own;
  const learnt = inColumns(loss.toFixed(3), percent(accuracy));
  const measured =
    validationLoss === undefined || validationAccuracy === undefined
      ? inColumns("–".padStart(9), "–")
      : inColumns(validationLoss.toFixed(3).padStart(9), percent(validationAccuracy));
  const best = isBest && validationLoss !== undefined ? "  best  " : "        ";
  return `${epoch}/${epochs}`.padStart(epochColumns(epochs)) + learnt + measured + best;
}

const bars = "▁▂▃▄▅▆▇█";

/** The losses so far, lowest to highest, in a few characters; at most the last 20. */
export function sparkline(values: readonly number[]): string {
  const shown = values.slice(-20).filter((value) => Number.isFinite(value));
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  const level = (value: number) =>
    most === least ? 0 : Math.round(((value - least) / (most - least)) * (bars.length - 1));
  return shown.map((value) => bars[level(value)]).join("");
}

/** What trains, in a sentence. */
export function describeNetwork({
  layers,
  parameters,
  frozen,
  cut,
  bytes,
  batch,
  imagesAtOnce,
}: Extract<TrainEvent, { kind: "network" }>): string {
  const from =
    cut === undefined ? "from the image on" : `above ${cut}, whose activations are computed once (${showBytes(bytes)})`;
  const parts = imagesAtOnce < batch ? `; ${batch} images a step, ${imagesAtOnce} at once` : "";
  return `training ${counted(layers, "layer")} of the network and the head ${from}: ${grouped(parameters)} parameters, ${grouped(frozen)} frozen${parts}`;
}

/** Whether the training was worth it, in a sentence: by what decided, and of equal accuracies by what decided then. */
export function describeKept({ kept, by, head, network }: Extract<TrainEvent, { kind: "kept" }>): string {
  const isTie = by === "accuracy" && head.accuracy === network.accuracy;
  const show = ({ accuracy, logLoss }: typeof head) => {
    if (by === "loss") return `loss ${logLoss.toFixed(3)}`;
    return `accuracy ${percent(accuracy)}${isTie ? `, loss ${logLoss.toFixed(3)}` : ""}`;
  };
  return kept === "network"
    ? `the trained network is kept: ${show(network)}; the head alone: ${show(head)}`
    : `training the network has not beaten the head alone (${show(network)}; the head alone: ${show(head)}): the head on the network as it was is kept`;
}

/** `1.2 GB` */
export function showBytes(bytes: number): string {
  const [divisor, unit] = bytes >= 1e9 ? [1e9, "GB"] : bytes >= 1e6 ? [1e6, "MB"] : [1e3, "kB"];
  const value = bytes / divisor;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

/** `0.3 s`, `35 s`, `4 min`, `2 h 10 min` */
export function showSeconds(seconds: number): string {
  if (seconds < 9.95) return `${Math.max(0.1, seconds).toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
