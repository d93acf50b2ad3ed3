/**
 * The colours of heat maps: from black over purple, red and orange to light yellow, in even steps for the eye, rising in lightness
 * so that they read in gray and with any colour vision.
 *
 * Every eighth colour of inferno, straight lines between: at most 1.7 levels of 255 from the table of 256.
 * Source: Smith and van der Walt 2015, https://bids.github.io/colormap/, CC0.
 */

/** sRGB, 0–255. */
export type HeatColor = readonly [number, number, number];

const stops = `
  000004 040312 0b0724 150b37 210c4a 2f0a5b 3d0965 4a0c6b 56106e 63156e 70196e 7d1e6d 89226a 962766 a32c61 af315b bb3654
  c63d4d d14545 da4f3c e35932 eb6529 f1721e f67f14 f98c0a fb9b06 fcaa0f fbba1f f9c932 f5d949 f2e865 f3f586 fcffa4`
  .trim()
  .split(/\s+/)
  .map((text) => Number.parseInt(text, 16))
  .map((rgb): HeatColor => [rgb >> 16, (rgb >> 8) & 255, rgb & 255]);

/** The colour of a part of the scale, 0 … 1; what lies beyond gets the end's, NaN that of 0. */
export function heatColor(part: number): HeatColor {
  const at = Math.min(1, Math.max(0, part || 0)) * (stops.length - 1);
  const below = Math.min(stops.length - 2, Math.floor(at));
  const [from, to] = [stops[below]!, stops[below + 1]!];
  return [0, 1, 2].map((i) => Math.round(from[i]! + (at - below) * (to[i]! - from[i]!))) as [number, number, number];
}
