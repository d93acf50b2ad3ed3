/** One gray plane of a network's size: an image of the user's, or noise. */
import { readFile } from "node:fs/promises";
import { InputError, SeededRandom, type Tensor } from "@grayling/core";
import { createDecoder, type Decoding } from "./decode.js";

export interface PlaneSize {
  readonly height: number; // px
  readonly width: number; // px
}

/** Which picture of the file is read, and how. */
export interface PlaneReading extends Pick<Decoding, "window" | "maxPixels" | "interpolation"> {
  /** From 1; default 1. */
  readonly page?: number | undefined;
}

/** [1, 1, H, W], gray levels 0–255: the image at `path` stretched to the size. Throws `InputError` if it is none. */
export async function readPlane(
  path: string,
  { height, width }: PlaneSize,
  { page, ...decoding }: PlaneReading = {},
): Promise<Tensor> {
  const decode = await createDecoder({ height, width, fit: "stretch", ...decoding });
  const bytes = await readFile(path).catch((cause) => {
    throw new InputError(`image ${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  });
  try {
    return { shape: [1, 1, height, width], data: (await decode(bytes, page)).plane };
  } catch (cause) {
    if (cause instanceof InputError) throw new InputError(`image ${path}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** [1, 1, H, W], whole gray levels that fill 0–255. */
export function noisePlane({ height, width }: PlaneSize, seed: number): Tensor {
  const random = new SeededRandom(seed, "noise");
  return {
    shape: [1, 1, height, width],
    data: Float32Array.from({ length: height * width }, () => random.integer(256)),
  };
}

/** The plane as three equal channels, [1, 3, H, W]. */
export function threeTimes({ shape, data }: Tensor): Tensor {
  const three = new Float32Array(3 * data.length);
  for (let c = 0; c < 3; c++) three.set(data, c * data.length);
  return { shape: shape.with(1, 3), data: three };
}
