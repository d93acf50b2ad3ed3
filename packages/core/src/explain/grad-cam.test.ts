import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { check } from "../graph/check.js";
import type { Model } from "../graph/model.js";
import type { Tensor } from "../graph/tensor.js";
import { efficientNet } from "../models/efficientnet.js";
import { foldBatchNorm } from "../passes/fold-batch-norm.js";
import { foldGrayscale } from "../passes/fold-grayscale.js";
import { planes, runModel } from "../testing/direct-runtime.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { type GradCamVariant, gradCam } from "./grad-cam.js";
import { largestDifference } from "./largest-difference.js";

interface GoldenMap {
  readonly beforeRelu: readonly (readonly number[])[];
  readonly map: readonly (readonly number[])[];
  readonly smallestDenominator?: number;
}

interface Golden {
  readonly classIndex: number;
  readonly layers: Readonly<
    Record<
      string,
      { readonly shape: readonly number[]; readonly gradCam: GoldenMap; readonly gradCamPlusPlus: GoldenMap }
    >
  >;
}

/** What Keras computed in float64 of B0 with made weights, for a gray image of 128 px. */
const golden: Golden = JSON.parse(
  readFileSync(repositoryFolder("fixtures", "keras", "gradcam-EfficientNetB0.json"), "utf8"),
);
const layers = Object.keys(golden.layers);

/**
 * Relative to the largest value of a map. Keras' own float32 is up to 8.6e-6 off its float64, and an engine that sums in
 * another order gets three times that; a gradient passes the network twice. Where Grad-CAM++ divides by next to nothing
 * (`smallestDenominator` 0.065 of `block5c_add`), errors grow 30-fold.
 */
const rounding = 5.2e-5;
const toleranceOf = ({ smallestDenominator = 2 }: GoldenMap) => (smallestDenominator < 0.1 ? 30 * rounding : rounding);

const side = 128;
const levels = goldenGray(1, side, side);
const forms: Readonly<Record<string, { readonly channels: number; readonly of: (model: Model) => Model }>> = {
  "as Keras builds it": { channels: 3, of: (model) => model },
  "folded to one channel": { channels: 1, of: (model) => foldGrayscale(model) },
};

let network: Model;
beforeAll(() => {
  network = goldenModel(efficientNet("efficientnet-b0", { height: side, width: side }));
});

async function camOf(model: Model, classes: readonly number[], channels = 1): Promise<Tensor> {
  const images = planes(levels, [1, side, side], channels);
  const count = classes.length;
  const data = new Float32Array(count * images.data.length);
  for (let n = 0; n < count; n++) data.set(images.data, n * images.data.length);
  const feeds = {
    input_layer: { shape: images.shape.with(0, count), data },
    cam_class: { shape: [count], data: Float32Array.from(classes) },
  };
  const { cam } = await runModel(model, feeds);
  return cam!;
}

describe("Grad-CAM against Keras in float64", () => {
  const cases = Object.keys(forms).flatMap((form) =>
    layers.flatMap((layer) => (["grad-cam", "grad-cam++"] as const).map((variant) => ({ form, layer, variant }))),
  );

  it.each(cases)("$variant at $layer, $form", async ({ form, layer, variant }) => {
    const { channels, of } = forms[form]!;
    const recorded = golden.layers[layer]![variant === "grad-cam" ? "gradCam" : "gradCamPlusPlus"];
    const model = of(network);
    for (const isSigned of [true, false]) {
      const pass = gradCam(model, { layer, variant, isSigned });
      check(pass.graph);
      const cam = await camOf(pass, [golden.classIndex], channels);
      expect(cam.shape).toEqual([1, ...golden.layers[layer]!.shape.slice(1, 3)]);
      const expected = (isSigned ? recorded.beforeRelu : recorded.map).flat();
      const { difference } = largestDifference(cam.data, expected);
      const scale = Math.max(...recorded.beforeRelu.flat().map(Math.abs));
      expect(difference / scale).toBeLessThan(toleranceOf(recorded));
    }
  });

  it.each(["grad-cam", "grad-cam++"] satisfies GradCamVariant[])(
    "%s is the same with BatchNorm folded before, as runs have it",
    async (variant) => {
      const recorded = golden.layers["top_activation"]![variant === "grad-cam" ? "gradCam" : "gradCamPlusPlus"];
      const pass = gradCam(foldBatchNorm(foldGrayscale(network)), { variant });
      const { difference, scale } = largestDifference(
        (await camOf(pass, [golden.classIndex])).data,
        recorded.map.flat(),
      );
      expect(difference / scale).toBeLessThan(rounding);
    },
  );
});

describe("gradCam", () => {
  it("explains the class of the largest logit where none is given, and each image's own", async () => {
    const pass = gradCam(foldBatchNorm(foldGrayscale(network)));
    const { data } = await camOf(pass, [-1, golden.classIndex, 3]);
    const maps = [0, 1, 2].map((n) => data.subarray(n * 16, (n + 1) * 16));
    expect(maps[0]).toEqual(maps[1]);
    expect(maps[2]).not.toEqual(maps[1]);
  });

  it("keeps the classifier as it was: every node, and its probabilities first among the outputs", () => {
    const model = foldBatchNorm(foldGrayscale(network));
    const pass = gradCam(model);
    for (const node of model.graph.nodes.values()) expect(pass.graph.nodes.get(node.name)).toEqual(node);
    expect(pass.graph.outputs).toEqual(["predictions", "cam"]);
    expect([...pass.weights.keys()]).toEqual([...model.weights.keys()]);
  });

  it("differentiates nothing below the layer", () => {
    const model = foldBatchNorm(foldGrayscale(network));
    const gradients = (layer: string) =>
      [...gradCam(model, { layer }).graph.nodes.values()].filter(({ op }) => op === "ConvInputGrad").length;
    expect(gradients("top_activation")).toBe(0);
    expect(gradients("block7a_project_bn")).toBe(1); // top_conv's
  });

  it("names the nearest layers, and what a layer without a map gives", () => {
    const at = (layer: string) => () => gradCam(network, { layer });
    expect(at("top_activatoin")).toThrow('did you mean "top_activation"?');
    expect(at("conv5")).toThrow(
      /layer "conv5": the model has no layer of this name, expected one that gives a map, such as \w+/,
    );
    expect(at("avg_pool")).toThrow('layer "avg_pool": gives [N, 1280], expected a map [N, C, H, W]');
    expect(at("predictions")).toThrow('layer "predictions": gives [N, 1000]');
    expect(at("input_layer")).toThrow('layer "input_layer": is no map that the score depends on');
  });

  it("refuses a graph that ends in no softmax", () => {
    const headless = efficientNet("efficientnet-b0", { height: 32, width: 32, includeTop: false, pooling: "avg" });
    expect(() => gradCam(goldenModel(headless))).toThrow("expected a head that ends in Softmax");
  });
});
