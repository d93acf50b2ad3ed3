import { describe, expect, it } from "vitest";
import { formulaPlane, levelsApart, readAugmentFixture } from "../../testing/augment-fixture.js";
import { blur } from "./gaussian-blur.js";

describe("blur", () => {
  it.each(
    readAugmentFixture().blur.map((recorded) => [recorded.height, recorded.width, recorded.sd, recorded] as const),
  )("of %s × %s by %s px gives what SciPy gives", (height, width, sd, { values }) => {
    // Float32 between the two passes.
    expect(levelsApart(blur(formulaPlane({ height, width }), sd).values, values)).toBeLessThan(1e-3);
  });

  it("keeps a flat plane, and by nothing any plane", () => {
    const flat = { values: new Float32Array(30).fill(200), height: 5, width: 6 };
    expect(levelsApart(blur(flat, 2.2).values, flat.values)).toBeLessThan(1e-4);
    const plane = formulaPlane({ height: 5, width: 6 });
    expect(blur(plane, 0)).toEqual(plane);
  });
});
