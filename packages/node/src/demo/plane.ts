/** A picture in the making: one number per pixel. */

export interface Plane {
  readonly width: number; // px
  readonly height: number; // px
  /** [height, width] */
  readonly values: Float64Array;
}

/** A plane whose pixels are computed from their place. */
export function planeOf(width: number, height: number, level: (x: number, y: number) => number): Plane {
  const values = new Float64Array(width * height);
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) values[i] = level(x, y);
  return { width, height, values };
}

/** Mean 0 and standard deviation 1; a constant plane becomes 0. */
export function standardized({ width, height, values }: Plane): Plane {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0;
  return { width, height, values: values.map((value) => (value - mean) * scale) };
}
