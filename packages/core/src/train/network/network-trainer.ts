/** A network in training on ONNX Runtime: its weights, its optimizer's state, and the step that moves them. */
import { bind, type Model, weightOf } from "../../graph/model.js";
import { copyTensor, sizeOf, type Tensor } from "../../graph/tensor.js";
import type { MovingStatistic } from "../../passes/batch-statistics.js";
import { type DropoutMask, drawMask } from "../../passes/dropout-masks.js";
import type { NamedTensors, Runtime, Session } from "../../runtime/session.js";
import { SeededRandom } from "../../seeded-random.js";
import type { GradientNorms } from "./gradient-norms.js";
import { moveAverage } from "./move-variables.js";
import { openTrainer, type TrainerParts } from "./open-trainer.js";
import type { PreparedNetwork } from "./prepare-network.js";
import type { TrainerOptions } from "./trainer-options.js";
import { hostOfOne, type TrainingHost } from "./training-host.js";
import { type NamedGradients, ofShape, type TrainerState, VariableSet } from "./variable-set.js";

export type { TrainerState };

/** Images of one update. */
export interface TrainingBatch {
  /** What the graph reads at its cut, [rows, …]. */
  readonly input: Tensor;
  /** Probabilities, times what the image counts, [rows, classes]. */
  readonly targets: Float32Array;
  readonly rows: number;
}

/** Of a batch, before its update. */
export interface StepResult {
  /** Mean over the images. */
  readonly loss: number;
  readonly logits: Float32Array; // [rows, classes]
  readonly norms: GradientNorms;
}

/**
 * Weights, moments and graphs of one training. `learn` moves them. Where the loss is no number it leaves the variables as they are;
 * where only gradients are none, so are the variables afterwards: go on from a state before.
 */
export class NetworkTrainer {
  readonly #network: PreparedNetwork;
  readonly #options: TrainerOptions;
  readonly #session: Session;
  readonly #forward: Session;
  readonly #gradients: ReadonlyMap<string, string>;
  readonly #masks: readonly DropoutMask[];
  readonly #statistics: readonly MovingStatistic[];
  readonly #moving: Map<string, Tensor>;
  readonly #variables: VariableSet;
  readonly #classes: number;

