import { describe, expect, it } from "vitest";
import { largestDifference } from "../explain/largest-difference.js";
import { efficientNet } from "../models/efficientnet.js";
import { modelNames } from "../models/variants.js";
import { planes, runModel } from "../testing/direct-runtime.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";
import { foldBatchNorm } from "./fold-batch-norm.js";
import { foldGrayscale } from "./fold-grayscale.js";

describe("foldGrayscale, of every network as a whole", () => {
  // float32 sums in another order: Keras' own float32 differs from float64 by up to 8.6e-6 of a layer's largest value.
  it.each(modelNames.flatMap((name) => [[name, 33, 46] as const, [name, 64, 65] as const]))(
    "equals three equal channels for %s at %i × %i",
    async (name, height, width) => {
      const original = goldenModel(efficientNet(name, { height, width, includeTop: false, pooling: "avg" }));
      const gray = goldenGray(1, height, width);
      const three = await runModel(original, { input_layer: planes(gray, [1, height, width], 3) });
      const folded = foldBatchNorm(foldGrayscale(original));
      const one = await runModel(folded, { input_layer: planes(gray, [1, height, width], 1) });
      const { difference, scale } = largestDifference(one["avg_pool"]!.data, three["avg_pool"]!.data);
      expect(difference / scale).toBeLessThan(2e-5);
    },
  );
});
