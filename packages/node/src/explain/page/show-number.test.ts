import { expect, it } from "vitest";
import { showFixed, showNumber } from "./show-number.js";

it.each([
  [0, "0"],
  [143, "143"],
  [-2.1179, "−2.118"],
  [0.017124, "0.0171"],
  [1.9e-6, "1.9\u00a0×\u00a010⁻⁶"],
  [-3.25e12, "−3.3\u00a0×\u00a010¹²"],
  [123.675, "123.7"],
])("shows %d as %s", (value, text) => expect(showNumber(value)).toBe(text));

it("keeps decimals in columns, and has no negative zero", () => {
  expect([showFixed(-0.304, 2), showFixed(-0.0001, 2)]).toEqual(["−0.30", "0.00"]);
});
