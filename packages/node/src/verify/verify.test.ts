import { InputError } from "@grayling/core";
import { afterAll, describe, expect, it } from "vitest";
import { openBackbone } from "../backbone/open-backbone.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { verify } from "./verify.js";

const runtime = new OrtRuntime();
afterAll(() => runtime.close());

/** Keras' own float32 is up to 8.6e-6 of the largest value off its float64; another order of sums gets three times that. */
const rounding = 2.6e-5;
const picture = repositoryFolder("fixtures", "lite0", "camera.png");

const openB0 = (height: number, width: number) =>
  openBackbone("efficientnet-b0", { weights: "random", pooling: "avg", height, width });

describe("verifying the fold", () => {
  // An odd side is padded on both ends before the stem, an even one at one end only.
  it.each([
    [75, 101],
    [64, 64],
    [33, 46],
  ])("of B0 at %i × %i finds rounding only, where averaging mean and std is off at the stem", async (height, width) => {
    const backbone = await openB0(height, width);
    const { stem, features, image } = await verify(runtime, backbone, undefined);
    expect(image).toBe("seeded noise");
    for (const { folded } of [stem, features]) {
      expect(folded.scale).toBeGreaterThan(0);
      expect(folded.difference).toBeLessThan(rounding * folded.scale);
    }
    expect(stem.averaged.difference).toBeGreaterThan(0.05);
    expect(features.averaged.difference).toBeGreaterThan(100 * features.folded.difference);
  });

  it("of Lite0 finds rounding only, and averaging is right too: its channels are all prepared alike", async () => {
    const backbone = await openBackbone("efficientnet-lite0", { pooling: "avg", height: 75, width: 101 });
    const { stem, features, image } = await verify(runtime, backbone, picture);
    expect(image).toBe(picture);
    for (const { folded, averaged } of [stem, features]) {
      expect(folded.difference).toBeLessThan(rounding * folded.scale);
      expect(averaged.difference).toBeLessThan(rounding * averaged.scale);
    }
  });

  it("gives the same numbers again", async () => {
    const backbone = await openBackbone("efficientnet-lite0", { pooling: "avg", height: 32, width: 32 });
    expect(await verify(runtime, backbone, undefined)).toEqual(await verify(runtime, backbone, undefined));
  });

  it("refuses an image that is missing or cannot be read", async () => {
    const backbone = await openBackbone("efficientnet-lite0", { pooling: "avg", height: 32, width: 32 });
    for (const [path, reason] of [
      [repositoryFolder("fixtures", "missing.png"), "cannot be read (ENOENT)"],
      [repositoryFolder("fixtures", "mixed-bits", "disc", "truncated.png"), "truncated PNG"],
    ] as const) {
      const error = await verify(runtime, backbone, path).catch((cause) => cause);
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toBe(`image ${path}: ${reason}`);
    }
  });
});
