import { expect, it } from "vitest";
import { holm } from "./holm.js";

// statsmodels 0.15.0: multipletests(p, method="holm")[1]
it.each<[readonly number[], readonly number[]]>([
  [
    [0.01, 0.02, 0.03, 0.04],
    [0.04, 0.06, 0.06, 0.06],
  ],
  [
    [0.5, 0.001, 0.04, 0.04, 0.9],
    [1, 0.005, 0.16, 0.16, 1],
  ],
  [[0.03], [0.03]],
  [[], []],
])("counts %j as statsmodels does", (pValues, expected) => {
  const adjusted = holm(pValues);
  expect(adjusted).toHaveLength(expected.length);
  for (const [i, value] of adjusted.entries()) expect(value).toBeCloseTo(expected[i]!, 12); // products of few factors
});
