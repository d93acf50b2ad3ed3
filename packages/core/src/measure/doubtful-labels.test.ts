import { describe, expect, it } from "vitest";
import { readMeasuredFixture } from "../testing/measured-fixture.js";
import { findDoubtfulLabels } from "./doubtful-labels.js";
import { mcnemar } from "./mcnemar.js";

const { cases, mcnemar: tests } = readMeasuredFixture();

describe("doubtful labels", () => {
  it.each(cases)(
    "are those that cleanlab finds, of $classes classes",
    ({ noisy, probabilities, classes, doubtful }) => {
      const found = findDoubtfulLabels(noisy, Float32Array.from(probabilities.flat()), classes);
      expect(found.map(({ image }) => image).sort((a, b) => a - b)).toEqual(doubtful);
    },
  );

  it("come with the most doubtful first, and find most of the labels that were made wrong", () => {
    const { noisy, labels, probabilities, classes } = cases[1]!;
    const found = findDoubtfulLabels(noisy, Float32Array.from(probabilities.flat()), classes);
    const margins = found.map(({ ofLabel, ofSuggested }) => ofSuggested - ofLabel);
    expect(margins).toEqual([...margins].sort((a, b) => b - a));
    const wrong = labels.flatMap((label, i) => (label === noisy[i] ? [] : [i]));
    const hits = wrong.filter((image) => found.some((one) => one.image === image));
    expect(hits.length / wrong.length).toBeGreaterThan(0.8);
  });

  it("suggest no class that has no images", () => {
    const found = findDoubtfulLabels([0, 1], Float32Array.of(0.1, 0.1, 0.8, 0.1, 0.5, 0.4), 3);
    expect(found.every(({ suggested }) => suggested !== 2)).toBe(true);
  });
});

describe("McNemar's test", () => {
  it.each(tests)("is the exact binomial one: $onlyFirst against $onlySecond", ({ onlyFirst, onlySecond, pValue }) => {
    const first = [
      ...new Array<boolean>(onlyFirst).fill(true),
      ...new Array<boolean>(onlySecond).fill(false),
      true,
      false,
    ];
    const second = first.map((isRight, i) => (i < onlyFirst + onlySecond ? !isRight : isRight));
    const tested = mcnemar(first, second);
    expect(tested).toMatchObject({ onlyFirst, onlySecond });
    expect(Math.abs(tested.pValue / pValue - 1)).toBeLessThan(1e-9); // sums of exponentials of logarithms
  });
});
