/** The numbers that the page draws: one gray image on its way through a network's first layers, whole and folded. */
import {
  type Affine,
  affineInput,
  averageGrayscale,
  cut,
  type Difference,
  foldGrayscale,
  largestDifference,
  type Runtime,
  type Tensor,
  weightOf,
} from "@grayling/core";
import type { Backbone } from "../../backbone/open-backbone.js";
import { threeTimes } from "../../images/read-plane.js";
import { type Plane, planesOf, subtract } from "../../page/plane.js";
import { runModel } from "../../runtime/run-model.js";
import { chooseFilters } from "./choose-filters.js";
import { type GrayPath, grayPath } from "./gray-path.js";
import { biasError, type Placement, sumChannels } from "./stem-windows.js";

export interface PreparedLayer {
  readonly name: string;
  readonly className: string;
  readonly does: GrayPath["layers"][number]["does"];
  /** What it makes of the one gray plane: one, or three. */
  readonly planes: readonly Plane[];
}

/** One filter's map of the image. */
export interface Activation {
  readonly filter: number;
  /** Of the network for three channels, on the plane three times. */
  readonly three: Plane;
  /** Of the folded one, on the plane itself. */
  readonly folded: Plane;
  /** folded − three */
  readonly difference: Plane;
}

export interface StemPicture extends Affine {
  readonly gray: Plane;
  /** Every layer before the stem, on the gray plane alone. */
  readonly layers: readonly PreparedLayer[];
  /** The stem's name, and what it says when these planes reach it; undefined: it takes them. */
  readonly stem: string;
  readonly refusal: string | undefined;
  /** [M, 3, 3, 3] */
  readonly kernel: Tensor;
  /** [M, 1 or 2, 3, 3]: for the gray plane, and for the plane of ones where one is needed. */
  readonly folded: Tensor;
  /** Σ_c K_c · b_c, [M, 1, 3, 3]: what the offsets make. */
  readonly shift: Tensor;
  readonly placement: Placement;
  readonly activations: readonly Activation[];
  /** Of the stem's output, all filters, to that of the network for three channels. */
  readonly errors: { readonly folded: Difference; readonly averaged: Difference; readonly bias: number };
}

/** `plane` is the gray image, [1, 1, H, W], 0–255. Throws `GraphError` where `foldGrayscale` or `grayPath` does. */
export async function collectPicture(runtime: Runtime, { model }: Backbone, plane: Tensor): Promise<StemPicture> {
  const path = grayPath(model);
  const { name: stem, inputs } = path.stem;
  const foldedModel = foldGrayscale(model);
  const prepared = await runModel(runtime, path.model, plane);
  const three = (await runModel(runtime, cut(model, stem), threeTimes(plane)))[stem]!;
  const folded = (await runModel(runtime, cut(foldedModel, stem), plane))[stem]!;
  const averaged = (await runModel(runtime, cut(averageGrayscale(model), stem), plane))[stem]!;
  const kernel = weightOf(model, inputs[1]!);
  const { scale, offset } = affineInput(model, "explain");
  const shift = sumChannels(kernel, offset);
  const placement = placementOf(path, plane, kernel);
  return {
    scale,
    offset,
    gray: planesOf(plane)[0]!,
    layers: path.layers.map((layer) => ({ ...layer, planes: planesOf(prepared[layer.name]!) })),
    stem,
    refusal: path.refusal,
    kernel,
    folded: weightOf(foldedModel, inputs[1]!),
    shift,
    placement,
    activations: activationsOf(three, folded),
    errors: {
      folded: largestDifference(folded.data, three.data),
      averaged: largestDifference(averaged.data, three.data),
      bias: biasError(shift, placement, [three.shape[2]!, three.shape[3]!]),
    },
  };
}

function activationsOf(three: Tensor, folded: Tensor): Activation[] {
  const [expected, actual] = [planesOf(three), planesOf(folded)];
  return chooseFilters(expected).map((filter) => ({
    filter,
    three: expected[filter]!,
    folded: actual[filter]!,
    difference: subtract(actual[filter]!, expected[filter]!),
  }));
}

/** B0–B7 and Lite pad by a layer, V2 in the convolution. */
function placementOf({ layers, stem }: GrayPath, plane: Tensor, kernel: Tensor): Placement {
  const [, , height, width] = plane.shape as readonly [number, number, number, number];
  const padding = layers.find(({ does }) => does.kind === "padding")?.does;
  const pads = padding?.kind === "padding" ? padding.pads : stem.attrs.pads;
  return { height, width, pads, strides: stem.attrs.strides, side: kernel.shape[3]! };
}
