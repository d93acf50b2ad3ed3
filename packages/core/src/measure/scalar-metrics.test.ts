import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../seeded-random.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { bootstrapIntervals } from "./bootstrap-intervals.js";
import { type JudgedImages, judgeImages } from "./judged-images.js";
import { classificationMetrics } from "./metrics.js";
import { curvePoints, rankScores } from "./rank-curves.js";
import { reliability } from "./reliability.js";
import { type ScalarMetrics, scalarMetrics } from "./scalar-metrics.js";

interface Case {
  readonly name: string;
  readonly labels: readonly number[];
  readonly probabilities: readonly (readonly number[])[];
  readonly expected: { readonly [K in keyof ScalarMetrics]: number } & {
    readonly curveClass: number;
    readonly rocCurve: readonly [readonly number[], readonly number[]];
    readonly precisionRecallCurve: readonly [readonly number[], readonly number[]];
  };
}

const path = repositoryFolder("fixtures", "metrics", "metrics.json");
const { cases }: { readonly cases: readonly Case[] } = JSON.parse(readFileSync(path, "utf8"));
const judge = ({ labels, probabilities }: Pick<Case, "labels" | "probabilities">) =>
  judgeImages(labels, Float32Array.from(probabilities.flat()), probabilities[0]!.length);

/** n images of two classes, of which those that `isRight` are predicted rightly with 0.9. */
function twoClasses(n: number, isRight: (image: number) => boolean): JudgedImages {
  const labels = Array.from({ length: n }, (_, i) => i % 2);
  const rows = labels.map((label, i) => (isRight(i) === (label === 1) ? [0.1, 0.9] : [0.9, 0.1]));
  return judge({ labels, probabilities: rows });
}

