import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../seeded-random.js";
import { repositoryFolder } from "../../testing/repository-folder.js";
import { denseProducts } from "./dense-products.js";
import { fitLogisticRegression, type HeadProgress, type LogisticRegressionOptions } from "./logistic-regression.js";
import { choosePenalty, type PenaltyScore } from "./penalty-search.js";
import { evaluateTogether, pointLength, softmaxProblem } from "./softmax-objective.js";
import { solveSoftmax } from "./solve-softmax.js";

interface Fixture {
  readonly rows: number;
  readonly columns: number;
  readonly classes: number;
  readonly features: readonly number[];
  readonly labels: readonly number[];
  readonly heads: readonly {
    readonly name: string;
    readonly C: number;
    readonly classWeights: "balanced" | readonly number[] | null;
    readonly kernel: readonly (readonly number[])[];
    readonly bias: readonly number[];
    readonly probabilitiesFirst10: readonly (readonly number[])[];
  }[];
  readonly crossValidation: readonly PenaltyScore[];
}

const { rows, columns, classes, labels, heads, crossValidation, ...recorded }: Fixture = JSON.parse(
  readFileSync(repositoryFolder("fixtures", "logistic", "logistic.json"), "utf8"),
);
const features = Float32Array.from(recorded.features);
const products = denseProducts(features, rows, columns);
const fit = (options: Partial<LogisticRegressionOptions> = {}) =>
  fitLogisticRegression(products, labels, classes, { seed: 0, ...options });

function probabilitiesOf({ kernel, bias }: { kernel: Float32Array; bias: Float32Array }, row: number): number[] {
  const logits = Array.from(bias, (b, k) =>
    Array.from({ length: columns }).reduce<number>(
      (sum, _, j) => sum + features[row * columns + j]! * kernel[j * classes + k]!,
      b,
    ),
  );
  const exponentials = logits.map((z) => Math.exp(z - Math.max(...logits)));
  return exponentials.map((e) => e / exponentials.reduce((a, b) => a + b, 0));
}

describe("logistic regression", () => {
  it.each(heads.map((head) => [head.name, head] as const))("finds scikit-learn's head: %s", async (_, expected) => {
    const { C, classWeights } = expected;
    const head = await fit({ candidates: [C], tolerance: 1e-8, ...(classWeights ? { classWeights } : {}) });
    expect(head).toMatchObject({ C, crossValidation: [] });
    expect(head.gradientNorm).toBeLessThan(1e-7);
    // The products are rounded to float32 (6e-8); at C = 100 the objective is so flat that this moves weights by
    // some 1e-5.
    const largest = Math.max(...expected.kernel.flat().map(Math.abs));
    expected.kernel.flat().forEach((weight, i) => {
      expect(Math.abs(head.kernel[i]! - weight)).toBeLessThan(1e-4 * largest);
    });
    expected.probabilitiesFirst10.forEach((probabilities, row) => {
      probabilitiesOf(head, row).forEach((p, k) => {
        expect(Math.abs(p - probabilities[k]!)).toBeLessThan(2e-5);
      });
    });
  });

  it("leaves a constant column out", async () => {
    const { kernel } = await fit({ candidates: [1] });
    for (let k = 0; k < classes; k++) expect(Math.abs(kernel[5 * classes + k]!)).toBeLessThan(1e-6);
  });

  it("chooses C by cross-validation and reaches the default tolerance", async () => {
    const head = await fit();
    expect(head.crossValidation.map(({ C }) => C)).toEqual([0.01, 0.1, 1, 10, 100]);
    const best = Math.max(...head.crossValidation.map(({ accuracy }) => accuracy));
    expect(head.crossValidation.find(({ C }) => C === head.C)?.accuracy).toBe(best);
    expect(head.gradientNorm).toBeLessThanOrEqual(1e-6);
  });

  it("gives the same bytes each time", async () => {
    const [a, b] = [await fit({ classWeights: "balanced" }), await fit({ classWeights: "balanced" })];
    expect(a).toEqual(b);
  });

  it("finds the same optimum from cross-validation's start as from 0", async () => {
    const chosen = await fit({ tolerance: 1e-8 });
    const direct = await fit({ candidates: [chosen.C], tolerance: 1e-8 });
    chosen.kernel.forEach((weight, i) => {
      expect(Math.abs(weight - direct.kernel[i]!)).toBeLessThan(1e-4);
    });
  });

  it("reports both phases", async () => {
    const reports: HeadProgress[] = [];
    await fit({ onProgress: (progress) => reports.push(progress) });
    expect(reports[0]).toMatchObject({ phase: "cross-validation", iteration: 1 });
    // At the start, with weights 0, every class is equally probable.
    expect(reports[0]?.loss).toBeCloseTo(Math.log(classes), 12);
    expect(reports.findLast(({ phase }) => phase === "cross-validation")?.loss).toBeLessThan(Math.log(classes));
    expect(reports.find(({ phase }) => phase === "fit")?.iteration).toBe(1);
  });
});

