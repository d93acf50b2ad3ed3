import { grayTrace, InputError, largestDifference, type ModelName, misfitVariables, modelNames } from "@grayling/core";
import { afterAll, describe, expect, it } from "vitest";
import { buildGraph } from "../backbone/build-graph.js";
import { noisePlane } from "../images/read-plane.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { advice, displayName, kerasInWords, shortAnswer } from "./answer.js";
import { explain } from "./explain.js";
import { explainAll } from "./explain-all.js";
import { relative, roundingLimit } from "./fold-proof.js";
import { openExplained } from "./open-explained.js";

const runtime = new OrtRuntime();
afterAll(() => runtime.close());

const size = { height: 64, width: 75 };

async function explained(name: ModelName, options: { channels?: number; declaredChannels?: number } = {}) {
  const backbone = await openExplained(name, { ...size, weights: "random" });
  return explain(runtime, backbone, noisePlane(size, 0), { image: "noise", ...options });
}

describe("explaining a network", () => {
  it("follows a pixel through B0's preprocessing in float32", async () => {
    const { pixel } = await explained("efficientnet-b0");
    const { gray, input, steps, row, column } = pixel!;
    expect([row, column, input]).toEqual([32, 37, [gray]]);
    const [mean, deviation] = [
      [0.485, 0.456, 0.406],
      [0.229, 0.224, 0.225],
    ];
    const scaled = gray / 255;
    const normalized = mean.map((value, c) => (scaled - value) / Math.sqrt(deviation[c]!));
    const expected = [[scaled], normalized, normalized.map((value, c) => value / Math.sqrt(deviation[c]!))];
    expect(steps.map(({ layer }) => layer)).toEqual(["rescaling", "normalization", "rescaling_1"]);
    for (const [i, { values }] of steps.entries()) {
      const { difference, scale } = largestDifference(values, expected[i]!);
      expect(difference).toBeLessThan(4 * 2 ** -24 * Math.max(1, scale)); // a few roundings of float32
    }
  });

  it("gives three equal channels the numbers that one gray channel gets", async () => {
    const [gray, three] = [await explained("efficientnet-b0"), await explained("efficientnet-b0", { channels: 3 })];
    expect(three.trace).toMatchObject({ channels: 3, endsAsDeclared: true });
    expect(three.trace.widensAt).toBeUndefined();
    expect(three.pixel!.steps.at(-1)!.values).toEqual(gray.pixel!.steps.at(-1)!.values);
  });

  it.each(["efficientnet-b0", "efficientnet-v2-b0", "efficientnet-v2-s", "efficientnet-lite0"] as const)(
    "proves the fold of %s, rounding only",
    async (name) => {
      const { proof } = await explained(name);
      expect(proof!.isEqual).toBe(true);
      expect(proof!.stem.scale).toBeGreaterThan(0.1);
      for (const one of [proof!.stem, proof!.features]) expect(relative(one)).toBeLessThan(roundingLimit);
    },
  );

  it("knows that Keras prepares V2 B0 otherwise when it is declared for one channel", async () => {
    const { trace, pixel, proof, misfits } = await explained("efficientnet-v2-b0", { declaredChannels: 1 });
    expect(trace).toMatchObject({ declaredChannels: 1, endsAsDeclared: true });
    expect(pixel!.steps).toMatchObject([{ layer: "rescaling", numbers: { scale: [1 / 128], offset: [-1] } }]);
    expect(proof).toBeUndefined();
    expect(misfits).toEqual([{ name: "stem_conv/kernel", declaredShape: [3, 3, 1, 32], weightsShape: [3, 3, 3, 32] }]);
  });

  it("refuses sizes that the network refuses", async () => {
    await expect(openExplained("efficientnet-b0", { height: 31, width: 64, weights: "random" })).rejects.toThrow(
      InputError,
    );
  });
});

describe("explaining all networks", () => {
  it("gives a line for each, with its proof", async () => {
    const networks = [];
    for await (const network of explainAll(runtime, ["efficientnet-b0", "efficientnet-lite0"], { ...size, seed: 0 })) {
      networks.push(network);
    }
    expect(networks).toMatchObject([
      { isInKeras: true, channelsAtStem: 3, trace: { widensAt: "normalization" }, weights: "random, seed 0" },
      { isInKeras: false, channelsAtStem: 1, trace: { failure: { name: "stem_conv" } }, weights: "ImageNet, bundled" },
    ]);
    for (const { proof } of networks) expect(proof.isEqual).toBe(true);
  });
});

describe("the answer in words", () => {
  const explainedAs = (model: ModelName, channels = 1) => ({
    model,
    trace: grayTrace(buildGraph(model, size), { channels }),
    convention: "keras" as const,
    misfits: misfitVariables(model, 1),
  });

  it("says in one sentence that it works and why, or where it stops", () => {
    expect(shortAnswer(explainedAs("efficientnet-b0"))).toContain("because normalization broadcasts");
    const stopped = shortAnswer(explainedAs("efficientnet-v2-s")).replaceAll("\u00a0", " ");
    expect(stopped).toContain("at stem_conv: its kernel (3, 3, 3, 24) needs 3 channels");
    expect(shortAnswer(explainedAs("efficientnet-b0", 2))).toContain("refuses 2-channel images at input_layer");
    expect(shortAnswer(explainedAs("efficientnet-b0", 3))).toContain("they are what it was built for");
  });

  it("never advises to go on as it is where nothing broadcasts", () => {
    const texts = (model: ModelName) =>
      advice(explainedAs(model))
        .map(({ text }) => text)
        .join("\n");
    expect(texts("efficientnet-b0")).toContain("go on as you are");
    for (const model of ["efficientnet-v2-s", "efficientnet-lite0"] as const) {
      expect(texts(model)).not.toContain("go on as you are");
    }
  });

  it("speaks of Keras' versions for Keras' own networks only", () => {
    expect(kerasInWords(explainedAs("efficientnet-b0"))).toContain("tf.math.multiply in Keras 2.21");
    expect(kerasInWords(explainedAs("efficientnet-v2-b0"))).not.toContain("tf.math");
    expect(kerasInWords(explainedAs("efficientnet-lite0"))).toContain("not in Keras");
    expect(kerasInWords({ ...explainedAs("efficientnet-b0"), convention: "timm" })).toBeUndefined();
  });
});

describe("displayName", () => {
  it("calls networks as Keras does", () => {
    const names = modelNames.map(displayName);
    expect(names.filter((name) => !/^EfficientNet(B[0-7]|V2B[0-3]|V2[SML]|-Lite[0-4])$/.test(name))).toEqual([]);
  });
});
