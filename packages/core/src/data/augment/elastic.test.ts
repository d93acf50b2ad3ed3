import { describe, expect, it } from "vitest";
import { formulaPlane, levelsApart, readAugmentFixture } from "../../testing/augment-fixture.js";
import { bend, drawShifts, pointsAlong } from "./elastic.js";

describe("bending", () => {
  it.each(readAugmentFixture().elastic.map((recorded) => [recorded.spacing, recorded.fill, recorded] as const))(
    "by points %s px apart, filled by %s, gives what SciPy's B-splines and interpolation give",
    (spacing, fill, { height, width, values }) => {
      const [rows, columns] = [pointsAlong(height, spacing), pointsAlong(width, spacing)];
      const shifts = (shift: (j: number, i: number) => number) =>
        Float64Array.from({ length: rows * columns }, (_, at) => 3 * shift(Math.floor(at / columns), at % columns));
      const shiftsY = shifts((j, i) => Math.sin(2.1 * j + 1.3 * i));
      const shiftsX = shifts((j, i) => Math.cos(1.7 * j - 0.9 * i));
      const grid = { spacing, rows, columns, shiftsX, shiftsY };
      const bent = bend(formulaPlane({ height, width }), grid, { fill, cval: 33 });
      expect(levelsApart(bent.values, values)).toBeLessThan(1e-3); // float32, recorded to 4 digits
    },
  );

  it("by nothing is the plane itself, also where a point lies on the last pixel", () => {
    for (const [height, width, spacing] of [
      [9, 17, 8],
      [5, 5, 3],
      [1, 1, 4],
    ] as const) {
      const plane = formulaPlane({ height, width });
      const grid = drawShifts(plane, { spacing, shift: 0 }, 1);
      expect(bend(plane, grid, { fill: "constant", cval: 9 })).toEqual(plane);
    }
  });

  it("draws the same shifts for the same seed, normal ones of the size asked for", () => {
    const size = { height: 500, width: 500 };
    const grid = drawShifts(size, { spacing: 8, shift: 4 }, 6);
    expect(drawShifts(size, { spacing: 8, shift: 4 }, 6)).toEqual(grid);
    const n = grid.shiftsX.length;
    const sd = Math.sqrt(grid.shiftsX.reduce((sum, value) => sum + value ** 2, 0) / n);
    expect(Math.abs(sd - 4)).toBeLessThan(4 * (4 / Math.sqrt(2 * n)));
  });
});
