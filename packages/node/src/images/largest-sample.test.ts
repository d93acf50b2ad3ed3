import { SeededRandom } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { createLargestSample } from "./largest-sample.js";

describe("the largest sample", () => {
  it.each([
    ["8", (length: number) => new Uint8Array(length), 250],
    ["16", (length: number) => new Uint16Array(length), 60_000],
  ] as const)("of %s bits is found wherever it is, in pictures of any size", (_bits, make, below) => {
    const largest = createLargestSample();
    const random = new SeededRandom(0, "samples");
    for (const length of [1, 7, 16, 17, 1000, 65_519, 65_520, 65_521, 200_003]) {
      const samples = make(length);
      for (let i = 0; i < length; i++) samples[i] = random.integer(below);
      expect(largest(samples)).toBe([...samples].reduce((a, b) => Math.max(a, b)));
      const at = random.integer(length);
      samples[at] = below + 3;
      expect(largest(samples)).toBe(below + 3);
      expect(largest(samples.subarray(at))).toBe(below + 3);
      expect(largest(samples.subarray(0, at))).toBeLessThan(below);
    }
    expect(largest(make(100))).toBe(0); // nothing is left of the picture before
  });
});
