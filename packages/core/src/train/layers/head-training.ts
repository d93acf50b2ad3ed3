/** A head in training: its weights, its optimizer's state and its generators, moved on by one epoch at a time. */
import { InputError } from "../../errors.js";
import type { Graph } from "../../graph/graph.js";
import type { Weights } from "../../graph/model.js";
import { type DropoutMask, drawMask } from "../../passes/dropout-masks.js";
import type { NamedTensors, Runtime } from "../../runtime/session.js";
import { SeededRandom } from "../../seeded-random.js";
import { initialHead } from "./build-head.js";
import { countCorrect, crossEntropy, type HeadEvaluation, openHeadEvaluation } from "./head-evaluation.js";
import type { HeadEpoch, HeadSettings } from "./head-options.js";
import type { HeadSamples, PreparedHeadData } from "./head-samples.js";
import { type HeadResult, type HeadStep, openHeadStep } from "./head-step.js";
import { initialOptimizerState, type OptimizerState } from "./optimizers.js";

export class HeadTraining {
  readonly #data: PreparedHeadData;
  readonly #settings: HeadSettings;
  readonly #step: HeadStep;
  /** The held-out images and what evaluates them; none where no image is held out. */
  readonly #stop: { readonly samples: HeadSamples; readonly evaluation: HeadEvaluation } | undefined;
  /** Updated in place. */
  readonly #weights: Weights;
  readonly #order: SeededRandom;
  readonly #chance: ReadonlyMap<DropoutMask, SeededRandom>;
  #state: OptimizerState = initialOptimizerState;
  #epoch = 0;

  private constructor(
    data: PreparedHeadData,
    settings: HeadSettings,
    weights: Weights,
    step: HeadStep,
    stop: { samples: HeadSamples; evaluation: HeadEvaluation } | undefined,
  ) {
    this.#data = data;
    this.#settings = settings;
    this.#weights = weights;
    this.#step = step;
    this.#stop = stop;
    this.#order = new SeededRandom(settings.seed, "head/order");
    this.#chance = new Map(step.masks.map((mask) => [mask, new SeededRandom(settings.seed, mask.name)]));
  }

  /** Starts from the seed's initial weights. */
  static async open(runtime: Runtime, graph: Graph, data: PreparedHeadData, settings: HeadSettings) {
    const samples = data.stop.length > 0 ? data.take(data.stop) : undefined;
    const step = await openHeadStep(runtime, graph);
    const stop = samples && { samples, evaluation: await openHeadEvaluation(runtime, graph, samples.features) };
    return new HeadTraining(data, settings, initialHead(graph, settings.seed).weights, step, stop);
  }

  /** A copy of the weights as they are now. */
  weights(): Weights {
    return new Map([...this.#weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
  }

  /** Goes once through all images. Throws the signal's reason between batches, `InputError` if the loss is no number. */
  async runEpoch(): Promise<HeadEpoch> {
    const { batch, learningRate, signal } = this.#settings;
    const order = this.#order.shuffled(this.#data.fit);
    let [loss, correct] = [0, 0];
    for (let start = 0; start < order.length; start += batch) {
      signal?.throwIfAborted();
      const samples = this.#data.take(order.slice(start, start + batch));
      const result = await this.#learn(samples);
      loss += (result.loss * samples.labels.length) / order.length;
      correct += countCorrect(result.logits, samples.labels);
    }
    const epoch = ++this.#epoch;
    const accuracy = correct / order.length;
    const held = await this.#evaluate();
    const diverged = [loss, held.stopLoss ?? 0].find((value) => !Number.isFinite(value));
    if (diverged !== undefined) {
      const problem = `a loss of epoch ${epoch} is ${diverged}, expected a finite number`;
      throw new InputError(`head: ${problem}; lower the learning rate, now ${learningRate}`);
    }
    return { epoch, loss, accuracy, ...held, learningRate };
  }

  async release(): Promise<void> {
    await this.#step.release();
    await this.#stop?.evaluation.release();
  }

  async #learn({ features, targets, labels }: HeadSamples): Promise<HeadResult> {
    const masks = Object.fromEntries(
      [...this.#chance].map(([mask, random]) => [mask.name, drawMask(mask, labels.length, random)]),
    );
    const result = await this.#step.run({ features, targets, masks }, this.#tensors());
    const variables = Object.fromEntries([...this.#weights].map(([name, { data }]) => [name, data]));
    this.#state = this.#settings.update(variables, result.gradients, this.#settings.learningRate, this.#state);
    return result;
  }

  async #evaluate(): Promise<{ stopLoss?: number; stopAccuracy?: number }> {
    if (!this.#stop) return {};
    const { targets, labels } = this.#stop.samples;
    const logits = await this.#stop.evaluation.logits(this.#tensors());
    return {
      stopLoss: crossEntropy(logits, targets.data, labels.length),
      stopAccuracy: countCorrect(logits, labels) / labels.length,
    };
  }

  #tensors(): NamedTensors {
    return Object.fromEntries(this.#weights);
  }
}