  private constructor(
    network: PreparedNetwork,
    options: TrainerOptions,
    parts: Omit<TrainerParts, "variables">,
    variables: VariableSet,
  ) {
    [this.#network, this.#options, this.#variables] = [network, options, variables];
    ({ session: this.#session, forward: this.#forward, gradients: this.#gradients } = parts);
    ({ masks: this.#masks, statistics: this.#statistics } = parts);
    this.#classes = network.split.above.graph.nodes.get(network.logits)!.shape[1] as number; // [N, classes]
    this.#moving = new Map(
      this.#statistics.map(({ weight }) => [weight, copyTensor(weightOf(network.network, weight))]),
    );
  }

  /** Throws `GraphError` as `openTrainer`. Release it afterwards. */
  static async open(
    runtime: Runtime,
    network: PreparedNetwork,
    options: TrainerOptions,
    host: TrainingHost = hostOfOne,
  ): Promise<NetworkTrainer> {
    const { variables, ...parts } = await openTrainer(runtime, network, options, host.allocate);
    return new NetworkTrainer(network, options, parts, await VariableSet.open(variables, network, options, host));
  }

  /** One update by all images of a batch. Gradients of its parts add up to those of the whole. */
  async learn(batch: TrainingBatch, rate: number): Promise<StepResult> {
    const { images, seed } = this.#options;
    const variables = this.#variables.inputs("values");
    const logits = new Float32Array(batch.rows * this.#classes);
    const random = new SeededRandom(seed, `step ${this.#variables.step}`);
    let loss = 0;
    let gradients: NamedGradients = {};
    for (let from = 0; from < batch.rows; from += images) {
      const rows = Math.min(images, batch.rows - from);
      const targets = new Float32Array(images * this.#classes); // rows of zeros have no loss and no gradient
      targets.set(batch.targets.subarray(from * this.#classes, (from + rows) * this.#classes));
      const masks = this.#masks.map((mask) => [mask.name, drawMask(mask, images, random)] as const);
      const outputs = await this.#session.run({
        ...variables,
        ...Object.fromEntries(masks),
        [this.#network.split.cut]: takeRows(batch.input, from, rows, images),
        targets: { shape: [images, this.#classes], data: targets },
        scale: { shape: [], data: Float32Array.of(1 / batch.rows) },
      });
      const own = outputs["loss"]!.data[0]!;
      loss += own;
      logits.set(outputs[this.#network.logits]!.data.subarray(0, rows * this.#classes), from * this.#classes);
      gradients = addGradients(from === 0 ? undefined : gradients, this.#gradients, outputs);
      for (const { weight, batch: name, momentum } of Number.isFinite(own) ? this.#statistics : []) {
        moveAverage(this.#moving.get(weight)!.data, outputs[name]!.data, momentum);
      }
    }
    const norms = Number.isFinite(loss)
      ? await this.#variables.update(gradients, rate)
      : this.#variables.norms(gradients);
    return { loss, logits, norms };
  }

  /** Logits of images as the weights stand, or their moving average where there is one; [rows, classes]. */
  async evaluate(input: Tensor): Promise<Float32Array> {
    const { images } = this.#options;
    const feeds = { ...this.#variables.inputs("average"), ...Object.fromEntries(this.#moving) };
    const rows = input.shape[0]!;
    const logits = new Float32Array(rows * this.#classes);
    for (let from = 0; from < rows; from += images) {
      const count = Math.min(images, rows - from);
      const outputs = await this.#forward.run({
        ...feeds,
        [this.#network.split.cut]: takeRows(input, from, count, images),
      });
      const values = outputs[this.#network.logits]!.data.subarray(0, count * this.#classes);
      logits.set(values, from * this.#classes);
    }
    return logits;
  }

  /** The network with what it has learned so far: the moving average where there is one. Nothing folded. */
  trained(): Model {
    const weights = new Map([...this.#network.network.weights, ...this.#moving, ...this.#variables.learned()]);
    return bind(this.#network.network.graph, weights);
  }

  /** A copy of everything that steps change. */
  state(): TrainerState {
    const state = this.#variables.state();
    const moving = [...this.#moving].map(([name, tensor]) => [name, copyTensor(tensor)] as const);
    return { ...state, weights: new Map([...state.weights, ...moving]) };
  }

  /** Goes on from a state of the same network and options. Throws `GraphError` where a variable is missing or of another shape. */
  restore(state: TrainerState): void {
    this.#variables.restore(state);
    for (const [name, { shape, data }] of this.#moving) data.set(ofShape(state.weights, name, shape).data);
  }

  async release(): Promise<void> {
    await this.#variables.close();
    await this.#session.release();
    await this.#forward.release();
  }
}

/** Rows of a batch, filled up with zeros to `images`. */
function takeRows({ shape, data }: Tensor, from: number, rows: number, images: number): Tensor {
  const width = sizeOf(shape.slice(1));
  const whole = [images, ...shape.slice(1)];
  if (rows === images) return { shape: whole, data: data.subarray(from * width, (from + rows) * width) };
  const filled = new Float32Array(images * width);
  filled.set(data.subarray(from * width, (from + rows) * width));
  return { shape: whole, data: filled };
}

/** The first part's own arrays, with what later parts bring added. */
function addGradients(
  sum: NamedGradients | undefined,
  names: ReadonlyMap<string, string>,
  outputs: NamedTensors,
): NamedGradients {
  const part = Object.fromEntries([...names].map(([weight, name]) => [weight, outputs[name]!.data]));
  if (!sum) return part;
  for (const [name, values] of Object.entries(sum)) addInto(values, part[name]!);
  return sum;
}

function addInto(sum: Float32Array, part: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += part[i]!;
}
