/** All variables of a training: what the optimizer has of them, what the graph reads of them, and the updates of both. */
import { GraphError } from "../../errors.js";
import { type Weights, weightOf } from "../../graph/model.js";
import { copyTensor, type Tensor } from "../../graph/tensor.js";
import type { NamedTensors } from "../../runtime/session.js";
import { type GradientNorms, gradientNorms, limitBy, squareSum } from "./gradient-norms.js";
import { type MovedVariable, momentsOf } from "./move-variables.js";
import type { PreparedNetwork } from "./prepare-network.js";
import type { TrainedVariable } from "./trained-variable.js";
import type { TrainerOptions } from "./trainer-options.js";
import type { Mover, TrainingHost } from "./training-host.js";

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

/** A variable as the graph and as the optimizer have it. */
interface Held {
  readonly name: string;
  readonly shape: readonly number[];
  readonly variable: TrainedVariable;
  readonly moved: MovedVariable;
}

/** Variables, in this thread or shared with others. Close it afterwards. */
export class VariableSet {
  readonly #options: TrainerOptions;
  readonly #held: readonly Held[];
  readonly #mover: Mover;
  #step = 0;
  #readsAverage = false;

  private constructor(options: TrainerOptions, held: readonly Held[], mover: Mover) {
    [this.#options, this.#held, this.#mover] = [options, held, mover];
  }

  static async open(
    variables: ReadonlyMap<string, TrainedVariable>,
    { network }: PreparedNetwork,
    options: TrainerOptions,
    host: TrainingHost,
  ): Promise<VariableSet> {
    const held = [...variables].map(([name, variable]): Held => {
      const { shape } = weightOf(network, name);
      const decays = shape.length > 1; // neither biases nor what normalizes
      const part = options.rates?.[name] ?? 1;
      return { name, shape, variable, moved: { ...withMoments(variable, options, host), part, decays } };
    });
    const moved = held.map((each) => each.moved);
    return new VariableSet(options, held, await host.open(moved, options));
  }

  /** Updates done. */
  get step(): number {
    return this.#step;
  }

  /** What the graph reads: the variables, or their moving average where it is asked for and there is one. */
  inputs(of: "values" | "average"): NamedTensors {
    const readsAverage = of === "average" && this.#options.average !== undefined;
    if (readsAverage !== this.#readsAverage) {
      for (const { variable, moved } of this.#held) variable.publish(readsAverage ? moved.average : undefined);
      this.#readsAverage = readsAverage;
    }
    const entries = this.#held.map(({ name, variable: { input } }) => [name, { shape: [input.length], data: input }]);
    return Object.fromEntries(entries);
  }

  /** One update by gradients of `inputs("values")`, which are the set's from now on. */
  async update(gradients: NamedGradients, rate: number): Promise<GradientNorms> {
    const { limits, average = 0 } = this.#options;
    const steps = this.#held.map(({ name, variable: { pullBack, values, input } }) => {
      const gradient = gradients[name]!;
      return pullBack ? { gradient: pullBack(gradient), published: values } : { gradient, published: input };
    });
    const before = limits.globalNorm === undefined ? undefined : this.norms(gradients);
    if (before && !Number.isFinite(before.global)) return before;
    const number = ++this.#step;
    // Early on the average follows closely: it must not hold on to where the weights began. As `tf.train.ExponentialMovingAverage` with `num_updates`.
    const kept = Math.min(average, (1 + number) / (10 + number));
    const limit = limitBy(limits, before?.global ?? 0);
    const { squares, published } = await this.#mover.move(steps, { number, rate, kept, limit });
    for (const [i, { variable }] of this.#held.entries()) {
      if (variable.pullBack) variable.publish();
      else variable.input = published[i]!;
    }
    return this.#norms(squares);
  }

  /** Of gradients by `inputs("values")`. */
  norms(gradients: NamedGradients): GradientNorms {
    const squares = this.#held.map(({ name, variable: { pullBack, factors } }) => {
      const gradient = gradients[name]!;
      return squareSum(pullBack?.(gradient) ?? gradient, factors);
    });
    return this.#norms(squares);
  }

  #norms(squares: readonly number[]): GradientNorms {
    const names = this.#held.map(({ name }) => name);
    return gradientNorms(names, squares);
  }

  /** Copies of what would be kept of the training: the moving average where there is one. */
  learned(): Weights {
    return new Map(
      this.#held.map(({ name, variable, moved }) => {
        const values = moved.average ?? variable.values;
        return [name, copyTensor(variable.unpack(values))];
      }),
    );
  }

  /** A copy of everything that updates change. */
  state(): TrainerState {
    const weights = new Map<string, Tensor>();
    const moments = new Map<string, Tensor>();
    const average = new Map<string, Tensor>();
    const kinds = this.#step === 0 ? [] : momentsOf(this.#options);
    for (const { name, variable, moved } of this.#held) {
      const unpack = (values: Float32Array) => copyTensor(variable.unpack(values));
      weights.set(name, unpack(variable.values));
      for (const [i, kind] of kinds.entries()) moments.set(`${kind}/${name}`, unpack(moved.moments[i]!));
      if (moved.average) average.set(name, unpack(moved.average));
    }
    return { step: this.#step, weights, moments, average };
  }

  /** Goes on from a state of the same variables and options. Throws `GraphError` where one is missing or of another shape. */
  restore({ step, weights, moments, average }: TrainerState): void {
    const kinds = momentsOf(this.#options);
    for (const { name, shape, variable, moved } of this.#held) {
      const packed = (from: Weights, key = name) => variable.pack(ofShape(from, key, shape));
      variable.values.set(packed(weights));
      variable.publish();
      for (const [i, kind] of kinds.entries()) {
        if (step === 0) moved.moments[i]!.fill(0);
        else moved.moments[i]!.set(packed(moments, `${kind}/${name}`));
      }
      moved.average?.set(packed(average));
    }
    [this.#step, this.#readsAverage] = [step, false];
  }

  close(): Promise<void> {
    return this.#mover.close();
  }
}

/** By variable, each as long as what the graph reads. */
export type NamedGradients = Readonly<Record<string, Float32Array>>;

/** The moments and the average that go with a variable, as they are before the first update. */
function withMoments({ values, factors }: TrainedVariable, options: TrainerOptions, host: TrainingHost) {
  const moments = momentsOf(options).map(() => host.allocate(values.length));
  if (options.average === undefined) return { values, factors, moments };
  const average = host.allocate(values.length);
  average.set(values);
  return { values, factors, moments, average };
}

/** Throws `GraphError` where there is no such tensor. */
export function ofShape(tensors: Weights, name: string, shape: readonly number[]): Tensor {
  const tensor = tensors.get(name);
  if (tensor && String(tensor.shape) === String(shape)) return tensor;
  throw new GraphError(`${name}: expected [${shape}], got ${tensor ? `[${tensor.shape}]` : "nothing"}`);
}
