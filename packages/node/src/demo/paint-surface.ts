/** One picture of the demo: a metal surface with a defect, under the light and exposure of its view. */
import type { SeededRandom } from "@grayling/core";
import { paintBackground, paintLight } from "./background.js";
import { between, wholeBetween } from "./between.js";
import { type Defect, defects } from "./defects.js";
import { type Plane, planeOf, standardized } from "./plane.js";

/** What the camera does, whatever it looks at. */
export interface View {
  readonly width: number; // px
  readonly height: number; // px
  readonly brightness: number; // mean level, 0–1
  readonly contrast: number; // standard deviation of the levels, 0–1
}

/** Drawn from the number of the picture alone: it is the same in every class, so that neither size nor brightness tells one. */
export function drawView(random: SeededRandom): View {
  return {
    width: wholeBetween(random, 112, 256),
    height: wholeBetween(random, 112, 256),
    brightness: between(random, 0.3, 0.7),
    contrast: between(random, 0.04, 0.13),
  };
}

/** Levels 0–1. */
export function paintSurface(
  defect: Defect,
  { width, height, brightness, contrast }: View,
  random: SeededRandom,
): Plane {
  const rolling = (random.next() < 0.5 ? 0 : Math.PI / 2) + between(random, -0.3, 0.3);
  const background = paintBackground(width, height, rolling, random);
  const light = paintLight(width, height, random);
  const strength = between(random, 3.6, 6); // standard deviations of the background
  const flaw = planeOf(width, height, () => 0);
  defects[defect](flaw, rolling, random);
  const surface = background.values.map((level, i) => level + strength * flaw.values[i]!);
  const { values } = standardized({ width, height, values: surface });
  const exposed = values.map((level, i) => (brightness + contrast * level) * light.values[i]!);
  return { width, height, values: exposed.map((level) => Math.min(1, Math.max(0, level))) };
}
