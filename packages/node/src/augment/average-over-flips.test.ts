import type { Session } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { averageOverFlips } from "./average-over-flips.js";

/** Answers, for each of two images of 2 × 3, the pixel at its upper left and the sum of its upper row. */
const corners: Session & { readonly runs: number[][] } = {
  runs: [],
  bind: async () => {},
  run: async ({ images }) => {
    const { data } = images!;
    corners.runs.push([...data]);
    const rows = [0, 6].flatMap((at) => [data[at]!, data[at]! + data[at + 1]! + data[at + 2]!]);
    return { answers: { shape: [2, 2], data: Float32Array.from(rows) } };
  },
  release: async () => {},
};
const images = { shape: [2, 1, 2, 3], data: Float32Array.from({ length: 12 }, (_, i) => i) };

describe("averaging over flips", () => {
  it("asks for every image as it is and mirrored, and gives the mean of each answer", async () => {
    corners.runs.length = 0;
    const { answers } = await averageOverFlips(corners, "horizontal").run({ images });
    expect(corners.runs).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
      [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9],
    ]);
    expect(answers).toEqual({ shape: [2, 2], data: Float32Array.of(1, 3, 7, 21) });
  });

  it("with flips, also upside down and both", async () => {
    corners.runs.length = 0;
    const { answers } = await averageOverFlips(corners, "flips").run({ images });
    expect(corners.runs.slice(2)).toEqual([
      [3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8],
      [5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6],
    ]);
    // Corners 0, 2, 3, 5 and rows of 3 and 12, and six more for each pixel of the second image.
    expect(answers!.data).toEqual(Float32Array.of(2.5, 7.5, 8.5, 25.5));
  });

  it("leaves what it was given, and an answer for a mirrored image is that for the image", async () => {
    const before = images.data.slice();
    const session = averageOverFlips(corners, "flips");
    const one = await session.run({ images });
    const mirrored = Float32Array.of(2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9);
    const other = await session.run({ images: { shape: images.shape, data: mirrored } });
    expect(other).toEqual(one);
    expect(images.data).toEqual(before);
  });
});
