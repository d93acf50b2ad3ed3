/** What lies beyond the border of a plane, where a warp looks for levels. The names are Keras' and SciPy's. */

/**
 * - `nearest`: the border goes on, `a a a | a b c d | d d d`.
 * - `constant`: one level, `cval`. Abrupt, as in SciPy: it is not interpolated with the border.
 * - `reflect`: mirrored at the edge of the border's pixels, `c b a | a b c d | d c b`.
 * - `wrap`: repeated with a period of one pixel less than the side, so that first and last are one: SciPy's `wrap`, which
 *   is not its `grid-wrap`.
 */
export type FillMode = "nearest" | "constant" | "reflect" | "wrap";

export const fillModes: readonly FillMode[] = ["nearest", "constant", "reflect", "wrap"];

/**
 * The coordinate within [0, side − 1] that stands for any other, or NaN where `cval` does.
 * Source: SciPy 1.17, scipy/ndimage/src/ni_interpolation.c, map_coordinate.
 */
export type MapCoordinate = (at: number, side: number) => number;

/**
 * Rounding puts the border beside itself, under a half turn for one; SciPy then gives `cval`, or wraps to the other side.
 * Here it stays the border.
 */
const rounding = 1e-9; // px

export const mapCoordinates: { readonly [F in FillMode]: MapCoordinate } = {
  nearest: (at, side) => Math.min(Math.max(at, 0), side - 1),
  constant: (at, side) =>
    at < -rounding || at > side - 1 + rounding ? Number.NaN : Math.min(Math.max(at, 0), side - 1),
  // Between a pixel and its mirror image the level is theirs: both are the same.
  reflect: (at, side) => {
    const period = 2 * side;
    const within = at + 0.5 - period * Math.floor((at + 0.5) / period); // 0 … period, from the edge of the first pixel
    return Math.min(Math.max((within < side ? within : period - within) - 0.5, 0), side - 1);
  },
  wrap: (at, side) => {
    const period = side - 1;
    if (period === 0) return 0;
    if (at >= -rounding && at <= period + rounding) return Math.min(Math.max(at, 0), period);
    return at - period * Math.floor(at / period);
  },
};
