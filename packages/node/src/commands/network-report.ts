/** The training of a network on the terminal: a line that moves, and one that stays for each epoch. */
import { grouped, percent } from "@grayling/core";
import { counted } from "../terminal/counted.js";
import type { TrainEvent } from "../train/train-events.js";
import type { Console } from "./console.js";

type Progress = Extract<TrainEvent, { kind: "network-progress" }>;

/** Images per second over the last steps, and when it will be done. */
export class TrainingClock {
  #last: number | undefined;
  #perImage: number | undefined; // ms, of late
  readonly losses: number[] = [];

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

/** A step moves the line, an epoch leaves one. */
export function reportNetwork(
  { progress: event, epochs, kernels }: Progress,
  console: Console,
  clock: TrainingClock,
): void {
  if (event.kind === "step") {
    clock.step(event.images);
    const { imagesPerSecond: speed } = clock;
    const left =
      speed === undefined
        ? ""
        : `, ${showSeconds((((epochs - event.epoch) * event.steps + event.steps - event.step) * event.images) / speed)} left at most`;
    const pace = speed === undefined ? "" : `, ${speed.toFixed(speed < 10 ? 1 : 0)} images/s`;
    console.progress.status(
      `epoch ${event.epoch}/${epochs}  step ${event.step}/${event.steps}  loss ${event.loss.toFixed(3)}  rate ${event.learningRate.toExponential(1)}${pace}${left}`,
    );
    return;
  }
  clock.pause();
  const { epoch, loss, accuracy, validationLoss, validationAccuracy } = event.epoch;
  clock.losses.push(validationLoss ?? loss);
  const validation =
    validationLoss === undefined || validationAccuracy === undefined
      ? ""
      : `   val loss ${validationLoss.toFixed(3)}  accuracy ${percent(validationAccuracy)}`;
  const width = String(epochs).length;
  console.progress.finish();
  if (epoch === 1) console.note(`kernels ${kernels}`);
  console.note(
    `epoch ${String(epoch).padStart(width)}/${epochs}   loss ${loss.toFixed(3)}  accuracy ${percent(accuracy)}${validation}${event.isBest && validation !== "" ? "  best" : "      "}  ${sparkline(clock.losses)}`,
  );
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
}: Extract<TrainEvent, { kind: "network" }>): string {
  const from =
    cut === undefined ? "from the image on" : `above ${cut}, whose activations are computed once (${showBytes(bytes)})`;
  return `training ${counted(layers, "layer")} of the network and the head ${from}: ${grouped(parameters)} parameters, ${grouped(frozen)} frozen`;
}

/** Whether the training was worth it, in a sentence. */
export function describeKept({ kept, head, network }: Extract<TrainEvent, { kind: "kept" }>): string {
  return kept === "network"
    ? `the trained network is kept: accuracy ${percent(network)}, the head alone ${percent(head)}`
    : `training the network has not beaten the head alone (${percent(network)} against ${percent(head)}): the head on the network as it was is kept`;
}

/** `1.2 GB` */
export function showBytes(bytes: number): string {
  const [divisor, unit] = bytes >= 1e9 ? [1e9, "GB"] : bytes >= 1e6 ? [1e6, "MB"] : [1e3, "kB"];
  const value = bytes / divisor;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

/** `35 s`, `4 min`, `2 h 10 min` */
export function showSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
