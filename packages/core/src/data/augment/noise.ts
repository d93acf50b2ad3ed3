/** Noise of a camera: of its electronics, the same everywhere, and of the light itself, larger where there is more. */
import { SeededRandom } from "../../seeded-random.js";
import { clampLevel, type GrayPlane, memoryFor } from "./gray-plane.js";
import { fillWithNormal } from "./normal-numbers.js";

/** Adds normal noise, independent from pixel to pixel. `sd` in levels. */
export function addGaussianNoise(plane: GrayPlane, sd: number, seed: number, into = memoryFor(plane)): GrayPlane {
  const { values, height, width } = plane;
  fillWithNormal(into, new SeededRandom(seed, "gaussian-noise"));
  for (let i = 0; i < into.length; i++) into[i] = clampLevel(values[i]! + sd * into[i]!);
  return { values: into, height, width };
}

/** Beyond so many photons a rounded normal number stands for the count; what is lost is a skewness of 0.29 and less. */
const manyPhotons = 12;

/**
 * What counting single photons (or electrons, or X-ray quanta) makes of the plane: each pixel a Poisson count of mean
 * `photons` · level / 255, in levels again. The fewer, the noisier: white varies by 255 / √photons levels.
 */
export function addPoissonNoise(plane: GrayPlane, photons: number, seed: number, into = memoryFor(plane)): GrayPlane {
  const { values, height, width } = plane;
  fillWithNormal(into, new SeededRandom(seed, "many-photons"));
  const random = new SeededRandom(seed, "few-photons");
  const perLevel = photons / 255;
  for (let i = 0; i < into.length; i++) {
    const mean = values[i]! * perLevel;
    const isMany = mean >= manyPhotons;
    const count = isMany ? Math.round(mean + Math.sqrt(mean) * into[i]!) : countFew(mean, random.next());
    into[i] = clampLevel(count / perLevel);
  }
  return { values: into, height, width };
}

/**
 * The count below which a part `uniform` of the distribution lies. Source: Devroye 1986, Non-Uniform Random Variate
 * Generation, X.3.3.
 */
function countFew(mean: number, uniform: number): number {
  let count = 0;
  let probability = Math.exp(-mean);
  let sum = probability;
  // Where rounding keeps the sum below the last uniform numbers, the count is past any that could have been drawn.
  while (uniform > sum && count < 8 * manyPhotons) {
    count++;
    probability *= mean / count;
    sum += probability;
  }
  return count;
}
