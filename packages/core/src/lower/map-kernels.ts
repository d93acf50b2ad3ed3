/**
 * What a memory layout of maps has to offer for training: every operation on maps in its fastest form for a fixed batch.
 * `portable.ts` and `blocked.ts` are the two; the rules of `training.ts` know neither.
 *
 * Three forms go in and out: planes [N, C, H, W] as files hold them, maps as the layout keeps them (one ONNX shape for each
 * C × H × W), and vectors [N, C]. Kernels of convolutions are flat, in the order that `packings` of the layout gives them.
 */
import type { Pads } from "../graph/ops.js";
import type { Tensor } from "../graph/tensor.js";

/** Channels and pixels of a map; the batch is the layout's own. */
export type MapExtents = readonly [channels: number, height: number, width: number];

/** A window over a map: from [height, width] to [rows, columns]. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: Pads;
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}

/** How a kernel is used, which decides how it lies in memory. */
export type KernelUse = "pointwise" | "depthwise" | "unfoldedPlanes" | "unfoldedMap";

/** Between a kernel [M, C / group, k, k] and the flat order of a layout; what is padded holds zeros. */
export interface Packing {
  pack(kernel: Tensor): Float32Array;
  /** The kernel of `shape` that `pack` made `packed` of. */
  unpack(packed: Float32Array, shape: readonly number[]): Tensor;
}

/** ONNX values by name, each made by nodes that the method adds. */
export interface MapKernels {
  readonly name: "portable" | "blocked";
  readonly batch: number;
  readonly packings: { readonly [U in KernelUse]: Packing };

  mapFromPlanes(x: string, extents: MapExtents): string;
  planesFromMap(x: string, extents: MapExtents): string;
  /** Of a map of one pixel. */
  mapFromVector(v: string, channels: number): string;
  vectorFromMap(x: string, channels: number): string;

  /** x ∗ w + bias + sum of a 1×1 convolution; `extents` are the output's, of `inputs` channels before. */
  pointwise(io: PointwiseIo, inputs: number, extents: MapExtents): string;
  /** From dy of `extents` to the gradient by the input, plus `sum`. */
  pointwiseInputGrad(io: Omit<PointwiseIo, "bias">, inputs: number, extents: MapExtents): string;
  /** Flat. */
  pointwiseWeightGrad(x: string, dy: string, inputs: number, extents: MapExtents): string;

  depthwise(io: { x: string; w: string; bias: string | undefined }, channels: number, window: Window): string;
  depthwiseInputGrad(dy: string, w: string, channels: number, window: Window): string;
  /** Flat. */
  depthwiseWeightGrad(x: string, dy: string, channels: number, window: Window): string;

  /** Every pixel with what the window sees of it as channels, tap by tap: a convolution becomes a pointwise one. */
  unfoldPlanes(x: string, channels: number, window: Window): Unfolded;
  unfoldMap(x: string, channels: number, window: Window): Unfolded;
  /** dy with zeros between, so that a stride of 1 passes over the pixels of a strided convolution, and zeros around. */
  spreadForInputGrad(dy: string, channels: number, window: Window): Spread;
  /** The flat kernel of an unfolded convolution as that of its input gradient: taps reversed, inputs and outputs exchanged. */
  reverseUnfolded(w: string, filters: number, inputs: number, kernel: readonly [number, number]): string;

  silu(x: string): string;
  /** [N, C]. */
  averagePool(x: string, extents: MapExtents): string;
  maxPool(x: string, extents: MapExtents): string;
  /** A vector [N, C] at every pixel. */
  spread(v: string, extents: MapExtents): string;
  /** x · scale + shift by vectors [N, C]. */
  imageAffine(x: string, scale: string, shift: string | undefined, extents: MapExtents): string;
  /** Σ over the pixels of a · b, [N, C]. */
  pixelDot(a: string, b: string, extents: MapExtents): string;
  /** Over images and pixels, [C]. */
  channelSum(x: string, extents: MapExtents): string;
  /** x · scale + shift by vectors [C]. */
  channelAffine(x: string, scale: string, shift: string, extents: MapExtents): string;
}

/** `sum` is a map of the output's shape, `bias` [M]. */
export interface PointwiseIo {
  readonly x: string;
  readonly w: string;
  readonly bias?: string | undefined;
  readonly sum?: string | undefined;
}

/** A map whose pixels hold what a window sees. */
export interface Unfolded {
  readonly x: string;
  /** Channels as a pointwise convolution counts them, padding included. */
  readonly channels: number;
}

/** dy with its zeros, and the window that passes over it. */
export interface Spread {
  readonly dy: string;
  readonly window: Window;
}
