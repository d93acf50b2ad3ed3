/** A network in training on ONNX Runtime: its weights, its optimizer's state, and the step that moves them. */
import { GraphError } from "../../errors.js";
import { bind, type Model, type Weights, weightOf } from "../../graph/model.js";
import { copyTensor, sizeOf, type Tensor } from "../../graph/tensor.js";
import type { MovingStatistic } from "../../passes/batch-statistics.js";
import { type DropoutMask, drawMask } from "../../passes/dropout-masks.js";
import type { NamedTensors, Runtime, Session } from "../../runtime/session.js";
import { SeededRandom } from "../../seeded-random.js";
import { initialOptimizerState, type NamedValues, type OptimizerState } from "../layers/optimizers.js";
import { clipGradients, type GradientNorms } from "./clip-gradients.js";
import { openTrainer, type TrainerParts } from "./open-trainer.js";
import type { PreparedNetwork } from "./prepare-network.js";
import { type RateGroup, rateGroups } from "./rate-groups.js";
import type { TrainedVariable } from "./trained-variable.js";
import type { TrainerOptions } from "./trainer-options.js";

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

/** All that a training needs to go on exactly, in the orders of the model. */
export interface TrainerState {
  /** Updates done. */
  readonly step: number;
  readonly weights: Weights;
  /** Moments of the optimizer, `kind/variable`. */
  readonly moments: Weights;
  /** Moving average of the weights; empty without one. */
  readonly average: Weights;
}

/** Weights, moments and graphs of one training. `learn` moves them; where loss or gradients are no number it leaves the variables as they are. */
export class NetworkTrainer {
  readonly #network: PreparedNetwork;
  readonly #options: TrainerOptions;
  readonly #session: Session;
  readonly #forward: Session;
  readonly #gradients: ReadonlyMap<string, string>;
  readonly #masks: readonly DropoutMask[];
  readonly #statistics: readonly MovingStatistic[];
  readonly #moving: Map<string, Tensor>;
  readonly #variables: ReadonlyMap<string, TrainedVariable>;
  readonly #groups: readonly RateGroup[];
  readonly #states: OptimizerState[];
  readonly #average: Record<string, Float32Array>;
  readonly #classes: number;
  #step = 0;
  #ofAverage = false;

