import { expect, it } from "vitest";
import { chooseKept, whatWentWrong } from "./choose-kept.js";

const of = (accuracy: number, logLoss: number) => ({ accuracy, logLoss });

it.each([
  ["more accurate", of(0.95, 0.9), "accuracy", "network"],
  ["less accurate, however sure", of(0.85, 0.1), "accuracy", "head"],
  ["as accurate and surer", of(0.9, 0.3), "accuracy", "network"],
  ["as accurate and no surer", of(0.9, 0.4), "accuracy", "head"],
  ["of a lower loss, where that is watched", of(0.85, 0.3), "loss", "network"],
  ["of a higher loss, where that is watched", of(0.95, 0.5), "loss", "head"],
  ["of no loss at all", of(0.9, Number.NaN), "loss", "head"],
] as const)("keeps what is better by what is watched: a network %s", (_, network, watched, kept) => {
  expect(chooseKept(of(0.9, 0.4), network, watched)).toBe(kept);
});

const labels = [0, 0, 1, 1];
const evaluated = (right: readonly number[]) => {
  const probabilities = Float32Array.from(right.flatMap((p, i) => (labels[i] === 0 ? [p, 1 - p] : [1 - p, p])));
  const accuracy = right.filter((p) => p > 0.5).length / right.length;
  return { probabilities, metrics: { accuracy } as Parameters<typeof whatWentWrong>[0]["metrics"] };
};
const images = { labels, classes: 2, labelSmoothing: 0.1 };

it("finds a training wrong that is worse on its own images, in accuracy and in the loss that it learned by", () => {
  const head = evaluated([0.9, 0.8, 0.7, 0.9]);
  expect(whatWentWrong(head, evaluated([0.9, 0.9, 0.9, 0.9]), images)).toBeUndefined();
  // One less, at a lower loss.
  expect(whatWentWrong(evaluated([0.6, 0.6, 0.6, 0.6]), evaluated([0.9, 0.45, 0.9, 0.95]), images)).toBeUndefined();
  expect(whatWentWrong(head, evaluated([0.1, 0.9, 0.2, 0.6]), images)).toMatch(
    /^on the images that train it has a loss of 1\.\d{3} and is right in 50\.0 %, the head alone 0\.\d{3} and 100\.0 %$/,
  );
  expect(whatWentWrong(head, evaluated([Number.NaN, Number.NaN, 0.1, 0.1]), images)).toContain("loss of NaN");
});

it("measures the loss with the targets that were learned: whoever is never wrong but too sure does no better", () => {
  const sure = evaluated([1, 1, 1, 1]);
  const learned = evaluated([0.95, 0.95, 0.95, 0.45]); // nearly the smoothed targets
  expect(whatWentWrong(sure, learned, images)).toBeUndefined();
  expect(whatWentWrong(sure, learned, { ...images, labelSmoothing: 0 })).toBeDefined();
});