describe("scalar metrics", () => {
  it.each(cases.map((each) => [each.name, each] as const))("agree with scikit-learn: %s", (_, each) => {
    const metrics = scalarMetrics(judge(each));
    const exact = ["accuracy", "balancedAccuracy", "macroF1", "cohenKappa", "matthewsCorrelation", "rocAuc"] as const;
    for (const key of [...exact, "averagePrecision"] as const) expect(metrics[key]).toBeCloseTo(each.expected[key], 12);
    // scikit-learn computes these from float32 probabilities, partly in float32.
    for (const key of ["brierScore", "expectedCalibrationError"] as const)
      expect(metrics[key]).toBeCloseTo(each.expected[key], 6);
  });

  it("are those of the confusion matrix", () => {
    for (const each of cases) {
      const names = each.probabilities[0]!.map((_, k) => `class ${k}`);
      const light = classificationMetrics(each.labels, Float32Array.from(each.probabilities.flat()), names);
      const metrics = scalarMetrics(judge(each));
      for (const key of ["accuracy", "balancedAccuracy", "macroF1", "logLoss", "top5Accuracy"] as const)
        expect(metrics[key] ?? -1).toBeCloseTo(light[key] ?? -1, 14);
    }
  });

  it("count an image of weight 3 as three images", () => {
    const { labels, probabilities } = cases[2]!;
    const times = labels.map((_, i) => (i * 7) % 4);
    const repeated = labels.flatMap((label, i) => new Array<number>(times[i]!).fill(label));
    const rows = probabilities.flatMap((row, i) => new Array<readonly number[]>(times[i]!).fill(row));
    const weighted = scalarMetrics(judge(cases[2]!), Float64Array.from(times));
    const expected = scalarMetrics(judge({ labels: repeated, probabilities: rows }));
    for (const key of Object.keys(expected) as (keyof ScalarMetrics)[])
      expect(weighted[key]).toBeCloseTo(expected[key]!, 12);
  });

  it("are not defined for areas where no class has both its own and other images", () => {
    const { rocAuc, averagePrecision } = scalarMetrics(
      judge({
        labels: [0, 0],
        probabilities: [
          [0.9, 0.1],
          [0.2, 0.8],
        ],
      }),
    );
    expect([rocAuc, averagePrecision]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("curves", () => {
  it.each(cases.map((each) => [each.name, each] as const))("pass through scikit-learn's points: %s", (_, each) => {
    const { curveClass: k, rocCurve, precisionRecallCurve } = each.expected;
    const scores = Float32Array.from(each.probabilities, (row) => row[k]!);
    const isPositive = Uint8Array.from(each.labels, (label) => (label === k ? 1 : 0));
    const points = curvePoints(rankScores(scores, isPositive), scores);
    const last = points.at(-1)!;
    expect(points.map(({ falsePositives }) => falsePositives / last.falsePositives)).toEqual(rocCurve[0]);
    expect(points.map(({ truePositives }) => truePositives / last.truePositives)).toEqual(rocCurve[1]);
    // scikit-learn lists them from the laxest threshold on, ends with the point (1, 0), and stops at full recall.
    const [precision, recall] = precisionRecallCurve;
    const own = points
      .slice(1)
      .map(({ truePositives: tp, falsePositives: fp }) => [tp / (tp + fp), tp / last.truePositives]);
    for (const [i, theirs] of recall.slice(0, -1).entries()) {
      expect(own[recall.length - 2 - i]).toEqual([precision[i], theirs]);
    }
  });
});

describe("reliability", () => {
  it("puts confidences where (low, high] holds them, and adds up to all images", () => {
    const bins = reliability(Float64Array.of(0, 1 / 15, 0.5, 1), Uint8Array.of(1, 0, 1, 1));
    expect(bins.map(({ images }) => images)).toEqual([2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
    expect(bins[0]).toMatchObject({ low: 0, accuracy: 0.5 });
    expect(bins[0]!.confidence).toBeCloseTo(1 / 30, 14);
  });
});

describe("bootstrap intervals", () => {
  it("are those of the binomial distribution for an accuracy", () => {
    const { of, draws } = bootstrapIntervals(
      twoClasses(400, (i) => i % 5 !== 0),
      { seed: 1 },
    );
    expect(draws).toBe(1000);
    // 320 of 400: the middle 95 % of Binomial(400, 0.8) are 304 … 335; 1,000 draws leave about two images of doubt.
    expect(of.accuracy[0]).toBeCloseTo(304 / 400, 2);
    expect(of.accuracy[1]).toBeCloseTo(335 / 400, 2);
  });

  it("widen where images of a group are right or wrong together", () => {
    const judged = twoClasses(400, (i) => Math.floor(i / 20) % 5 !== 0); // 20 groups of 20, 4 of them wrong
    const groups = Array.from({ length: 400 }, (_, i) => `patient ${Math.floor(i / 20)}`);
    const [alone, grouped] = [bootstrapIntervals(judged, { seed: 1 }), bootstrapIntervals(judged, { seed: 1, groups })];
    const width = ([low, high]: readonly [number, number]) => high - low;
    // √20 = 4.5 times as wide: 20 images of a group tell what one does.
    expect(width(grouped.of.accuracy) / width(alone.of.accuracy)).toBeGreaterThan(3.5);
    expect(grouped.groups).toBe(20);
  });

  it("are those of Clopper and Pearson where all images are right or wrong, and unknown for what draws cannot tell", () => {
    const right = bootstrapIntervals(
      twoClasses(20, () => true),
      { seed: 1 },
    ).of;
    expect(right.accuracy[0]).toBeCloseTo(0.83157, 5); // scipy 1.17: binomtest(20, 20).proportion_ci(0.95, "exact")
    expect(right.accuracy[1]).toBe(1);
    for (const name of ["balancedAccuracy", "macroF1", "cohenKappa", "rocAuc"] as const) {
      expect(right[name]).toEqual([Number.NaN, Number.NaN]);
    }
    const wrong = bootstrapIntervals(
      twoClasses(20, () => false),
      { seed: 1 },
    ).of;
    expect(wrong.accuracy[0]).toBe(0);
    expect(wrong.accuracy[1]).toBeCloseTo(1 - 0.83157, 5);
    const groups = Array.from({ length: 20 }, (_, i) => `patient ${i % 4}`);
    const grouped = bootstrapIntervals(
      twoClasses(20, () => true),
      { seed: 1, groups },
    );
    expect(grouped.of.accuracy[0]).toBeCloseTo(0.39764, 5); // of 4 in place of 20
  });

  it("are the same with the same seed, and unknown of a single image", () => {
    const judged = judge(cases[0]!);
    expect(bootstrapIntervals(judged, { seed: 3 })).toEqual(bootstrapIntervals(judged, { seed: 3 }));
    expect(bootstrapIntervals(judged, { seed: 3 })).not.toEqual(bootstrapIntervals(judged, { seed: 4 }));
    const one = bootstrapIntervals(judge({ labels: [0], probabilities: [[0.9, 0.1]] }), { seed: 1 });
    expect(one.of.accuracy).toEqual([Number.NaN, Number.NaN]);
  });

  it("take fewer draws of very many images", () => {
    const random = new SeededRandom(1);
    const classes = 50;
    const labels = Array.from({ length: 4_000 }, () => random.integer(classes));
    const probabilities = Float32Array.from({ length: labels.length * classes }, () => random.next());
    expect(bootstrapIntervals(judgeImages(labels, probabilities, classes), { seed: 1 }).draws).toBe(500);
  });
});
