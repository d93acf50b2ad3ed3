/** Trains the layers of a head on features, by epochs, with early stopping. */
import { nodesOf } from "../../graph/graph.js";
import { bind, type Model, weightOf } from "../../graph/model.js";
import type { Runtime } from "../../runtime/session.js";
import { foldStandardization, type Standardization } from "../standardization.js";
import { buildHead } from "./build-head.js";
import { type EpochRecord, watchEpoch } from "./early-stopping.js";
import { type HeadEpoch, type HeadOptions, settleOptions } from "./head-options.js";
import { type HeadData, prepareHeadData } from "./head-samples.js";
import type { HeadLayer } from "./head-spec.js";
import { HeadTraining } from "./head-training.js";

export interface TrainedHead {
  /** Reads the features as they are: `features` [N, D] → `predictions` [N, classes]. */
  readonly head: Model;
  readonly history: readonly HeadEpoch[];
  /** The epoch, from 1, whose weights these are. */
  readonly bestEpoch: number;
}

/**
 * Minimises the mean cross-entropy, Σ w_i·CE_i / n, with mini-batches in random order, on standardised features; dropout as
 * in Keras. A tenth of the images of each class, at least one where it has three, is held out: the epoch with their lowest
 * loss gives the weights. Those images are part of `data`, so metrics belong on others. Where no class has three images, all
 * epochs are run and the last one counts.
 *
 * The standardization is folded into the first dense layer afterwards: exact up to float32 rounding, since before it there
 * is only what is the identity in inference. The same data, layers, options and runtime give the same bytes.
 *
 * Throws `InputError` for labels or options that do not fit and where training diverges; the signal's reason where it stops.
 */
export async function fitHead(
  runtime: Runtime,
  data: HeadData,
  layers: readonly HeadLayer[],
  options: HeadOptions,
): Promise<TrainedHead> {
  const settings = settleOptions(options);
  const prepared = prepareHeadData(data, settings);
  const graph = buildHead(layers, prepared.standardization.mean.length, data.classes);
  const training = await HeadTraining.open(runtime, graph, prepared, settings);
  try {
    const history: HeadEpoch[] = [];
    let weights = training.weights();
    let record: EpochRecord | undefined;
    while (history.length < settings.epochs && !record?.stop) {
      const epoch = await training.runEpoch();
      history.push(epoch);
      settings.onEpoch?.(epoch);
      if (epoch.stopLoss !== undefined) {
        record = watchEpoch({ better: "lower", patience: settings.patience }, record, epoch.stopLoss);
      }
      if (!record || record.bestEpoch === record.epoch) weights = training.weights();
    }
    const bestEpoch = record ? record.bestEpoch + 1 : history.length;
    return { head: foldIntoFirstDense({ graph, weights }, prepared.standardization), history, bestEpoch };
  } finally {
    await training.release();
  }
}

/** The head that gives for raw features what `head` gives for standardised ones. */
function foldIntoFirstDense(head: Model, standardization: Standardization): Model {
  const [, kernelName, biasName] = nodesOf(head.graph, "Gemm")[0]!.inputs as [string, string, string]; // the first Dense
  const kernel = weightOf(head, kernelName);
  const bias = weightOf(head, biasName);
  const folded = foldStandardization(Float64Array.from(kernel.data), Float64Array.from(bias.data), standardization);
  const weights = new Map(head.weights)
    .set(kernelName, { shape: kernel.shape, data: folded.kernel })
    .set(biasName, { shape: bias.shape, data: folded.bias });
  return bind(head.graph, weights);
}
