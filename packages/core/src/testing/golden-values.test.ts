import { describe, expect, it } from "vitest";
import { fmix32, fnv1a, goldenGray, goldenWeight, unit } from "./golden-values.js";

// The numbers are the check numbers of golden/README.md, printed by Keras' side; equality is exact.
describe("golden values", () => {
  it("hash as the fixtures' generator does", () => {
    expect(fnv1a("stem_conv/kernel")).toBe(2890790445);
    expect(fmix32(1)).toBe(1364076727);
    const units = [0.653076171875, 0.341552734375, 0.288818359375, -0.200927734375];
    expect([0, 1, 2, 3].map((i) => unit("stem_conv/kernel", i))).toEqual(units);
  });

  it.each([
    ["stem_conv/kernel", [3, 3, 3, 32], [0.3078630566596985, 0.1610095053911209], 0.23351557552814484],
    ["block1a_dwconv/kernel", [3, 3, 32, 1], [0.14930565655231476, 0.17761193215847015], 0.024120138958096504],
    ["block1a_se_expand/bias", [32], [1.433129906654358, 1.5137939453125], 1.4659912586212158],
    ["block2b_project_conv/kernel", [1, 1, 144, 24], [0.013961064629256725], -0.003126763738691807],
    ["predictions/kernel", [1280, 1000], [0.006468769162893295], 0.0052987076342105865],
  ])("give %s its numbers", (path, shape, first, last) => {
    const values = goldenWeight(path, shape);
    expect([...values.slice(0, first.length)]).toEqual(first);
    expect(values.at(-1)).toBe(last);
  });

  it("give Normalization ImageNet's constants", () => {
    expect(goldenWeight("normalization/variance", [3])).toEqual(Float32Array.of(0.229, 0.224, 0.225));
    expect(goldenWeight("normalization/count", [])).toEqual(Float32Array.of(0));
  });

  it("refuse a variable that the fixtures lack", () => {
    expect(() => goldenWeight("stem_conv/momentum", [3])).toThrow(
      "stem_conv/momentum: the golden fixtures have no such",
    );
  });

  it("draw the gray images of the fixtures", () => {
    const images = goldenGray(2, 33, 46);
    const at = (n: number, y: number, x: number) => images[(n * 33 + y) * 46 + x];
    expect([...images.slice(0, 10)]).toEqual([0, 2, 4, 5, 7, 9, 11, 12, 14, 43]);
    expect(at(1, 9, 17)).toBe(40);
    expect(at(0, 32, 45)).toBe(105);
    expect(images.slice(0, 33 * 46).reduce((sum, gray) => sum + gray, 0)).toBe(191827);
  });
});
