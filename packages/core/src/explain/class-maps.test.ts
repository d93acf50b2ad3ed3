import { beforeAll, describe, expect, it } from "vitest";
import { check } from "../graph/check.js";
import type { Model } from "../graph/model.js";
import { efficientNet } from "../models/efficientnet.js";
import { cut } from "../passes/cut.js";
import { foldBatchNorm } from "../passes/fold-batch-norm.js";
import { foldGrayscale } from "../passes/fold-grayscale.js";
import { join } from "../passes/join.js";
import type { NamedTensors } from "../runtime/session.js";
import { planes, runModel } from "../testing/direct-runtime.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";
import { linearHead } from "../train/linear/linear-head.js";
import { classMaps } from "./class-maps.js";
import { gradCam } from "./grad-cam.js";
import { largestDifference } from "./largest-difference.js";

const [height, width, classes] = [96, 128, 5] as const;
const cells = 3 * 4;
const images = planes(goldenGray(2, height, width), [2, height, width], 1);

/** A network with a linear head of made weights, as a run has it. */
function classifier(pooling: "avg" | "max"): Model {
  const trunk = goldenModel(efficientNet("efficientnet-b0", { height, width, includeTop: false, pooling }));
  const kernel = Float32Array.from({ length: 1280 * classes }, (_, i) => Math.sin(i) / 20);
  return join(
    foldBatchNorm(foldGrayscale(trunk)),
    linearHead(kernel, Float32Array.of(1, -2, 3, 0, 0.5), 1280, classes),
  );
}

/** Relative to the largest: sums of 1,280 products in float32, in two orders. */
const rounding = 1e-5;

let model: Model;
let maps: NamedTensors;
beforeAll(async () => {
  model = classifier("avg");
  maps = await runModel(cut(classMaps(model), "cam", "predictions/logits"), { input_layer: images });
});

describe("classMaps", () => {
  it("gives the map of every class, on a graph that holds together", () => {
    check(classMaps(model).graph);
    expect(classMaps(model).graph.outputs).toEqual(["predictions", "cam"]);
    expect(maps["cam"]!.shape).toEqual([2, classes, 3, 4]);
  });

  it("gives cells that add up to the logit without its bias", () => {
    const { cam, "predictions/logits": logits } = maps;
    const sums = Array.from({ length: 2 * classes }, (_, row) =>
      cam!.data.subarray(row * cells, (row + 1) * cells).reduce((sum, value) => sum + value, 0),
    );
    const bias = model.weights.get("predictions/bias")!.data;
    const expected = Array.from(logits!.data, (logit, i) => logit - bias[i % classes]!);
    const { difference, scale } = largestDifference(sums, expected);
    expect(difference / scale).toBeLessThan(rounding);
  });

  it("equals Grad-CAM before its ReLU, for every class", async () => {
    const pass = gradCam(model, { isSigned: true });
    for (let index = 0; index < classes; index++) {
      const feeds = { input_layer: images, cam_class: { shape: [2], data: Float32Array.of(index, index) } };
      const { cam } = await runModel(pass, feeds);
      for (let n = 0; n < 2; n++) {
        const start = (n * classes + index) * cells;
        const closed = maps["cam"]!.data.subarray(start, start + cells);
        const { difference, scale } = largestDifference(cam!.data.subarray(n * cells, (n + 1) * cells), closed);
        expect(difference / scale).toBeLessThan(rounding);
      }
    }
  });

  it("refuses a head that is not linear on the mean of a map", () => {
    expect(() => classMaps(classifier("max"))).toThrow(
      "max_pool/pool (GlobalMaxPool) stands between the score and the map, expected one dense layer on average pooling: use grad-cam",
    );
  });
});
