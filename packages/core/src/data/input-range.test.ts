import { describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import { checkInputRange, explainInputRange, seenTogether } from "./input-range.js";
import { parseSettledWindow } from "./window.js";

describe("the input range of a model", () => {
  it.each([
    ["floats 0–1 for 0–255", { samples: "float32", low: 0, high: 0.98 }, "0:255"],
    ["floats 0–1 for degrees", { samples: "float32", low: 0.1, high: 1 }, "-20.5:83.2"],
    ["bytes that are class numbers", { samples: "uint8", low: 0, high: 1 }, "full"],
    ["words that are class numbers", { samples: "uint16", low: 0, high: 1 }, "210:3980"],
  ] as const)("refuses %s with one line", (_what, seen, window) => {
    const reason = explainInputRange(seen, parseSettledWindow(window));
    expect(reason).toMatch(/^values .* they were divided, or are numbers of classes/);
    expect(reason).not.toContain("\n");
    expect(() => checkInputRange(seen, parseSettledWindow(window))).toThrow(InputError);
  });

  it.each([
    ["floats 0–1 where that is the range", { samples: "float32", low: 0, high: 1 }, "full"],
    ["floats 0–1 for a window within", { samples: "float32", low: 0, high: 1 }, "0.1:0.9"],
    ["floats that go beyond", { samples: "float32", low: 0, high: 1.2 }, "0:255"],
    ["floats below zero", { samples: "float32", low: -0.1, high: 0.9 }, "0:255"],
    ["black pictures", { samples: "uint8", low: 0, high: 0 }, "full"],
    ["dark pictures", { samples: "uint8", low: 0, high: 2 }, "full"],
    ["each picture's own range", { samples: "float32", low: 0, high: 1 }, "image"],
  ] as const)("takes %s", (_what, seen, window) => {
    expect(explainInputRange(seen, parseSettledWindow(window))).toBeUndefined();
  });

  it("is held against all pictures of a batch together", () => {
    const info = { samples: "float32", min: 0, max: 0.5 } as const;
    expect(seenTogether([info, { ...info, min: -2 }, { ...info, max: 9 }])).toEqual({
      samples: "float32",
      low: -2,
      high: 9,
    });
    expect(seenTogether([])).toBeUndefined();
  });
});
