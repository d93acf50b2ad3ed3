import { describe, expect, it } from "vitest";
import { chooseThreshold, decideClass, parseThresholdGoal } from "./class-thresholds.js";

const names = ["crack", "fine"];
const labels = [0, 1, 0, 0, 1, 0];
/** Of a crack, by image: cracks at 0.9, 0.7, 0.4, 0.2, others at 0.8, 0.3. */
const probabilities = Float32Array.of(0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8);

describe("thresholds of a class", () => {
  it("call as few as find enough", () => {
    const chosen = chooseThreshold(parseThresholdGoal("recall:0.75:crack"), labels, probabilities, names);
    expect(chosen).toMatchObject({ threshold: expect.closeTo(0.35, 7), recall: 0.75, precision: 0.75 }); // 0.4 is called, 0.3 is not
  });

  it("call as many as are right often enough", () => {
    const chosen = chooseThreshold(parseThresholdGoal("precision:0.7:crack"), labels, probabilities, names);
    expect(chosen).toMatchObject({ threshold: expect.closeTo(0.35, 7), recall: 0.75, precision: 0.75 }); // 0.4 is called, 0.3 is not
  });

  it("leave room where classes are far apart", () => {
    const apart = Float32Array.of(0.999, 0.001, 1, 0, 0.001, 0.999, 0, 1);
    for (const text of ["recall:1:crack", "precision:1:crack"]) {
      const { threshold } = chooseThreshold(parseThresholdGoal(text), [0, 0, 1, 1], apart, names);
      expect(threshold).toBeCloseTo(0.5, 6);
    }
  });

  it.each([
    ["recall:0.95", "expected recall:<0-1>:<class>"],
    ["recall:95:crack", "expected recall:<0-1>:<class>"],
    ["recall::crack", "expected recall:<0-1>:<class>"],
    ["f1:0.9:crack", "expected recall:<0-1>:<class>"],
    ["recall:0.9:krack", "no such class, expected one of crack, fine"],
  ])("refuse %s", (text, message) => {
    expect(() => chooseThreshold(parseThresholdGoal(text), labels, probabilities, names)).toThrow(message);
  });

  it("refuse a class that no image validates, and a precision that none reaches", () => {
    const goal = parseThresholdGoal("recall:0.9:crack");
    expect(() => chooseThreshold(goal, [1], Float32Array.of(0.5, 0.5), names)).toThrow("none of the images");
    const lone = Float32Array.of(0.9, 0.1, 0.8, 0.2);
    expect(() => chooseThreshold(parseThresholdGoal("precision:0.9:crack"), [1, 0], lone, names)).toThrow(
      "at best 0.500",
    );
  });

  it("keep colons of a class' name", () => {
    expect(parseThresholdGoal("recall:0.9:a:b").className).toBe("a:b");
  });
});

describe("the class that is called", () => {
  const decide = (probabilities: readonly number[], thresholds: readonly (number | undefined)[]) =>
    decideClass(Float32Array.from(probabilities), thresholds);

  it("is the likeliest where no class has a threshold", () => {
    expect(decide([0.2, 0.5, 0.3], [undefined, undefined, undefined])).toBe(1);
  });

  it("is one that reaches its threshold, though another is likelier, and none that does not", () => {
    expect(decide([0.2, 0.5, 0.3], [0.15, undefined, undefined])).toBe(0);
    expect(decide([0.6, 0.3, 0.1], [0.7, undefined, undefined])).toBe(1);
  });

  it("is of several the one that exceeds its threshold the furthest; the likeliest where all fail", () => {
    expect(decide([0.2, 0.5, 0.3], [0.1, 0.4, undefined])).toBe(0);
    expect(decide([0.2, 0.5, 0.3], [0.9, 0.9, 0.9])).toBe(1);
  });
});
