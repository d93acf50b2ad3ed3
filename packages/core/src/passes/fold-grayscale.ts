/**
 * Folds the way from a gray image to the stem into the stem's kernel: the model then reads one channel, and gives what
 * the 3-channel model gives for the gray image three times. Exact up to float32 rounding, at the border too.
 *
 * Preprocessing is affine. Seen from channel c of the stem, a gray level g is a_c·g + b_c, so the convolution is
 *
 *   Σ_c K_c ∗ (a_c·g + b_c)  =  (Σ_c K_c·a_c) ∗ g  +  (Σ_c K_c·b_c) ∗ 1
 *
 * The second term is constant inside the image, but not along its border: the stem pads with zeros *after* it normalizes,
 * and a padded pixel is neither a_c·g + b_c nor b_c. A plane of ones beside the gray plane carries it: zero padding
 * switches it off exactly where the image ends.
 *
 * Where b_c = r·a_c for all channels with one r (Lite: (g − 127)/128), a_c·(g + r) needs no second plane: the gray plane
 * is shifted by r first, and zero padding is right by itself.
 */
import type { Node } from "../graph/graph.js";
import { bind, type Model, weightOf } from "../graph/model.js";
import { rewrite } from "../graph/rewrite.js";
import type { Tensor } from "../graph/tensor.js";
import { type Affine, type AffineInput, affineInput } from "./affine-input.js";

/** The 1-channel model. Throws `GraphError` where the input does not reach one convolution through affine layers and padding. */
export function foldGrayscale(model: Model): Model {
  const path = affineInput(model, "foldGrayscale");
  return foldInput(model, path, [path.scale.map(() => 1)]);
}

/**
 * Folds the affine map that `path` gives into the stem's kernel. `planes[p][c]` is how much of plane p of the new input
 * stands for channel c of the old one: a gray plane for all of them.
 */
export function foldInput(model: Model, path: AffineInput, planes: readonly (readonly number[])[]): Model {
  const { input, maps, stem } = path;
  const [batch, , height, width] = input.attrs.shape;
  const kernelName = stem.inputs[1]!;
  const shift = commonShift(path);
  const kernel = foldKernel(weightOf(model, kernelName), planeFactors(path, planes));

  const graph = rewrite(model.graph, (net, node) => {
    if (node === input) net.add("Input", node.name, [], { shape: [batch!, planes.length, height!, width!] });
    else if (node.name === kernelName)
      net.add("Weight", node.name, [], { ...(node as Node<"Weight">).attrs, shape: kernel.shape });
    else if (!maps.includes(node)) return false;
    else if (node !== maps.at(-1))
      return true; // its part of the map is in the kernel
    else if (shift !== undefined) net.add("Rescaling", node.name, [input.name], { scale: [1], offset: [shift] });
    else {
      net.add("OnesPlane", `${node.name}/ones`, [input.name], {});
      net.add("Concat", node.name, [input.name, `${node.name}/ones`], { axis: 1 });
    }
    return true;
  });
  return bind(graph, new Map([...model.weights, [kernelName, kernel]]));
}

/** What each plane takes of each channel of the kernel; the plane of ones, where there must be one, comes last. */
export function planeFactors({ scale, offset }: Affine, planes: readonly (readonly number[])[]): number[][] {
  const factors = planes.map((plane) => plane.map((share, c) => share * scale[c]!));
  if (commonShift({ scale, offset }) !== undefined) return factors;
  return [...factors, offset.map((value, c) => value * planes.reduce((sum, plane) => sum + plane[c]!, 0))];
}

/** The r with offset = r · scale in every channel, if there is one; 1e-12: rounding of float64. */
function commonShift({ scale, offset }: Affine): number | undefined {
  const shift = offset[0]! / scale[0]!;
  const isCommon = offset.every((value, c) => Math.abs(value - shift * scale[c]!) <= 1e-12 * Math.abs(value));
  return isCommon ? shift : undefined;
}

/** [M, C, k, k] → [M, P, k, k], plane p being the sum over the channels, each times factors[p][c]. Sums in float64. */
export function foldKernel({ shape, data }: Tensor, factors: readonly (readonly number[])[]): Tensor {
  const [filters, channels, ...window] = shape as readonly [number, number, number, number];
  const taps = window[0] * window[1];
  const planes = factors.length;
  const folded = new Float32Array(filters * planes * taps);
  for (let m = 0; m < filters; m++) {
    for (const [p, factor] of factors.entries()) {
      for (let tap = 0; tap < taps; tap++) {
        let sum = 0;
        for (let c = 0; c < channels; c++) sum += data[(m * channels + c) * taps + tap]! * factor[c]!;
        folded[(m * planes + p) * taps + tap] = sum;
      }
    }
  }
  return { shape: [filters, planes, ...window], data: folded };
}