describe("the choice of C", () => {
  it("scores every candidate as scikit-learn does on the same folds", async () => {
    const { C, scores } = await choosePenalty(
      { products, labels, classes },
      {
        candidates: crossValidation.map((score) => score.C),
        foldOf: labels.map((_, i) => i % 3),
        sampleWeights: new Float64Array(rows).fill(1),
      },
    );
    // 0.1 and 1 are equally accurate; 1 has the lower loss.
    expect(C).toBe(1);
    scores.forEach((score, i) => {
      const expected = crossValidation[i]!;
      // Cross-validation stops at a gradient of 1e-4: up to two images of 200 tip, and the flattest loss (C = 100)
      // is 2 % off.
      expect(Math.abs(score.accuracy - expected.accuracy)).toBeLessThan(0.0101);
      expect(Math.abs(score.logLoss - expected.logLoss)).toBeLessThan(0.03 * expected.logLoss);
    });
  });

  it("prefers the smaller C of two that score alike", async () => {
    const alone = denseProducts(Float32Array.of(1, 1, 1, 1, 1, 1), 6, 1);
    const head = await fitLogisticRegression(alone, [0, 1, 0, 1, 0, 1], 2, { seed: 0, candidates: [10, 1] });
    expect(head.C).toBe(1);
  });

  it("divides by the smallest class: two folds for two images, C = 1 for a single one", async () => {
    const few = (counts: readonly number[]) => {
      const fewLabels = counts.flatMap((count, k) => new Array<number>(count).fill(k));
      const random = new SeededRandom(1);
      const x = Float32Array.from(fewLabels, (label) => label + 0.1 * random.normal());
      return fitLogisticRegression(denseProducts(x, fewLabels.length, 1), fewLabels, counts.length, { seed: 0 });
    };
    expect((await few([5, 2, 4])).crossValidation).toHaveLength(5);
    expect(await few([5, 1, 4])).toMatchObject({ C: 1, crossValidation: [] });
    expect((await few([5, 0, 4])).kernel).toHaveLength(3);
  });
});

describe("wrong input to the head", () => {
  it.each([
    ["a missing label", labels.slice(1), {}, "expected a label per image, 200, got 199"],
    ["a stray label", labels.map(() => 4), {}, "expected labels 0 … 3, got 4"],
    ["a single class", labels.map(() => 2), {}, "expected images of at least two classes, got 1"],
    ["a negative C", labels, { candidates: [1, -1] }, "expected candidates for C above 0, got -1"],
    ["no C", labels, { candidates: [] }, "expected candidates for C above 0, got none"],
    ["too few class weights", labels, { classWeights: [1, 1] }, "expected a weight for each of 4 classes, got 2"],
    [
      "a class weight that is no number",
      labels,
      { classWeights: [1, 1, NaN, 1] },
      "expected class weights above 0, got NaN",
    ],
  ])("is refused: %s", async (_, wrongLabels, options, message) => {
    await expect(fitLogisticRegression(products, wrongLabels, classes, { seed: 0, ...options })).rejects.toThrow(
      message,
    );
  });
});

describe("the softmax objective", () => {
  const data = { products, labels, classes };
  const random = new SeededRandom(2);
  const problems = [3, 0.1].map((C, p) =>
    softmaxProblem(
      Float64Array.from(labels, (_, i) => (i % 3 === p ? 0 : 1 + (i % 2))),
      C,
    ),
  );
  const points = problems.map(() => Float64Array.from({ length: pointLength(data) }, () => 0.3 * random.normal()));

  it("has the gradient that differences of its values show", async () => {
    const [, second] = await evaluateTogether(data, problems, points);
    const h = 2 ** -6;
    for (const at of [0, 17, 40, columns * classes, columns * classes + 3]) {
      const value = async (offset: number) => {
        const moved = points[1]!.with(at, points[1]![at]! + offset);
        return (await evaluateTogether(data, [problems[1]!], [moved]))[0]!.value;
      };
      const slope =
        ((await value(-2 * h)) - 8 * (await value(-h)) + 8 * (await value(h)) - (await value(2 * h))) / (12 * h);
      // The formula's error is below h⁴ = 6e-8; float32 logits blur values by 1e-8, slopes by 1e-8 / h = 6e-7.
      expect(Math.abs(slope - second!.gradient[at]!)).toBeLessThan(3e-6);
    }
  });

  it("is minimized alike whether memory allows all problems at once or one", async () => {
    const limits = { tolerance: 1e-3, maximumIterations: 100 };
    const starts = points.map(() => new Float64Array(pointLength(data)));
    const rounds = { together: 0, apart: 0 };
    const together = await solveSoftmax(data, problems, starts, {
      ...limits,
      onRound: (round) => {
        rounds.together = round;
      },
    });
    const apart = await solveSoftmax(data, problems, starts, {
      ...limits,
      memoryBytes: 1,
      onRound: (round) => {
        rounds.apart = round;
      },
    });
    expect(apart).toEqual(together);
    expect(rounds.apart).toBeGreaterThan(rounds.together);
  });

  it("answers for many problems what it answers for each", async () => {
    const together = await evaluateTogether(data, problems, points);
    const first = await evaluateTogether(data, problems.slice(0, 1), points.slice(0, 1));
    expect(together[0]).toEqual(first[0]);
  });
});
