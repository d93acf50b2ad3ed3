import { describe, expect, it } from "vitest";
import { alignColumns, printable, textWidth } from "./text-table.js";

describe("alignColumns", () => {
  it("pads to the widest cell, numbers at the right, nothing behind the last", () => {
    expect(
      alignColumns(
        [
          ["a", "1"],
          ["long", "10"],
        ],
        [1],
      ),
    ).toEqual(["a      1", "long  10"]);
    expect(
      alignColumns([
        ["a", "b"],
        ["long", ""],
      ]),
    ).toEqual(["a     b", "long"]);
  });

  it("gives East Asian characters the two columns that a terminal does, and marks none", () => {
    expect(textWidth("灰色")).toBe(4);
    expect(textWidth("e\u0301")).toBe(1);
    expect(
      alignColumns([
        ["灰", "x"],
        ["abc", "x"],
      ]),
    ).toEqual(["灰   x", "abc  x"]);
  });

  it("takes more rows than a call takes arguments", () => {
    expect(alignColumns(Array.from({ length: 200_000 }, () => ["a"]))).toHaveLength(200_000);
  });
});

it("shows no character that could steer a terminal or turn the direction of writing", () => {
  expect(printable("a\u001b[31mb\u202ec\u200bd\u2028é灰")).toBe("a?[31mb?c?d?é灰");
});
