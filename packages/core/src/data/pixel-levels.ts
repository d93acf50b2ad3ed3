/** Decoded pixels as `Levels`: one value per pixel, in the units of the file. */
import { luma } from "./gray-rows.js";
import { type Levels, type SampleType, sampleRanges } from "./levels.js";

/** How the samples of one pixel make a gray value. `alpha` is what follows the colour, and is ignored. */
export type PixelLayout = "gray" | "rgb" | "cmyk";

export type Samples =
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

export interface Pixels {
  /** [height, width, channels], row after row. */
  readonly data: Samples;
  readonly height: number;
  readonly width: number;
  /** Samples per pixel; those after the layout's own (alpha) are ignored, not composited. */
  readonly channels: number;
  readonly layout: PixelLayout;
}

/** Reads decoded pixels as they are stored; colour becomes luma, with fractions. */
export function pixelLevels({ data, height, width, channels, layout }: Pixels): Levels {
  const samples = sampleTypeOf(data);
  const range = sampleRanges[samples];
  const fill = fillers[layout];
  return {
    height,
    width,
    samples,
    range,
    readValues: (y, values) => fill(data, y * width * channels, channels, values, range.high),
  };
}

const sampleTypes: readonly (readonly [new () => Samples, SampleType])[] = [
  [Uint8Array, "uint8"],
  [Uint8ClampedArray, "uint8"],
  [Uint16Array, "uint16"],
  [Uint32Array, "uint32"],
  [Int8Array, "int8"],
  [Int16Array, "int16"],
  [Int32Array, "int32"],
  [Float32Array, "float32"],
  [Float64Array, "float64"],
];

function sampleTypeOf(data: Samples): SampleType {
  for (const [kind, name] of sampleTypes) if (data instanceof kind) return name;
  throw new Error("internal: samples are in an array of another kind");
}

/** Values of so many pixels as there is room for in `values`; `white` is the largest that a sample can be. */
type Fill = (data: Samples, start: number, channels: number, values: Float32Array, white: number) => void;

const fillers: { readonly [L in PixelLayout]: Fill } = {
  gray: (data, start, channels, values) => {
    if (channels === 1) return values.set(data.subarray(start, start + values.length)); // much the fastest
    for (let x = 0; x < values.length; x++) values[x] = data[start + x * channels]!;
  },
  rgb: (data, start, channels, values) => {
    for (let x = 0, at = start; x < values.length; x++, at += channels) {
      values[x] = luma(data[at]!, data[at + 1]!, data[at + 2]!);
    }
  },
  // Ink on white without a colour profile, as Pillow reads it: R = (1 − C) (1 − K).
  cmyk: (data, start, channels, values, white) => {
    for (let x = 0, at = start; x < values.length; x++, at += channels) {
      const light = luma(white - data[at]!, white - data[at + 1]!, white - data[at + 2]!);
      values[x] = (light * (white - data[at + 3]!)) / white;
    }
  },
};
