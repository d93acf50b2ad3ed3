import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../seeded-random.js";
import { addGaussianNoise, addPoissonNoise } from "./noise.js";
import { fillWithNormal } from "./normal-numbers.js";

const flat = (level: number, side = 300) => ({
  values: new Float32Array(side * side).fill(level),
  height: side,
  width: side,
});

function moments(values: Iterable<number>) {
  const all = [...values];
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const central = (power: number) => all.reduce((sum, value) => sum + (value - mean) ** power, 0) / all.length;
  return {
    mean,
    variance: central(2),
    skewness: central(3) / central(2) ** 1.5,
    kurtosis: central(4) / central(2) ** 2,
  };
}

/** Φ, by Abramowitz and Stegun 26.2.17, to 7.5e-8. */
function cumulative(x: number): number {
  if (x < 0) return 1 - cumulative(-x);
  const t = 1 / (1 + 0.2316419 * x);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

describe("normal numbers", () => {
  it("have the distribution function of the bell, the tail included", () => {
    const numbers = fillWithNormal(new Float64Array(400_000), new SeededRandom(4)).sort();
    let largest = 0;
    for (const [i, x] of numbers.entries())
      largest = Math.max(largest, Math.abs((i + 0.5) / numbers.length - cumulative(x)));
    // Kolmogorov and Smirnov: 1.95 / √n is passed once in 1,000 times; the seed is fixed.
    expect(largest).toBeLessThan(1.95 / Math.sqrt(numbers.length));
    const { mean, variance, skewness, kurtosis } = moments(numbers);
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(numbers.length));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / numbers.length));
    expect(Math.abs(skewness)).toBeLessThan(4 * Math.sqrt(6 / numbers.length));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(4 * Math.sqrt(24 / numbers.length));
    const beyond = numbers.filter((x) => Math.abs(x) > 3.4427).length / numbers.length; // of them 5.76e-4
    expect(Math.abs(beyond - 5.76e-4)).toBeLessThan(4 * Math.sqrt(5.76e-4 / numbers.length));
  });

  it("follow each other without correlation", () => {
    const numbers = fillWithNormal(new Float64Array(200_000), new SeededRandom(5));
    const product = numbers.slice(1).reduce((sum, x, i) => sum + x * numbers[i]!, 0) / (numbers.length - 1);
    expect(Math.abs(product)).toBeLessThan(4 / Math.sqrt(numbers.length));
  });
});

describe("Gaussian noise", () => {
  it("has the standard deviation that was asked for, at every level", () => {
    const { mean, variance } = moments(addGaussianNoise(flat(120), 7, 1).values);
    expect(mean).toBeCloseTo(120, 0);
    expect(Math.abs(Math.sqrt(variance) - 7)).toBeLessThan(4 * (7 / Math.sqrt(2 * 300 * 300)));
  });

  it("is the same for the same seed, another for another, and stays within 0–255", () => {
    const plane = flat(2, 20);
    expect(addGaussianNoise(plane, 9, 3)).toEqual(addGaussianNoise(plane, 9, 3));
    expect(addGaussianNoise(plane, 9, 3)).not.toEqual(addGaussianNoise(plane, 9, 4));
    expect(addGaussianNoise(plane, 9, 3).values.every((level) => level >= 0)).toBe(true);
  });
});

describe("Poisson noise", () => {
  it.each([0.5, 3, 11, 13, 33, 150])("of a mean of %s photons has that mean and variance", (photons) => {
    const level = 15; // so that hardly any count is beyond white, where it would be clamped
    const atWhite = (photons * 255) / level;
    const counts = [...addPoissonNoise(flat(level), atWhite, 8).values].map((value) => (value * atWhite) / 255);
    const { mean, variance, skewness } = moments(counts);
    const n = counts.length;
    expect(Math.abs(mean - photons)).toBeLessThan(4 * Math.sqrt(photons / n));
    // The variance of a sample variance of Poisson counts is (λ + 2 λ²) / n; a rounded normal adds 1/12.
    expect(Math.abs(variance - photons)).toBeLessThan(
      4 * Math.sqrt((photons + 2 * photons ** 2) / n) + (photons > 12 ? 0.1 : 0),
    );
    if (photons < 12) expect(skewness).toBeCloseTo(1 / Math.sqrt(photons), 1);
  });

  it("leaves black black", () => {
    expect(addPoissonNoise(flat(0, 10), 50, 1).values.every((level) => level === 0)).toBe(true);
  });
});