  private constructor(network: PreparedNetwork, options: TrainerOptions, parts: TrainerParts) {
    this.#network = network;
    this.#options = options;
    ({ session: this.#session, forward: this.#forward, gradients: this.#gradients } = parts);
    ({ masks: this.#masks, statistics: this.#statistics, variables: this.#variables } = parts);
    this.#classes = network.split.above.graph.nodes.get(network.logits)!.shape[1] as number; // [N, classes]
    this.#moving = new Map(
      this.#statistics.map(({ weight }) => [weight, copyTensor(weightOf(network.network, weight))]),
    );
    this.#groups = rateGroups([...this.#variables.keys()], network, options);
    this.#states = this.#groups.map(() => initialOptimizerState);
    this.#average = {};
    if (options.average !== undefined) {
      for (const [name, { values }] of this.#variables) this.#average[name] = values.slice();
    }
  }

  /** Throws `GraphError` as `openTrainer`. Release it afterwards. */
  static async open(runtime: Runtime, network: PreparedNetwork, options: TrainerOptions): Promise<NetworkTrainer> {
    return new NetworkTrainer(network, options, await openTrainer(runtime, network, options));
  }

  /** One update by all images of a batch. Gradients of its parts add up to those of the whole. */
  async learn(batch: TrainingBatch, rate: number): Promise<StepResult> {
    this.#publishAverage(false);
    const { images, limits, seed } = this.#options;
    const logits = new Float32Array(batch.rows * this.#classes);
    const random = new SeededRandom(seed, `step ${this.#step}`);
    let loss = 0;
    let gradients: Record<string, Float32Array> | undefined;
    for (let from = 0; from < batch.rows; from += images) {
      const rows = Math.min(images, batch.rows - from);
      const targets = new Float32Array(images * this.#classes); // rows of zeros have no loss and no gradient
      targets.set(batch.targets.subarray(from * this.#classes, (from + rows) * this.#classes));
      const masks = this.#masks.map((mask) => [mask.name, drawMask(mask, images, random)] as const);
      const outputs = await this.#session.run({
        ...this.#inputs(),
        ...Object.fromEntries(masks),
        [this.#network.split.cut]: takeRows(batch.input, from, rows, images),
        targets: { shape: [images, this.#classes], data: targets },
        scale: { shape: [], data: Float32Array.of(1 / batch.rows) },
      });
      const own = outputs["loss"]!.data[0]!;
      loss += own;
      logits.set(outputs[this.#network.logits]!.data.subarray(0, rows * this.#classes), from * this.#classes);
      gradients = addGradients(gradients, this.#gradients, outputs);
      for (const { weight, batch: name, momentum } of Number.isFinite(own) ? this.#statistics : []) {
        moveAverage(this.#moving.get(weight)!.data, outputs[name]!.data, momentum);
      }
    }
    const own = Object.fromEntries(
      Object.entries(gradients ?? {}).map(([name, values]) => [name, this.#variables.get(name)!.pullBack(values)]),
    );
    const norms = clipGradients(own, limits);
    if (Number.isFinite(loss) && Number.isFinite(norms.global)) this.#update(own, rate);
    return { loss, logits, norms };
  }

  /** Logits of images as the weights stand, or their moving average where there is one; [rows, classes]. */
  async evaluate(input: Tensor): Promise<Float32Array> {
    this.#publishAverage(true);
    const { images } = this.#options;
    const rows = input.shape[0]!;
    const logits = new Float32Array(rows * this.#classes);
    for (let from = 0; from < rows; from += images) {
      const count = Math.min(images, rows - from);
      const feeds = { ...this.#inputs(), ...Object.fromEntries(this.#moving) };
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
    const weights = new Map([...this.#network.network.weights, ...this.#moving]);
    for (const [name, variable] of this.#variables) {
      weights.set(name, copyTensor(variable.unpack(this.#average[name] ?? variable.values)));
    }
    return bind(this.#network.network.graph, weights);
  }

  /** A copy of everything that steps change. */
  state(): TrainerState {
    const unpack = (name: string, values: Float32Array) => copyTensor(this.#variables.get(name)!.unpack(values));
    const weights = [...this.#variables].map(([name, { values }]) => [name, unpack(name, values)] as const);
    const moving = [...this.#moving].map(([name, tensor]) => [name, copyTensor(tensor)] as const);
    const moments = this.#states.flatMap((state) =>
      Object.entries(state.moments).flatMap(([kind, values]) =>
        Object.entries(values).map(([name, moment]) => [`${kind}/${name}`, unpack(name, moment)] as const),
      ),
    );
    const average = Object.entries(this.#average).map(([name, values]) => [name, unpack(name, values)] as const);
    return {
      step: this.#step,
      weights: new Map([...weights, ...moving]),
      moments: new Map(moments),
      average: new Map(average),
    };
  }

  /** Goes on from a state of the same network and options. Throws `GraphError` where a variable is missing or of another shape. */
  restore({ step, weights, moments, average }: TrainerState): void {
    const packed = (from: Weights, name: string, key = name) => {
      const { shape } = weightOf(this.#network.network, name);
      return this.#variables.get(name)!.pack(ofShape(from, key, shape));
    };
    for (const [name, variable] of this.#variables) {
      variable.values.set(packed(weights, name));
      variable.publish();
      if (this.#average[name]) this.#average[name]!.set(packed(average, name));
    }
    for (const [name, tensor] of this.#moving) tensor.data.set(ofShape(weights, name, tensor.shape).data);
    const kinds = [...new Set([...moments.keys()].map((key) => key.slice(0, key.indexOf("/"))))];
    for (const [i, { names }] of this.#groups.entries()) {
      const own = (kind: string) =>
        Object.fromEntries(names.map((name) => [name, packed(moments, name, `${kind}/${name}`).slice()]));
      this.#states[i] = { step, moments: step === 0 ? {} : Object.fromEntries(kinds.map((kind) => [kind, own(kind)])) };
    }
    this.#step = step;
    this.#ofAverage = false;
  }

  async release(): Promise<void> {
    await this.#session.release();
    await this.#forward.release();
  }

  #inputs(): NamedTensors {
    const entries = [...this.#variables].map(
      ([name, { input }]) => [name, { shape: [input.length], data: input }] as const,
    );
    return Object.fromEntries(entries);
  }

  #update(gradients: NamedValues, rate: number): void {
    for (const [i, { rate: factor, update, names }] of this.#groups.entries()) {
      const variables = Object.fromEntries(names.map((name) => [name, this.#variables.get(name)!.values]));
      this.#states[i] = update(variables, gradients, rate * factor, this.#states[i]!);
    }
    this.#step++;
    for (const [name, variable] of this.#variables) {
      variable.publish();
      // Early on the average follows closely: it must not hold on to where the weights began. As `tf.train.ExponentialMovingAverage` with `num_updates`.
      const kept = Math.min(this.#options.average ?? 0, (1 + this.#step) / (10 + this.#step));
      if (this.#average[name]) moveAverage(this.#average[name]!, variable.values, kept);
    }
  }

  /** Brings what the graph reads to the average, or back to the weights themselves. */
  #publishAverage(isWanted: boolean): void {
    if (this.#options.average === undefined || isWanted === this.#ofAverage) return;
    for (const [name, variable] of this.#variables) variable.publish(isWanted ? this.#average[name] : undefined);
    this.#ofAverage = isWanted;
  }
}

function ofShape(tensors: Weights, name: string, shape: readonly number[]): Tensor {
  const tensor = tensors.get(name);
  if (tensor && String(tensor.shape) === String(shape)) return tensor;
  throw new GraphError(`${name}: expected [${shape}], got ${tensor ? `[${tensor.shape}]` : "nothing"}`);
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
  sum: Record<string, Float32Array> | undefined,
  names: ReadonlyMap<string, string>,
  outputs: NamedTensors,
): Record<string, Float32Array> {
  const part = Object.fromEntries([...names].map(([weight, name]) => [weight, outputs[name]!.data]));
  if (!sum) return part;
  for (const [name, values] of Object.entries(sum)) addInto(values, part[name]!);
  return sum;
}

function addInto(sum: Float32Array, part: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += part[i]!;
}

function moveAverage(average: Float32Array, now: Float32Array, kept: number): void {
  for (let i = 0; i < average.length; i++) average[i] = kept * average[i]! + (1 - kept) * now[i]!;
}
