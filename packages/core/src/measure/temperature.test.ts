import { describe, expect, it } from "vitest";
import { readMeasuredFixture } from "../testing/measured-fixture.js";
import { fitTemperature, sharpen } from "./temperature.js";

const cases = readMeasuredFixture().cases.map(({ labels, probabilities, classes, temperature }) => ({
  labels,
  probabilities: Float32Array.from(probabilities.flat()),
  classes,
  temperature,
}));
const none = { prior: Number.POSITIVE_INFINITY };

describe("temperature", () => {
  it.each(cases)(
    "is where scipy finds the least loss: $temperature",
    ({ labels, probabilities, classes, temperature }) => {
      // The loss is flat around its minimum: 1e-6 there changes it by less than float64 shows.
      expect(fitTemperature(labels, probabilities, classes, none)).toBeCloseTo(temperature, 5);
    },
  );

  it("stays near 1 with few images, and is pulled less with many", () => {
    const { labels, probabilities, classes, temperature } = cases[2]!;
    const few = fitTemperature(labels.slice(0, 5), probabilities.slice(0, 5 * classes), classes);
    const all = fitTemperature(labels, probabilities, classes);
    expect(Math.abs(Math.log(all / temperature))).toBeLessThan(0.1);
    expect(Math.abs(Math.log(few))).toBeLessThan(Math.abs(Math.log(all)));
  });

  it("does not make a classifier certain that was right on all images", () => {
    const probabilities = Float32Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 0.9 : 0.1));
    const labels = new Array<number>(20).fill(0);
    expect(fitTemperature(labels, probabilities, 2, none)).toBeLessThan(0.11); // the limit of what is tried
    expect(fitTemperature(labels, probabilities, 2)).toBeGreaterThan(0.3);
  });

  it("is not decided by a few images that are wrong for certain", () => {
    const { labels, probabilities, classes } = cases[0]!;
    const usual = fitTemperature(labels, probabilities, classes, none);
    const wrong = Float32Array.of(...probabilities, 1, 0, 0, 0);
    expect(fitTemperature([...labels, 1], wrong, classes, none)).toBeCloseTo(usual, 5);
  });

  it("averages the tiles of an image after they were sharpened", () => {
    const { labels, probabilities, classes } = cases[0]!;
    const tiles = new Array<number>(labels.length / 2).fill(2);
    const ofImages = labels.filter((_, i) => i % 2 === 0);
    const loss = (t: number) => {
      const rows = sharpen(probabilities, classes, 1 / t);
      return ofImages.reduce((sum, label, i) => {
        const at = (row: number) => rows[row * classes + label]!;
        return sum - Math.log((at(2 * i) + at(2 * i + 1)) / 2);
      }, 0);
    };
    const best = fitTemperature(ofImages, probabilities, classes, { tiles, ...none });
    expect(loss(best)).toBeLessThan(loss(best * 1.02));
    expect(loss(best)).toBeLessThan(loss(best / 1.02));
  });

  it("sharpens as softmax of scaled logits does", () => {
    const logits = [2, -1, 0.5, 30, 0, -30];
    const softmax = (factor: number) =>
      [logits.slice(0, 3), logits.slice(3)].flatMap((row) => {
        const e = row.map((logit) => Math.exp(factor * (logit - Math.max(...row))));
        return e.map((value) => value / e.reduce((a, b) => a + b, 0));
      });
    const sharpened = sharpen(Float32Array.from(softmax(1)), 3, 1.7);
    for (const [i, expected] of softmax(1.7).entries()) expect(Math.abs(sharpened[i]! - expected)).toBeLessThan(1e-6); // float32
  });

  it("refuses no images", () => {
    expect(() => fitTemperature([], new Float32Array(0), 3)).toThrow("temperature: no images");
  });
});
