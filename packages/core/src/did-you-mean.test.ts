import { describe, expect, it } from "vitest";
import { didYouMean, nearestWords } from "./did-you-mean.js";

describe("the words nearest to a mistyped one", () => {
  it.each([
    ["blok6", ["block7", "block6", "top"], "block6"],
    ["Blocked", ["auto", "portable", "blocked"], "blocked"],
    ["acc", ["loss", "accuracy"], "accuracy"], // its begin
    ["heda", ["head", "top"], "head"], // two edits: this distance knows no exchange
    ["kitten", ["mitten", "sitting"], "mitten"],
  ])("for %j of %j is %j", (word, candidates, nearest) => {
    expect(didYouMean(word, candidates)).toBe(` (did you mean "${nearest}"?)`);
  });

  it("is none where all are far, or there are none", () => {
    expect(didYouMean("quality", ["loss", "accuracy"])).toBe("");
    expect(didYouMean("a", [])).toBe("");
  });

  it("come in the order of edits", () => {
    expect(nearestWords("blok6", ["top_conv", "block5a_bn", "block6a_bn", "block6"])).toEqual([
      "block6",
      "block6a_bn",
      "block5a_bn",
      "top_conv",
    ]);
  });
});
