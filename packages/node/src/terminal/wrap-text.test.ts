import { describe, expect, it } from "vitest";
import { wrapText } from "./wrap-text.js";

describe("wrapText", () => {
  it("breaks at blanks, within the width", () => {
    expect(wrapText("one two three four", 9)).toEqual(["one two", "three", "four"]);
  });

  it("indents, the first line in its own way", () => {
    expect(wrapText("one two three", 10, "  ", "• ")).toEqual(["• one two", "  three"]);
  });

  it("does not break at a no-break space, and makes it a plain one", () => {
    expect(wrapText("shape (1,\u00a03) fits", 11)).toEqual(["shape", "(1, 3) fits"]);
  });

  it("leaves a word alone that is too long", () => {
    expect(wrapText("a incomprehensible b", 6)).toEqual(["a", "incomprehensible", "b"]);
  });
});
