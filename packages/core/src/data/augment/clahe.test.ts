import { describe, expect, it } from "vitest";
import { formulaPlane, levelsApart, readAugmentFixture } from "../../testing/augment-fixture.js";
import { equalizeLocally } from "./clahe.js";

const dark = (size: { readonly height: number; readonly width: number }) => {
  const plane = formulaPlane(size);
  return { ...plane, values: plane.values.map((level) => Math.round((level / 255) ** 3 * 255)) };
};

describe("CLAHE", () => {
  it.each(
    readAugmentFixture().clahe.map(
      (recorded) => [recorded.height, recorded.width, recorded.limit, recorded.tiles, recorded] as const,
    ),
  )(
    "of %s × %s, limit %s, tiles %s, is within a level of OpenCV's, which rounds twice",
    (height, width, limit, tiles, { values }) => {
      expect(
        levelsApart(equalizeLocally(dark({ height, width }), { limit, tiles }).values, values),
      ).toBeLessThanOrEqual(1.001);
    },
  );

  it("never turns two levels of one place around, and gives levels between for levels between", () => {
    const plane = dark({ height: 32, width: 32 });
    const half = { ...plane, values: plane.values.map((level) => Math.min(level + 0.5, 255)) };
    const [whole, between] = [plane, half].map((one) => equalizeLocally(one, { limit: 1e9, tiles: 1 }).values);
    const order = [...plane.values.keys()].sort((a, b) => plane.values[a]! - plane.values[b]!);
    for (const [k, at] of order.entries()) {
      const next = order[k + 1];
      if (next !== undefined) expect(whole![next]).toBeGreaterThanOrEqual(whole![at]!);
    }
    expect(between!.every((level) => level >= 0 && level <= 255)).toBe(true);
  });

  it("takes more tiles than there are pixels for as many as there are", () => {
    const plane = { values: Float32Array.of(1, 200, 30), height: 1, width: 3 };
    expect(equalizeLocally(plane, { limit: 2, tiles: 8 })).toEqual(equalizeLocally(plane, { limit: 2, tiles: 1 }));
  });
});
