/**
 * How the host holds a weight that trains. The optimizer sees Keras' variable w, with its BatchNormalization frozen and not
 * folded; the graph reads s·w, folded and in the order of its layout. So a gradient by what the graph reads comes back times
 * s, and an update moves w: the same numbers as training the unfolded network.
 */
import type { Tensor } from "../../graph/tensor.js";

/** Flat values of one weight, as the optimizer and as the graph have them. */
export interface TrainedVariable {
  /** What the optimizer moves, in an order of its own. */
  readonly values: Float32Array;
  /** Where the graph reads values · factors as they are (no `pullBack`), a gradient comes back times these; else 1. */
  readonly factors: Float32Array;
  /** What the graph reads; `publish` writes it, and so does what moves `values`, which may put another array here. */
  input: Float32Array;
  /** Brings `values`, or others in their order, into `input`. */
  publish(from?: Float32Array): void;
  /** Where `input` is not `values` · `factors`: the gradient by `values` from one by `input`. `publish` after each update. */
  readonly pullBack?: (gradient: Float32Array) => Float32Array;
  /** `values` in the order and shape of the model's weight; of a gradient or a moment alike. */
  unpack(values: Float32Array): Tensor;
  /** The inverse of `unpack`. */
  pack(tensor: Tensor): Float32Array;
}

/** Between the model's order and the layout's, and room for arrays in it. */
export interface Order {
  /** Zeros. */
  allocate(length: number): Float32Array;
  pack(tensor: Tensor): Float32Array;
  unpack(packed: Float32Array): Tensor;
}

/** A weight that the graph reads as it is: dense layers, biases, and everything that no normalization follows. */
export function plainVariable(weight: Tensor, order: Order): TrainedVariable {
  const values = allocated(order, order.pack(weight));
  const variable: TrainedVariable = {
    values,
    factors: order.allocate(values.length).fill(1),
    input: new Float32Array(values),
    publish: (from = values) => variable.input.set(from),
    ...order,
  };
  return variable;
}

/** A kernel [M, …] whose filter m the graph reads times scale[m]. */
export function scaledVariable(weight: Tensor, scale: readonly number[], order: Order): TrainedVariable {
  const perFilter = weight.data.length / scale.length;
  const spread = Float32Array.from(weight.data, (_, i) => scale[Math.floor(i / perFilter)]!);
  const factors = allocated(order, order.pack({ shape: weight.shape, data: spread }));
  const values = allocated(order, order.pack(weight));
  const variable: TrainedVariable = {
    values,
    factors,
    input: new Float32Array(values.length),
    publish: (from = values) => multiplyInto(variable.input, from, factors),
    ...order,
  };
  variable.publish();
  return variable;
}

/**
 * The kernel of a stem that reads gray: its variable is [M, C, k, k], and the graph reads
 * [M, P, k, k] = scale[m] · Σ_c factors[p][c] · K_c. The gradient comes back by the transpose.
 */
export function foldedStem(
  weight: Tensor,
  scale: readonly number[],
  factors: readonly (readonly number[])[],
  order: Order,
): TrainedVariable {
  const [filters, channels, ...window] = weight.shape as readonly [number, number, number, number];
  const taps = window[0] * window[1];
  const values = allocated(order, weight.data);
  const shape = [filters, factors.length, ...window];
  const input = new Float32Array(order.pack({ shape, data: new Float32Array(filters * factors.length * taps) }).length);
  /** Visits each folded tap with each variable's tap that it is made of. */
  const forEachTerm = (visit: (folded: number, own: number, factor: number) => void) => {
    for (let m = 0; m < filters; m++) {
      for (const [p, factor] of factors.entries()) {
        for (let c = 0; c < channels; c++) {
          for (let t = 0; t < taps; t++) {
            visit((m * factors.length + p) * taps + t, (m * channels + c) * taps + t, scale[m]! * factor[c]!);
          }
        }
      }
    }
  };
  const own = { pack: ({ data }: Tensor) => data, unpack: (data: Float32Array) => ({ shape: weight.shape, data }) };
  const variable: TrainedVariable = {
    values,
    factors: order.allocate(values.length).fill(1),
    input,
    publish(from = values) {
      const folded = new Float64Array(filters * factors.length * taps);
      forEachTerm((to, own, factor) => {
        folded[to]! += factor * from[own]!;
      });
      variable.input.set(order.pack({ shape, data: Float32Array.from(folded) }));
    },
    pullBack(gradient) {
      const folded = order.unpack(gradient).data;
      const pulled = new Float64Array(values.length);
      forEachTerm((from, to, factor) => {
        pulled[to]! += factor * folded[from]!;
      });
      return Float32Array.from(pulled);
    },
    ...own,
  };
  variable.publish();
  return variable;
}

function allocated(order: Order, data: Float32Array): Float32Array {
  const values = order.allocate(data.length);
  values.set(data);
  return values;
}

function multiplyInto(into: Float32Array, a: Float32Array, b: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i] = a[i]! * b[i]!;
}
