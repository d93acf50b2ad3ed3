/** Rotation, shear, zoom, translation and flips as one matrix: where each pixel of the result comes from. */

/** All of it about the middle of the plane. Angles and zoom have Keras' signs and senses. */
export interface AffineMove {
  readonly rotation?: number; // degrees
  readonly shearing?: number; // degrees
  /** The part of the plane's width that is seen: 0.5 shows the middle half, twice as large. */
  readonly zoomX?: number;
  /** The same of the height. */
  readonly zoomY?: number;
  /** Part of the width by which the plane is seen further right: what it shows moves to the left. */
  readonly shiftX?: number;
  /** Part of the height; what the plane shows moves up. */
  readonly shiftY?: number;
  /** Left and right exchanged, after all else. */
  readonly flipX?: boolean;
  /** Top and bottom exchanged, after all else. */
  readonly flipY?: boolean;
}

/** Pixel (x, y) of the result is that at (xx x + xy y + x0, yx x + yy y + y0) of the source. */
export interface AffineMatrix {
  readonly xx: number;
  readonly xy: number;
  readonly x0: number; // px
  readonly yx: number;
  readonly yy: number;
  readonly y0: number; // px
}

/**
 * Rotation · translation · shear · zoom, in columns (x) and rows (y) about the middle, and flips of what comes out.
 *
 *     x' = c (zx x − sin(s) zy y + tx) − n (cos(s) zy y + ty)
 *     y' = n (zx x − sin(s) zy y + tx) + c (cos(s) zy y + ty)      c = cos(rotation), n = sin(rotation), s = shear
 *
 * Equal to Keras 3.15's `apply_affine_transform` on a square plane, with its `tx` in columns. Keras puts the middle of
 * others at (width / 2, height / 2) of (rows, columns), outside of a long plane; here it is the middle.
 */
export function affineMatrix(move: AffineMove, height: number, width: number): AffineMatrix {
  const { rotation = 0, shearing = 0, zoomX = 1, zoomY = 1, shiftX = 0, shiftY = 0, flipX, flipY } = move;
  const [cos, sin] = cosAndSin(rotation);
  const [cosShear, sinShear] = cosAndSin(shearing);
  const [tx, ty] = [shiftX * width, shiftY * height];
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const xx = (flipX ? -1 : 1) * cos * zoomX;
  const yx = (flipX ? -1 : 1) * sin * zoomX;
  const xy = (flipY ? -1 : 1) * zoomY * (-cos * sinShear - sin * cosShear);
  const yy = (flipY ? -1 : 1) * zoomY * (cos * cosShear - sin * sinShear);
  const x0 = middleX - xx * middleX - xy * middleY + cos * tx - sin * ty;
  const y0 = middleY - yx * middleX - yy * middleY + sin * tx + cos * ty;
  return { xx, xy, x0, yx, yy, y0 };
}

function cosAndSin(degrees: number): readonly [cos: number, sin: number] {
  const radians = (degrees * Math.PI) / 180;
  return [Math.cos(radians), Math.sin(radians)];
}
