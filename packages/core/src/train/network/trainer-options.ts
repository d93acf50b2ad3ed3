/** How a network in training is run and moved. */
import type { OptimizerName } from "../layers/optimizer-rules.js";
import type { GradientLimits } from "./gradient-norms.js";

/** How maps lie in memory: any runtime, or ONNX Runtime's own blocks of 16 or 8 channels. */
export type Kernels = { readonly name: "portable" } | { readonly name: "blocked"; readonly block: number };

/** Of a `NetworkTrainer`. */
export interface TrainerOptions {
  readonly kernels: Kernels;
  /** Images of one run of the graph; a batch of more is run in parts whose gradients add up. */
  readonly images: number;
  readonly optimizer: OptimizerName;
  /** Of sgd. */
  readonly momentum?: number | undefined;
  /** Each update first shrinks a variable by rate · this; of adamw and sgd. Biases and what normalizes are spared. */
  readonly weightDecay?: number | undefined;
  readonly limits: GradientLimits;
  /** What an exponential moving average of the weights keeps at each step; absent: none. */
  readonly average?: number | undefined;
  /** Part of the rate that each variable gets; default 1. */
  readonly rates?: Readonly<Record<string, number>> | undefined;
  /** Of dropout. */
  readonly seed: number;
}
