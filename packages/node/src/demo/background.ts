/** The surface without a defect: rolled or brushed metal in uneven light. */
import type { SeededRandom } from "@grayling/core";
import { between } from "./between.js";
import { smoothNoise } from "./noise.js";
import { type Plane, planeOf, standardized } from "./plane.js";

/**
 * Streaks along the rolling direction, cloudiness and grain, mean 0 and standard deviation 1.
 * `rolling` is the direction in radians, 0 to the right.
 */
export function paintBackground(width: number, height: number, rolling: number, random: SeededRandom): Plane {
  const [streaks, hairlines, clouds] = [smoothNoise(random), smoothNoise(random), smoothNoise(random)];
  const [along, across] = [between(random, 50, 160), between(random, 2.5, 6)]; // px
  const cloud = between(random, 30, 80); // px
  const shares = {
    streak: between(random, 0.3, 1),
    hairline: between(random, 0.2, 0.7),
    cloud: between(random, 0.2, 0.7),
  };
  const grain = between(random, 0.2, 0.6);
  const [cos, sin] = [Math.cos(rolling), Math.sin(rolling)];
  return standardized(
    planeOf(width, height, (x, y) => {
      const [u, v] = [x * cos + y * sin, y * cos - x * sin];
      return (
        shares.streak * streaks(u / along, v / across) +
        shares.hairline * hairlines(u / (along / 3), v / 1.2) +
        shares.cloud * clouds(x / cloud, y / cloud) +
        grain * (random.next() + random.next() - 1)
      );
    }),
  );
}

/** Light from one side and a vignette: a factor per pixel around 1. */
export function paintLight(width: number, height: number, random: SeededRandom): Plane {
  const direction = between(random, 0, 2 * Math.PI);
  const [fall, vignette] = [between(random, 0, 0.35), between(random, 0, 0.25)];
  const [cos, sin] = [Math.cos(direction), Math.sin(direction)];
  return planeOf(width, height, (x, y) => {
    const [u, v] = [(2 * x) / width - 1, (2 * y) / height - 1];
    return 1 + fall * (u * cos + v * sin) - vignette * (u * u + v * v - 2 / 3);
  });
}
