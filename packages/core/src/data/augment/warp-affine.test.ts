import { describe, expect, it } from "vitest";
import { formulaPlane, levelsApart, readAugmentFixture } from "../../testing/augment-fixture.js";
import { affineMatrix } from "./affine-matrix.js";
import { fillModes } from "./fill-modes.js";
import type { GrayPlane } from "./gray-plane.js";
import { warpAffine } from "./warp-affine.js";

const fixture = readAugmentFixture();
const filling = { fill: "nearest", cval: 0 } as const;
const rows = ({ values, width }: GrayPlane) =>
  Array.from({ length: values.length / width }, (_, y) => [...values.subarray(y * width, (y + 1) * width)]);

describe("an affine warp", () => {
  it.each(fixture.affine.map((recorded) => [JSON.stringify({ ...recorded, values: undefined }), recorded] as const))(
    "gives what Keras gives for %s",
    (_, { height, width, fill, flips, theta = 0, tx = 0, ty = 0, shear = 0, zx = 1, zy = 1, values }) => {
      const move = {
        rotation: theta,
        shearing: shear,
        zoomX: zx,
        zoomY: zy,
        shiftX: tx / width,
        shiftY: ty / height,
        flipX: flips.includes("horizontal"),
        flipY: flips.includes("vertical"),
      };
      const warped = warpAffine(formulaPlane({ height, width }), affineMatrix(move, height, width), { fill, cval: 33 });
      // Float32 results of up to 255, recorded to 4 digits.
      expect(levelsApart(warped.values, values)).toBeLessThan(1e-3);
    },
  );

  it("by nothing is the plane itself, whatever lies beyond it", () => {
    const plane = formulaPlane({ height: 13, width: 8 });
    for (const fill of fillModes) {
      const warped = warpAffine(plane, affineMatrix({}, 13, 8), { fill, cval: 9 });
      expect(warped.values).toEqual(plane.values);
    }
  });

  it("turns by half, and flips twice, without losing the border, which SciPy fills with cval", () => {
    const plane = formulaPlane({ height: 6, width: 10 });
    const turned = warpAffine(plane, affineMatrix({ rotation: 180 }, 6, 10), { fill: "constant", cval: -1 });
    const flipped = warpAffine(plane, affineMatrix({ flipX: true, flipY: true }, 6, 10), filling);
    expect(levelsApart(turned.values, plane.values.toReversed())).toBeLessThan(1e-3);
    expect(levelsApart(flipped.values, plane.values.toReversed())).toBe(0);
  });

  it("moves what is seen to the left and up by a positive shift, and enlarges by a zoom below 1", () => {
    const plane = { values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), height: 2, width: 4 };
    expect(rows(warpAffine(plane, affineMatrix({ shiftX: 0.25 }, 2, 4), filling))).toEqual([
      [2, 3, 4, 4],
      [6, 7, 8, 8],
    ]);
    expect(rows(warpAffine(plane, affineMatrix({ shiftY: 0.5 }, 2, 4), filling))[0]).toEqual([5, 6, 7, 8]);
    expect(rows(warpAffine(plane, affineMatrix({ zoomX: 0.5 }, 2, 4), filling))[0]).toEqual([1.75, 2.25, 2.75, 3.25]);
  });

  it("reads inside of the plane only, however far it looks", () => {
    const plane = { values: new Float32Array(5 * 7).fill(77), height: 5, width: 7 };
    for (const fill of fillModes.filter((mode) => mode !== "constant")) {
      for (const move of [
        { shiftX: 1e6, shiftY: -1e6 },
        { zoomX: 1e5, rotation: 31 },
        { zoomY: 1e-9 },
        { shearing: 89 },
      ]) {
        const { values } = warpAffine(plane, affineMatrix(move, 5, 7), { fill, cval: 0 });
        // The difference of two equal levels times a part is 0, so that not even rounding is left.
        expect(new Set(values)).toEqual(new Set([77]));
      }
    }
  });
});
