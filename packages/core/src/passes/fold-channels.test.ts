import { describe, expect, it } from "vitest";
import { largestDifference } from "../explain/largest-difference.js";
import { check } from "../graph/check.js";
import { nodeOf } from "../graph/graph.js";
import { weightOf } from "../graph/model.js";
import { efficientNet } from "../models/efficientnet.js";
import type { ModelName } from "../models/variants.js";
import { planes, runModel } from "../testing/direct-runtime.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";
import { cutGraph } from "./cut.js";
import { foldChannels } from "./fold-channels.js";
import { foldGrayscale } from "./fold-grayscale.js";

const size = { height: 33, width: 46 };
const stem = (name: ModelName) => goldenModel(cutGraph(efficientNet(name, size), "stem_conv"));
const one = goldenGray(1, 33, 46);
const gray = (channels: number) => ({ input_layer: planes(one, [1, 33, 46], channels) });

describe("foldChannels", () => {
  it("is foldGrayscale for one channel", () => {
    const model = stem("efficientnet-b0");
    expect(foldChannels(model, 1)).toEqual(foldGrayscale(model));
  });

  it("leaves the model as it is for three", () => {
    const model = stem("efficientnet-b0");
    expect(foldChannels(model, 3)).toBe(model);
  });

  it.each(["efficientnet-b0", "efficientnet-v2-b0", "efficientnet-v2-s", "efficientnet-lite0"] as const)(
    "gives %s with six equal channels what three give, border included: each stands in twice at half its weight",
    async (name) => {
      const model = stem(name);
      const six = foldChannels(model, 6);
      check(six.graph);
      expect(nodeOf(six.graph, "input_layer").shape).toEqual(["N", 6, 33, 46]);
      const expected = (await runModel(model, gray(3)))["stem_conv"]!.data;
      const { difference, scale } = largestDifference((await runModel(six, gray(6)))["stem_conv"]!.data, expected);
      expect(difference / scale).toBeLessThan(2e-6); // the order of float32 sums
    },
  );

  it.each([2, 4, 5])("repeats the kernel over RGB and rescales it for %i channels, as timm does", (channels) => {
    const model = stem("efficientnet-lite0"); // prepares all channels alike, so that its kernel is only scaled by 1 / 128
    const [three, folded] = [model, foldChannels(model, channels)].map((model) => weightOf(model, "stem_conv/kernel"));
    expect(folded!.shape).toEqual([32, channels, 3, 3]);
    for (let m = 0; m < 32; m++) {
      for (let plane = 0; plane < channels; plane++) {
        const tap = (data: Float32Array, count: number, channel: number) => data[(m * count + channel) * 9 + 4]!;
        const expected = (tap(three!.data, 3, plane % 3) * 3) / channels / 128;
        expect(tap(folded!.data, channels, plane)).toBeCloseTo(expected, 8);
      }
    }
  });

  it("refuses no channels, and half ones", () => {
    expect(() => foldChannels(stem("efficientnet-b0"), 0)).toThrow(
      "foldChannels: 0 channels, expected a whole number of at least 1",
    );
    expect(() => foldChannels(stem("efficientnet-b0"), 1.5)).toThrow("1.5 channels");
  });
});
