import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../seeded-random.js";
import { repositoryFolder } from "../../testing/repository-folder.js";
import { beta, gamma, mixBatch, targetsOf } from "./mix-batch.js";

interface Smoothing {
  readonly logits: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly losses: readonly { readonly smoothing: number; readonly loss: number }[];
}

describe("targetsOf", () => {
  const path = repositoryFolder("fixtures", "training", "keras-rates.json");
  const { logits, labels, losses } = JSON.parse(readFileSync(path, "utf8")).smoothing as Smoothing;

  it.each(losses)("gives the loss of Keras' label smoothing of $smoothing", ({ smoothing, loss }) => {
    const targets = targetsOf(labels, [1, 1, 1, 1], smoothing);
    const total = logits.reduce((sum, row, n) => {
      const logSum = Math.log(row.reduce((a, b) => a + Math.exp(b), 0));
      return sum + row.reduce((part, logit, k) => part + targets[n * 4 + k]! * (logSum - logit), 0);
    }, 0);
    expect(total / labels.length).toBeCloseTo(loss, 6); // Keras' float32
  });

  it("gives each image the weight of its class", () => {
    const targets = targetsOf([1, 0], [3, 0.5], 0.2);
    const expected = [0.05, 0.45, 2.7, 0.3];
    for (const [i, value] of expected.entries()) expect(targets[i]).toBeCloseTo(value, 6);
  });
});

/** Image n is everywhere n + 1; its target is class n alone. `filling` rows of −1 follow. */
function numbered(rows: number, filling = 0) {
  const [channels, height, width] = [2, 6, 5];
  const size = channels * height * width;
  const data = Float32Array.from({ length: (rows + filling) * size }, (_, i) => {
    const n = Math.floor(i / size);
    return n < rows ? n + 1 : -1;
  });
  const targets = new Float32Array((rows + filling) * rows);
  for (let n = 0; n < rows; n++) targets[n * rows + n] = 1;
  return { images: { shape: [rows + filling, channels, height, width], data }, targets, size };
}

const targetsSum = (targets: Float32Array, row: number, rows: number) =>
  targets.subarray(row * rows, (row + 1) * rows).reduce((a, b) => a + b, 0);

describe("mixBatch", () => {
  it("blends images and targets by one share, with a partner each", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { images, targets, size } = numbered(4);
      mixBatch(images, targets, 4, { mixup: 0.4, cutmix: 0 }, new SeededRandom(seed));
      for (let n = 0; n < 4; n++) {
        const own = targets.subarray(n * 4, n * 4 + 4);
        const mean = own.reduce((sum, part, k) => sum + part * (k + 1), 0);
        const pixels = images.data.subarray(n * size, (n + 1) * size);
        for (const pixel of pixels) expect(pixel).toBeCloseTo(mean, 5);
        expect(targetsSum(targets, n, 4)).toBeCloseTo(1, 6);
      }
    }
  });

  it("pastes one patch a batch, and the targets tell which part of the pixels is whose", () => {
    let pasted = 0;
    for (let seed = 0; seed < 20; seed++) {
      const { images, targets, size } = numbered(4);
      mixBatch(images, targets, 4, { mixup: 0, cutmix: 1 }, new SeededRandom(seed));
      const places = new Set<string>();
      for (let n = 0; n < 4; n++) {
        const pixels = [...images.data.subarray(n * size, (n + 1) * size)];
        for (let k = 0; k < 4; k++) {
          expect(pixels.filter((pixel) => pixel === k + 1).length / size).toBeCloseTo(targets[n * 4 + k]!, 5);
        }
        expect(pixels.slice(0, size / 2)).toEqual(pixels.slice(size / 2)); // all channels alike
        const others = pixels.flatMap((pixel, i) => (pixel === n + 1 ? [] : [i]));
        if (others.length > 0) places.add(String(others));
      }
      expect(places.size).toBeLessThanOrEqual(1);
      pasted += places.size;
    }
    expect(pasted).toBeGreaterThan(10);
  });

  it("takes each in about half of the batches where both are wanted", () => {
    let blended = 0;
    for (let seed = 0; seed < 200; seed++) {
      const { images, targets } = numbered(4);
      mixBatch(images, targets, 4, { mixup: 1, cutmix: 1 }, new SeededRandom(seed));
      if (images.data.some((value) => !Number.isInteger(value))) blended++;
    }
    // Binomial of 200 with ½, less few orders that leave all where it was: 100 ± 4 deviations of 7.
    expect(blended).toBeGreaterThan(70);
    expect(blended).toBeLessThan(130);
  });

  it("repeats itself by its seed, and leaves alone what fills a batch, single images, and all where nothing is wanted", () => {
    const mixed = (seed: number) => {
      const { images, targets } = numbered(5, 2);
      mixBatch(images, targets, 5, { mixup: 0.3, cutmix: 1 }, new SeededRandom(seed));
      return { images, targets };
    };
    expect(mixed(3)).toEqual(mixed(3));
    expect(mixed(3)).not.toEqual(mixed(4));
    expect(mixed(3).images.data.slice(-120)).toEqual(new Float32Array(120).fill(-1));
    expect(mixed(3).targets.slice(-10)).toEqual(new Float32Array(10));
    for (const [rows, options] of [
      [1, { mixup: 1, cutmix: 1 }],
      [4, { mixup: 0, cutmix: 0 }],
    ] as const) {
      const { images, targets } = numbered(rows);
      mixBatch(images, targets, rows, options, new SeededRandom(1));
      expect({ images, targets }).toEqual({ images: numbered(rows).images, targets: numbered(rows).targets });
    }
  });
});

const draws = 20_000;
function moments(draw: (random: SeededRandom) => number) {
  const random = new SeededRandom(11);
  const values = Array.from({ length: draws }, () => draw(random));
  const mean = values.reduce((a, b) => a + b, 0) / draws;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws, values };
}

describe("beta and gamma", () => {
  it.each([0.1, 0.2, 0.4, 1, 2, 8])("have the mean and variance of Beta(α, α), α = %s", (alpha) => {
    const { mean, variance, values } = moments((random) => beta(alpha, random));
    const expected = 1 / (4 * (2 * alpha + 1));
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(expected / draws)); // five deviations of the mean
    expect(variance / expected).toBeGreaterThan(0.95);
    expect(variance / expected).toBeLessThan(1.05);
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it.each([0.3, 1, 4.5])("have the mean and variance of Gamma(k, 1), both k, k = %s", (shape) => {
    const { mean, variance } = moments((random) => gamma(shape, random));
    expect(Math.abs(mean - shape)).toBeLessThan(5 * Math.sqrt(shape / draws));
    expect(variance / shape).toBeGreaterThan(0.9);
    expect(variance / shape).toBeLessThan(1.1);
  });

  it("is a share even where both gammas vanish", () => {
    const random = new SeededRandom(2);
    for (let i = 0; i < 2000; i++) {
      const share = beta(1e-4, random);
      expect(share >= 0 && share <= 1).toBe(true);
    }
  });
});
