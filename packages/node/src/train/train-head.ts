/** Trains the head that the options ask for on features. */
import {
  fitHead,
  fitLogisticRegression,
  type HeadSpec,
  linearHead,
  type Model,
  parseHead,
  type Runtime,
  runtimeProducts,
} from "@grayling/core";
import { type FeatureTable, tilesAsImages } from "../features/feature-table.js";
import type { OnTrainEvent } from "./train-events.js";
import type { ResolvedOptions } from "./train-options.js";

/** What every part of a training needs. */
export interface TrainContext {
  readonly runtime: Runtime;
  readonly classes: readonly string[];
  readonly options: ResolvedOptions;
  readonly onEvent: OnTrainEvent;
  readonly signal?: AbortSignal | undefined;
  /** Values of C that the linear head chooses from; default: its own. One alone is taken. */
  readonly candidates?: readonly number[] | undefined;
  /** Of the linear head: the largest magnitude of the gradient to stop at; default: its own. */
  readonly tolerance?: number | undefined;
}

/** A row of `results.csv`: what a step of training reported, by column. */
export type HistoryRow = Readonly<Record<string, number>>;

export interface TrainedHead {
  /** `features` [N, columns] → `predictions` [N, classes], probabilities. */
  readonly model: Model;
  readonly history: readonly HistoryRow[];
  /** What the training came to, for `metrics.json`. */
  readonly outcome: Readonly<Record<string, unknown>>;
}

/** Every tile counts the same, as an image of its own. Same table, options and machine: same bytes. */
export function trainHead(table: FeatureTable, context: TrainContext): Promise<TrainedHead> {
  const spec = parseHead(context.options.head, context.classes.length);
  const rows = tilesAsImages(table);
  return spec === "linear" ? trainLinear(rows, context) : trainLayers(rows, spec, context);
}

async function trainLinear(table: FeatureTable, context: TrainContext) {
  const { runtime, classes, options, onEvent, signal, candidates, tolerance } = context;
  const { labels, values, columns, groups } = table;
  const products = await runtimeProducts(runtime, values, labels.length, columns);
  const history: HistoryRow[] = [];
  try {
    const { kernel, bias, ...outcome } = await fitLogisticRegression(products, labels, classes.length, {
      seed: options.seed,
      ...(groups !== undefined && { groups }),
      ...(candidates !== undefined && { candidates }),
      ...(tolerance !== undefined && { tolerance }),
      ...(options.classWeights !== undefined && { classWeights: options.classWeights }),
      onProgress: ({ phase, iteration, loss }) => {
        signal?.throwIfAborted();
        onEvent({ kind: "head", phase, step: iteration, loss });
        if (phase === "fit") history.push({ evaluation: iteration, loss });
      },
    });
    if (outcome.outcome !== "converged") {
      const message = `the head's fit ended ${outcome.outcome}, at a gradient of ${outcome.gradientNorm.toExponential(1)}`;
      onEvent({ kind: "warning", message });
    }
    return { model: linearHead(kernel, bias, columns, classes.length), history, outcome };
  } finally {
    await products.release();
  }
}

async function trainLayers(
  { values, labels, groups }: FeatureTable,
  spec: Exclude<HeadSpec, "linear">,
  { runtime, classes, options, onEvent, signal }: TrainContext,
): Promise<TrainedHead> {
  const data = { features: values, labels, classes: classes.length, groups };
  const { head, history, bestEpoch } = await fitHead(runtime, data, spec, {
    ...options.layers,
    batch: options.batch,
    seed: options.seed,
    classWeights: options.classWeights,
    signal,
    onEpoch: (epoch) => onEvent({ kind: "head", phase: "epochs", step: epoch.epoch, loss: epoch.loss, epoch }),
  });
  return { model: head, history: history.map((row) => ({ ...row })), outcome: { bestEpoch, epochs: history.length } };
}
