import { describe, expect, it } from "vitest";
import { misfitVariables } from "./declared-channels.js";

describe("misfitVariables", () => {
  // The first is what keras 3.15.1 stops at with a legacy .h5, both layers are what it lists with a .weights.h5.
  it("names the means and the stem of B0 declared for one channel", () => {
    expect(misfitVariables("efficientnet-b0", 1)).toEqual([
      { name: "normalization/mean", declaredShape: [1], weightsShape: [3] },
      { name: "normalization/variance", declaredShape: [1], weightsShape: [3] },
      { name: "stem_conv/kernel", declaredShape: [3, 3, 1, 32], weightsShape: [3, 3, 3, 32] },
    ]);
  });

  it("names the stem alone where preprocessing holds no weights", () => {
    for (const name of ["efficientnet-v2-b0", "efficientnet-v2-s", "efficientnet-lite0"] as const) {
      expect(misfitVariables(name, 1).map(({ name }) => name)).toEqual(["stem_conv/kernel"]);
    }
  });

  it("names nothing for three channels", () => {
    expect(misfitVariables("efficientnet-b0", 3)).toEqual([]);
  });
});
