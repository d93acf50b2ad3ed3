import { describe, expect, it } from "vitest";
import { largestDifference } from "../explain/largest-difference.js";
import { check } from "../graph/check.js";
import { nodeOf } from "../graph/graph.js";
import type { Model } from "../graph/model.js";
import type { Pads } from "../graph/ops.js";
import { efficientNet } from "../models/efficientnet.js";
import type { ModelName } from "../models/variants.js";
import { directConv, directPad, perChannel } from "../testing/direct-maps.js";
import { planes, runModel } from "../testing/direct-runtime.js";
import type { Block } from "../testing/evaluate-float64.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";
import { affineInput } from "./affine-input.js";
import { averageGrayscale } from "./average-grayscale.js";
import { cut, cutGraph } from "./cut.js";
import { foldGrayscale } from "./fold-grayscale.js";

const [height, width] = [33, 46];

/** Only what leads to the stem: averaging changes nothing above it. */
const stemOf = (name: ModelName): Model => goldenModel(cutGraph(efficientNet(name, { height, width }), "stem_conv"));

const gray = goldenGray(1, height, width);
const plane: Block = { shape: [1, 1, height, width], data: [...gray] };

async function stemOutput(model: Model): Promise<Float32Array> {
  const outputs = await runModel(model, { input_layer: planes(gray, [1, height, width], 1) });
  return outputs["stem_conv"]!.data;
}

/** float32 sums of up to 54 products, against float64. */
const tolerance = 2e-6;

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, scale: number): void {
  expect(largestDifference(actual, expected).difference / scale).toBeLessThan(tolerance);
}

describe("averageGrayscale", () => {
  const b0 = stemOf("efficientnet-b0");
  const kernel = b0.weights.get("stem_conv/kernel")!;
  const stem = affineInput(b0, "test").stem.attrs;
  const { pads } = nodeOf(b0.graph, "stem_conv_pad").attrs as { pads: Pads };

  it("computes what timm computes for B0: kernels summed, mean and std averaged", async () => {
    const mean = (255 * (0.485 + 0.456 + 0.406)) / 3;
    const std = (255 * (0.229 + 0.224 + 0.225)) / 3;
    const summed = Array.from({ length: 32 * 9 }, (_, i) => {
      const [m, tap] = [Math.floor(i / 9), i % 9];
      return [0, 1, 2].reduce((sum, c) => sum + kernel.data[(m * 3 + c) * 9 + tap]!, 0);
    });
    const normalized = directPad(
      perChannel(plane, (level) => (level - mean) / std),
      pads,
    );
    const expected = directConv(normalized, { shape: [32, 1, 3, 3], data: summed }, undefined, stem).data;
    const { scale } = largestDifference(expected, expected);
    expectClose(await stemOutput(averageGrayscale(b0)), expected, scale);
  });

  it("differs from the exact fold by what the averaged offsets are wrong by", async () => {
    const exact = affineInput(b0, "test");
    const averaged = affineInput(averageGrayscale(b0), "test");
    // The averaged kernel holds the scale; 1/std of the averages, levels 0–255.
    const scale = 3 / (255 * (0.229 + 0.224 + 0.225));
    const wrong = (level: number) =>
      exact.scale.map((a, c) => (level + averaged.offset[0]!) * scale - (a * level + exact.offset[c]!));
    // "Offsets wrong by up to 0.20", at white; Keras' input has a deviation of 1.
    expect(Math.max(...wrong(255).map(Math.abs))).toBeCloseTo(0.202, 3);
    expect(Math.max(...wrong(0).map(Math.abs))).toBeCloseTo(0.182, 3);

    const errors = {
      shape: [1, 3, height, width],
      data: [0, 1, 2].flatMap((c) => plane.data.map((g) => wrong(g)[c]!)),
    };
    const expected = directConv(
      directPad(errors, pads),
      { shape: kernel.shape, data: [...kernel.data] },
      undefined,
      stem,
    );
    const [approximate, folded] = [await stemOutput(averageGrayscale(b0)), await stemOutput(foldGrayscale(b0))];
    const { scale: largest } = largestDifference(folded, folded);
    expect(largestDifference(approximate, folded).difference / largest).toBeGreaterThan(0.02);
    expectClose(
      approximate.map((value, i) => value - folded[i]!),
      expected.data,
      largest,
    );
  });

  it("is exact for Lite, whose channels are prepared alike", () => {
    const lite = stemOf("efficientnet-lite0");
    expect(averageGrayscale(lite)).toEqual(foldGrayscale(lite));
  });

  it("leaves a graph that holds together and reads one channel", () => {
    const { graph } = averageGrayscale(b0);
    expect(() => check(graph)).not.toThrow();
    expect(nodeOf(graph, "input_layer").shape).toEqual(["N", 1, height, width]);
  });

  it("refuses a model whose input does not reach a stem, in its own name", () => {
    expect(() => averageGrayscale(cut(b0, "rescaling"))).toThrow(
      'averageGrayscale: "rescaling" must feed exactly one node',
    );
  });
});
