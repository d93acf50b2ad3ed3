/**
 * Bends a plane smoothly: control points on a coarse grid are shifted at random, pixels between them follow.
 *
 * Cubic B-splines between the points, as the training of U-Net has it, instead of noise smoothed by a wide Gaussian: the
 * same smooth shifts at a hundredth of the work.
 * Sources: Ronneberger, Fischer and Brox 2015, U-Net, arXiv:1505.04597, §3.1; Simard, Steinkraus and Platt 2003,
 * Best Practices for Convolutional Neural Networks, doi:10.1109/ICDAR.2003.1227801, §2.
 */
import { SeededRandom } from "../../seeded-random.js";
import { mapCoordinates } from "./fill-modes.js";
import { type GrayPlane, memoryFor } from "./gray-plane.js";
import { fillWithNormal } from "./normal-numbers.js";
import { sampleBilinear, sampleInside } from "./sample-bilinear.js";
import type { Filling } from "./warp-affine.js";

/** Shifts of a grid of points. Pixel (x, y) lies at (1 + x / spacing, 1 + y / spacing) of it. */
export interface ShiftGrid {
  readonly spacing: number; // px
  readonly rows: number;
  readonly columns: number;
  readonly shiftsX: Float64Array; // [rows · columns], px
  readonly shiftsY: Float64Array; // [rows · columns], px
}

/** The number of points that a side needs: one before the first pixel, and two from the last on. */
export const pointsAlong = (side: number, spacing: number): number => Math.ceil((side - 1) / spacing) + 3;

/** Normal shifts of standard deviation `shift`, independent from point to point; both lengths in px. */
export function drawShifts(
  { height, width }: Pick<GrayPlane, "height" | "width">,
  { spacing, shift }: { readonly spacing: number; readonly shift: number },
  seed: number,
): ShiftGrid {
  const [rows, columns] = [pointsAlong(height, spacing), pointsAlong(width, spacing)];
  const draw = (axis: string) =>
    fillWithNormal(new Float64Array(rows * columns), new SeededRandom(seed, `elastic/${axis}`)).map((x) => shift * x);
  return { spacing, rows, columns, shiftsX: draw("x"), shiftsY: draw("y") };
}

/** The plane seen through the grid: pixel (x, y) is that at (x + shift x, y + shift y), bilinear. */
export function bend(plane: GrayPlane, grid: ShiftGrid, { fill, cval }: Filling, values = memoryFor(plane)): GrayPlane {
  const { height, width } = plane;
  const beyond = mapCoordinates[fill];
  const across = splineWeights(width, grid.spacing);
  const down = splineWeights(height, grid.spacing);
  for (let y = 0; y < height; y++) {
    const rowX = mixAlong(mixRows(grid.shiftsX, grid.columns, down, y), across, width);
    const rowY = mixAlong(mixRows(grid.shiftsY, grid.columns, down, y), across, width);
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = [x + rowX[x]!, y + rowY[x]!];
      const isInside = fromX >= 0 && fromX < width - 1 && fromY >= 0 && fromY < height - 1;
      values[y * width + x] = isInside
        ? sampleInside(plane.values, width, fromX, fromY)
        : sampleBilinear(plane, fromX, fromY, beyond, cval);
    }
  }
  return { values, height, width };
}

/** For each pixel of a side the first of its four points, and their weights. */
interface SplineWeights {
  readonly first: Int32Array; // [side]
  readonly weights: Float64Array; // [side · 4]
}

/** The uniform cubic B-spline. Source: de Boor 1978, A Practical Guide to Splines, IX. */
function splineWeights(side: number, spacing: number): SplineWeights {
  const first = Int32Array.from({ length: side }, (_, at) => Math.floor(at / spacing));
  const weights = new Float64Array(4 * side);
  for (let at = 0; at < side; at++) {
    const t = at / spacing - first[at]!;
    const ofPixel = [(1 - t) ** 3, 3 * t ** 3 - 6 * t ** 2 + 4, -3 * t ** 3 + 3 * t ** 2 + 3 * t + 1, t ** 3];
    weights.set(
      ofPixel.map((weight) => weight / 6),
      4 * at,
    );
  }
  return { first, weights };
}

/** The grid's shifts at pixel row `y`, [columns + 1]: a zero behind, where the fourth point of a last pixel weighs nothing. */
function mixRows(shifts: Float64Array, columns: number, { first, weights }: SplineWeights, y: number): Float64Array {
  const mixed = new Float64Array(columns + 1);
  for (let k = 0; k < 4; k++) {
    const weight = weights[4 * y + k]!;
    if (weight === 0) continue; // as above: that row may not be there
    const row = (first[y]! + k) * columns;
    for (let i = 0; i < columns; i++) mixed[i]! += weight * shifts[row + i]!;
  }
  return mixed;
}

/** [width] */
function mixAlong(shifts: Float64Array, { first, weights }: SplineWeights, width: number): Float64Array {
  const mixed = new Float64Array(width);
  for (let x = 0, k = 0; x < width; x++, k += 4) {
    const i = first[x]!;
    mixed[x] = weights[k]! * shifts[i]! + weights[k + 1]! * shifts[i + 1]!;
    mixed[x]! += weights[k + 2]! * shifts[i + 2]! + weights[k + 3]! * shifts[i + 3]!;
  }
  return mixed;
}
