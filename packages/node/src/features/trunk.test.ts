import { decodeSummary, encode, fits, inference, largestDifference, lower, SeededRandom } from "@grayling/core";
import { afterAll, describe, expect, it } from "vitest";
import { type BackboneOptions, openBackbone } from "../backbone/open-backbone.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { buildTrunk } from "./trunk.js";

const runtime = new OrtRuntime();
afterAll(() => runtime.close());

const base = { height: 33, width: 46, pooling: "avg" } as const satisfies BackboneOptions;

const openLite = (options: Partial<BackboneOptions> = {}) =>
  openBackbone("efficientnet-lite0", { ...base, ...options });

describe("a trunk", () => {
  it("has a key that is the same for the same, and another for other weights, sizes, fits, interpolation and pooling", async () => {
    const [backbone, randomized] = await Promise.all([openLite(), openLite({ weights: "random", seed: 1 })]);
    const trunks = [
      ...fits.map((fit) => buildTrunk(backbone, fit)),
      buildTrunk(backbone, "stretch", "bilinear"),
      buildTrunk(backbone, "stretch", "nearest"),
      buildTrunk(randomized, "stretch"),
      buildTrunk(await openLite({ weights: "random", seed: 2 }), "stretch"),
      buildTrunk(await openLite({ height: 34 }), "stretch"),
      buildTrunk(await openLite({ height: 46, width: 33 }), "stretch"),
      buildTrunk(await openLite({ pooling: "max" }), "stretch"),
    ];
    expect(new Set(trunks.map(({ key }) => key)).size).toBe(trunks.length);
    expect(buildTrunk(await openLite(), "stretch").key).toBe(trunks[0]!.key);
    expect(buildTrunk(await openLite(), "stretch", "antialias").key).toBe(trunks[0]!.key); // the default, said
    expect(trunks[0]!.key).toMatch(/^[0-9a-f]{64}$/);
  });

  it("reads gray planes of its size and gives as many features as the network has channels", async () => {
    const { encoded, columns, preprocessing } = buildTrunk(await openLite(), "stretch");
    const { inputs, outputs } = decodeSummary(encoded, "trunk");
    expect(inputs).toEqual([{ name: "input_layer", shape: ["N", 1, 33, 46] }]);
    expect(outputs).toEqual([{ name: "avg_pool", shape: ["N", 1280] }]);
    expect([columns, preprocessing]).toEqual([1280, { height: 33, width: 46, fit: "stretch" }]);
  });

  it("gives what the 3-channel network gives for the gray image three times, at odd sizes too", async () => {
    const backbone = await openLite();
    const { encoded } = buildTrunk(backbone, "stretch");
    const random = new SeededRandom(3);
    const gray = Float32Array.from({ length: 2 * 33 * 46 }, () => random.integer(256));
    const [first, second] = [gray.subarray(0, 33 * 46), gray.subarray(33 * 46)];
    const three = Float32Array.from([first, first, first, second, second, second].flatMap((plane) => [...plane]));
    const run = async (model: Uint8Array, channels: number, data: Float32Array) => {
      const session = await runtime.open(model);
      return (await session.run({ input_layer: { shape: [2, channels, 33, 46], data } }))["avg_pool"]!.data;
    };
    const expected = await run(encode(lower(backbone.model, inference)), 3, three);
    const { difference, scale } = largestDifference(await run(encoded, 1, gray), expected);
    // Keras' own float32 is up to 8.6e-6 of the largest value off its float64; another order of sums gets three times that.
    expect(difference).toBeLessThan(2.6e-5 * scale);
    expect(scale).toBeGreaterThan(1);
  });
});
