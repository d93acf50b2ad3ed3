/**
 * The colours of numbers: gray levels as themselves, signed values from blue over nearly white to brown.
 *
 * The signed map is linear in OKLab on either side of zero, so that equal steps in value look equal, and equal sizes of
 * either sign are equally dark. Source: Ottosson 2020, https://bottosson.github.io/posts/oklab/.
 */

/** sRGB, 0–255. */
export type Rgb = readonly [number, number, number];

/** OKLab: lightness 0–1, green to red, blue to yellow. */
type Lab = readonly [number, number, number];

const zero: Lab = [0.975, 0, 0];
const mostNegative: Lab = polar(0.43, 0.14, 256);
const mostPositive: Lab = polar(0.43, 0.12, 46);

/** For −1 … 1; what lies beyond gets the end's colour. */
export function signedColor(value: number): Rgb {
  const end = value < 0 ? mostNegative : mostPositive;
  const part = Math.min(1, Math.abs(value));
  const [lightness, a, b] = zero.map((from, i) => from + part * (end[i]! - from)) as [number, number, number];
  return toRgb([lightness, a, b]);
}

/** For 0 … 1. */
export function grayColor(value: number): Rgb {
  const level = Math.round(255 * Math.min(1, Math.max(0, value)));
  return [level, level, level];
}

/** `#rrggbb` */
export const hexColor = (color: Rgb): string => `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`;

/** Black or white ink, whichever contrasts more: at least 4.58 on any ground. Source: WCAG 2.2, relative luminance. */
export function inkOn(color: Rgb): "#000000" | "#ffffff" {
  const [r, g, b] = color.map((part) => toLinear(part / 255)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff";
}

/** A CSS gradient over the whole signed map, for legends. */
export const signedGradient = (): string => {
  const stops = Array.from({ length: 17 }, (_, i) => hexColor(signedColor((i - 8) / 8)));
  return `linear-gradient(to right, ${stops.join(", ")})`;
};

function polar(lightness: number, chroma: number, hue: number): Lab {
  const angle = (hue * Math.PI) / 180;
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

function toRgb([lightness, a, b]: Lab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear: Rgb = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((part) => Math.round(255 * fromLinear(Math.min(1, Math.max(0, part))))) as [number, number, number];
}

const toLinear = (part: number) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
const fromLinear = (part: number) => (part <= 0.0031308 ? part * 12.92 : 1.055 * part ** (1 / 2.4) - 0.055);
