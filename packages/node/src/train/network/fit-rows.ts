/** Trains a network on rows that are ready, and measures what comes out. */
import {
  bind,
  classificationMetrics,
  evaluateRows,
  type FitCheckpoint,
  type FitEvent,
  type FitOptions,
  fitNetwork,
  type Model,
  type NetworkEpoch,
  type NetworkRows,
  type Weights,
} from "@grayling/core";
import type { Evaluated } from "../evaluate-head.js";
import { openThread, type ThreadOptions } from "./with-network.js";

/** Which rows train, decide and are measured. */
export interface RowSides {
  readonly training: NetworkRows;
  /** Decides about the best epoch; without it the last one counts. */
  readonly validation: NetworkRows | undefined;
  /** Measured with the best epoch's weights, by name. */
  readonly measured: Readonly<Record<string, NetworkRows>>;
}

/** Of `fitRows`. */
export interface FitRowsOptions extends ThreadOptions {
  readonly classes: readonly string[];
  /** What an image of each class counts. */
  readonly classWeights: readonly number[];
  readonly signal: AbortSignal | undefined;
  /** Where to go on; asked once it is known which kernels train. */
  readonly resume?: ((kernels: string) => Promise<FitCheckpoint | undefined>) | undefined;
  readonly onEvent: (event: FitEvent, kernels: "portable" | "blocked") => Promise<void> | void;
}

/** A network after its training. */
export interface FittedNetwork {
  /** The parts given, with what they have learned. */
  readonly backbone: Model;
  readonly head: Model;
  readonly history: readonly NetworkEpoch[];
  readonly bestEpoch: number;
  readonly kernels: "portable" | "blocked";
  readonly measured: Readonly<Record<string, Evaluated>>;
}

/**
 * Trains, and measures each of `measured` with the weights of the best epoch. Throws `InputError` where the loss is no number;
 * the signal's reason, after a last "boundary".
 */
export async function fitRows(
  { training: rows, validation, measured }: RowSides,
  options: FitRowsOptions,
): Promise<FittedNetwork> {
  const { backbone, head, training, batch, seed, classes, onEvent } = options;
  const trainer = await openThread(options);
  try {
    const from = await options.resume?.(trainer.kernels);
    const fitOptions: FitOptions = {
      ...training,
      ...{ batch, seed, signal: options.signal, classWeights: options.classWeights },
      dropsLast: training.batchNorm === "train",
    };
    const steps = fitNetwork(trainer, rows, validation, fitOptions, from);
    let next = await steps.next();
    while (!next.done) {
      await onEvent(next.value, trainer.kernels);
      next = await steps.next();
    }
    const { history, bestEpoch, best } = next.value;
    const state = await trainer.state();
    const average = new Map([...state.average.keys()].map((name) => [name, best.get(name)!]));
    await trainer.restore({ ...state, weights: best, average });
    const results: Record<string, Evaluated> = {};
    for (const [name, own] of Object.entries(measured)) {
      const { logits } = await evaluateRows(trainer, own, batch);
      const probabilities = softmaxRows(logits, classes.length);
      results[name] = { metrics: classificationMetrics(own.labels, probabilities, classes), probabilities };
    }
    const learned = { backbone: withWeights(backbone, best), head: withWeights(head, best) };
    return { ...learned, history, bestEpoch, kernels: trainer.kernels, measured: results };
  } finally {
    await trainer.close();
  }
}

const withWeights = ({ graph, weights }: Model, learned: Weights): Model =>
  bind(graph, new Map([...weights].map(([name, tensor]) => [name, learned.get(name) ?? tensor])));

function softmaxRows(logits: Float32Array, classes: number): Float32Array {
  const probabilities = new Float32Array(logits.length);
  for (let from = 0; from < logits.length; from += classes) {
    const row = logits.subarray(from, from + classes);
    const most = row.reduce((a, b) => Math.max(a, b));
    const powers = Array.from(row, (logit) => Math.exp(logit - most));
    const sum = powers.reduce((a, b) => a + b);
    probabilities.set(
      powers.map((power) => power / sum),
      from,
    );
  }
  return probabilities;
}
