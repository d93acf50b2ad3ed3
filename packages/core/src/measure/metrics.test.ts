import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { classificationMetrics } from "./metrics.js";

interface Case {
  readonly name: string;
  readonly labels: readonly number[];
  readonly probabilities: readonly (readonly number[])[];
  readonly expected: Record<"accuracy" | "balancedAccuracy" | "logLoss" | "macroF1", number> &
    Record<"precision" | "recall" | "f1" | "support", readonly number[]> & {
      readonly confusionMatrix: readonly (readonly number[])[];
      readonly top5Accuracy?: number;
    };
}

const path = repositoryFolder("fixtures", "metrics", "metrics.json");
const { cases }: { readonly cases: readonly Case[] } = JSON.parse(readFileSync(path, "utf8"));
const metricsOf = ({ labels, probabilities }: Pick<Case, "labels" | "probabilities">) =>
  classificationMetrics(
    labels,
    Float32Array.from(probabilities.flat()),
    probabilities[0]!.map((_, k) => `class ${k}`),
  );

describe("classification metrics", () => {
  it.each(cases.map((each) => [each.name, each] as const))("agree with scikit-learn: %s", (_, each) => {
    const [metrics, { expected }] = [metricsOf(each), each];
    expect(metrics.confusionMatrix).toEqual(expected.confusionMatrix);
    // Ratios of small integers, in float64 on both sides.
    for (const key of ["accuracy", "balancedAccuracy", "macroF1"] as const)
      expect(metrics[key]).toBeCloseTo(expected[key], 14);
    for (const key of ["precision", "recall", "f1", "support"] as const) {
      metrics.perClass.forEach((ofClass, k) => {
        expect(ofClass[key]).toBeCloseTo(expected[key][k]!, 14);
      });
    }
    expect(metrics.top5Accuracy).toBe(expected.top5Accuracy);
    // scikit-learn takes logarithms in float32, we in float64.
    expect(Math.abs(metrics.logLoss - expected.logLoss)).toBeLessThan(1e-6 * Math.max(1, expected.logLoss));
  });

  it("take the first of equally probable classes", () => {
    expect(metricsOf({ labels: [1], probabilities: [[0.2, 0.4, 0.4]] }).accuracy).toBe(1);
    expect(metricsOf({ labels: [2], probabilities: [[0.2, 0.4, 0.4]] }).accuracy).toBe(0);
    const uniform = [0, 1, 2, 3, 4, 5, 6].map(() => 1 / 7);
    expect(metricsOf({ labels: [4, 5], probabilities: [uniform, uniform] }).top5Accuracy).toBe(0.5);
  });

  it("refuse what cannot be measured, and say what to do", () => {
    const names = ["a", "b"];
    expect(() => classificationMetrics([], new Float32Array(0), names)).toThrow("metrics: no images");
    expect(() => classificationMetrics([0], new Float32Array(3), names)).toThrow("expected 1 × 2 probabilities, got 3");
    expect(() => classificationMetrics([2], new Float32Array(2), names)).toThrow("expected labels 0 … 1, got 2");
    expect(() => classificationMetrics([0, 1], Float32Array.of(1, 0, NaN, 0), names)).toThrow(
      "image 1 has the probability NaN; if training diverged, lower the learning rate",
    );
  });
});
