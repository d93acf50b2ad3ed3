/**
 * Spreads a trained 1-channel stem over the three channels again: the inverse of `foldGrayscale`, so that the weights go
 * back to networks that are fed with the gray image three times.
 *
 * The gray plane, and the plane of ones where there is one, give P equations Σ_c factor[p][c]·K_c = G_p for each tap of
 * each filter, three unknowns: of all solutions the one that is nearest to the kernel before,
 *
 *   K = K₀ + Fᵀ (F Fᵀ)⁻¹ (G − F K₀)
 *
 * A kernel that training did not touch stays as it was, bit for bit. Else exact up to float32 rounding; computed in float64.
 */
import { GraphError } from "../errors.js";
import { bind, type Model, weightOf } from "../graph/model.js";
import { isSameTensor, showShape, type Tensor } from "../graph/tensor.js";
import { affineInput } from "./affine-input.js";
import { foldKernel, planeFactors } from "./fold-grayscale.js";

/** The 3-channel model `before`, of which `trained` was folded, with what `trained` has learned. Throws `GraphError` as `foldGrayscale` does. */
export function unfoldGrayscale(trained: Model, before: Model): Model {
  const path = affineInput(before, "unfoldGrayscale");
  const kernelName = path.stem.inputs[1]!;
  const factors = planeFactors(path, [path.scale.map(() => 1)]);
  const original = weightOf(before, kernelName);
  const gray = weightOf(trained, kernelName);
  const folded = foldKernel(original, factors);
  if (showShape(gray.shape) !== showShape(folded.shape)) {
    throw new GraphError(
      `unfoldGrayscale: ${kernelName}: expected the folded kernel ${showShape(folded.shape)}, got ${showShape(gray.shape)}`,
    );
  }
  const kernel = isSameTensor(gray, folded) ? original : spread(original, gray, factors);
  const weights = [...before.weights].map(([name, tensor]) => [name, trained.weights.get(name) ?? tensor] as const);
  return bind(before.graph, new Map([...weights, [kernelName, kernel]]));
}

function spread(original: Tensor, gray: Tensor, factors: readonly (readonly number[])[]): Tensor {
  const [filters, channels, height, width] = original.shape as readonly [number, number, number, number];
  const taps = height * width;
  const planes = factors.length;
  const inverse = pseudoInverse(factors);
  const data = original.data.slice();
  for (let m = 0; m < filters; m++) {
    for (let tap = 0; tap < taps; tap++) {
      const at = (c: number) => (m * channels + c) * taps + tap;
      const missing = factors.map((factor, p) => {
        const now = factor.reduce((sum, value, c) => sum + value * original.data[at(c)]!, 0);
        return gray.data[(m * planes + p) * taps + tap]! - now;
      });
      for (let c = 0; c < channels; c++) {
        data[at(c)] = original.data[at(c)]! + missing.reduce((sum, value, p) => sum + inverse[c]![p]! * value, 0);
      }
    }
  }
  return { shape: original.shape, data };
}

/** Fᵀ (F Fᵀ)⁻¹ of one or two independent rows. */
function pseudoInverse(rows: readonly (readonly number[])[]): number[][] {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, c) => sum + value * b[c]!, 0);
  const [a, b] = rows as [readonly number[], (readonly number[])?];
  if (!b) return a.map((value) => [value / dot(a, a)]);
  const [aa, ab, bb] = [dot(a, a), dot(a, b), dot(b, b)];
  const determinant = aa * bb - ab * ab;
  return a.map((value, c) => [(value * bb - b[c]! * ab) / determinant, (b[c]! * aa - value * ab) / determinant]);
}
