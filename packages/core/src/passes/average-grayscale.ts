/**
 * How peers make a 1-channel model: the stem's kernels summed over the channels, means and deviations averaged. It is an
 * approximation, here only to show by how much it differs from `foldGrayscale`.
 *
 * With mean_c = −b_c/a_c and std_c = 1/a_c of the map a_c·g + b_c, every channel gets g ↦ (g − mean)/std of the averages.
 * Source: timm 1.0.31, `timm/models/_manipulate.py` (`adapt_input_conv`: one channel sums) and `timm/data/loader.py`
 * (`adapt_to_chs`: another number of channels gets the average).
 */
import type { Model } from "../graph/model.js";
import { affineInput } from "./affine-input.js";
import { foldInput } from "./fold-grayscale.js";

/** The approximate 1-channel model. Throws `GraphError` as `foldGrayscale` does. */
export function averageGrayscale(model: Model): Model {
  const path = affineInput(model, "averageGrayscale");
  const scale = 1 / mean(path.scale.map((a) => 1 / a));
  const offset = scale * mean(path.offset.map((b, c) => b / path.scale[c]!));
  const averaged = { ...path, scale: path.scale.map(() => scale), offset: path.offset.map(() => offset) };
  return foldInput(model, averaged, [path.scale.map(() => 1)]);
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
