import { classificationMetrics, parseThresholdGoal, SeededRandom, type SplitSide, sharpen } from "@grayling/core";
import { afterAll, describe, expect, it } from "vitest";
import { openRuntime } from "../../runtime/open-runtime.js";
import type { Evaluated } from "../evaluate-head.js";
import { type JudgedTraining, judge } from "./judge.js";

const classes = ["crack", "fine"];
const columns = 16;
const runtime = openRuntime({ device: "cpu", onFallback: () => {} });
afterAll(() => runtime.close());

/** Probabilities of which three in four are right, all as sure of themselves as a head with logits times `sharpness`. */
function said(labels: readonly number[], seed: number, sharpness: number): Evaluated {
  const random = new SeededRandom(seed);
  const honest = Float32Array.from(
    labels.flatMap((label) => {
      const p = random.next() < 0.75 ? 0.75 : 0.25;
      return label === 0 ? [p, 1 - p] : [1 - p, p];
    }),
  );
  const probabilities = sharpen(honest, 2, sharpness);
  return { probabilities, metrics: classificationMetrics(labels, probabilities, classes) };
}

/** 300 images to train on, 200 that validate, 100 for the test, whose features lie around one direction. */
function training(change: Partial<JudgedTraining> = {}): JudgedTraining {
  const sides: SplitSide[] = Array.from({ length: 600 }, (_, i) => (i < 300 ? "train" : i < 500 ? "val" : "test"));
  const labels = sides.map((_, i) => i % 2);
  const random = new SeededRandom(7);
  const values = Float32Array.from({ length: 600 * columns }, (_, i) => (i % columns === 0 ? 4 : 0) + random.normal());
  const labelsOf = (side: SplitSide) => labels.filter((_, i) => sides[i] === side);
  return {
    ...{ runtime, classes, seed: 0, goals: [], coverage: 0.9, sides, table: { values, columns, labels } },
    validation: said(labelsOf("val"), 1, 3),
    test: said(labelsOf("test"), 2, 3),
    ...{ folds: undefined, isTuned: false, onWarning: () => {} },
    ...change,
  };
}

describe("judging a training", () => {
  it("finds the temperature that a head was too sure by, and measures it on images that did not fit it", async () => {
    const { calibration, validation } = await judge(training());
    expect(calibration!.temperature).toBeGreaterThan(2.2); // 3, but for what 200 images tell and the prior
    expect(calibration!.temperature).toBeLessThan(3.8);
    const { before, after } = calibration!.test!;
    expect(before.expectedCalibrationError).toBeGreaterThan(0.15); // 0.96 sure, right in 0.75
    expect(after.expectedCalibrationError).toBeLessThan(0.1);
    expect(after.logLoss).toBeLessThan(before.logLoss);
    expect(validation!.metrics.accuracy).toBe(training().validation!.metrics.accuracy);
  });

  it("takes nothing from the test", async () => {
    const usual = await judge(training());
    const test = said(new Array<number>(100).fill(0), 9, 0.1);
    const other = await judge(training({ test }));
    expect(other.calibration!.temperature).toBe(usual.calibration!.temperature);
    expect(other.sets!.thresholds).toEqual(usual.sets!.thresholds);
    expect(other.novelty!.threshold).toBe(usual.novelty!.threshold);
  });

  it("covers the true class as often as was promised", async () => {
    const { sets } = await judge(training({ coverage: 0.6 }));
    expect(sets!.alpha).toBeCloseTo(0.4, 12);
    for (const part of sets!.seen.perClass) expect(part).toBeGreaterThanOrEqual(0.6);
    expect(sets!.test!.images).toBe(100);
  });

  it("calls an image unknown that is unlike all that trained, and hardly one that is not", async () => {
    const usual = training();
    const values = usual.table.values.slice();
    for (let i = 599 * columns; i < 600 * columns; i++) values[i] = -values[i]!; // the last one points the other way
    const { novelty } = await judge({ ...usual, table: { ...usual.table, values } });
    expect(novelty!.bank.shape).toEqual([300, columns]);
    expect(novelty!.novelty[599]).toBeGreaterThan(2);
    const [training_, validating, testing] = [
      novelty!.novelty.slice(0, 300),
      novelty!.novelty.slice(300, 500),
      novelty!.novelty.slice(500, 599),
    ];
    expect(training_.every(Number.isNaN)).toBe(true);
    expect(validating.filter((value) => value > 1).length).toBeLessThanOrEqual(2); // 1 % of 200
    expect(testing.filter((value) => value > 1).length).toBeLessThanOrEqual(4);
  });

  it("keeps to 1 in 100 though few validate, by images that train and each other; not where the network knows them", async () => {
    const usual = training();
    const sides: SplitSide[] = usual.sides.map((_, i) => (i < 290 ? "train" : i < 300 ? "val" : "test"));
    const labelsOf = (side: SplitSide) => usual.table.labels.filter((_, i) => sides[i] === side);
    const few = { ...usual, sides, validation: said(labelsOf("val"), 1, 3), test: said(labelsOf("test"), 2, 3) };
    const refused = ({ novelty }: { readonly novelty: Float32Array }) =>
      novelty.slice(300).filter((value) => value > 1).length;
    const frozen = (await judge(few)).novelty!;
    expect(frozen.rate).toBe(0.01);
    expect(refused(frozen)).toBeLessThanOrEqual(12); // of 300; 3 are expected, more than 12 in 1 of 300 trainings
    const tuned = (await judge({ ...few, isTuned: true })).novelty!;
    expect(tuned.rate).toBeCloseTo(1 / 11, 12);
    expect(tuned.threshold).toBeLessThan(frozen.threshold); // the largest of ten
    expect(refused(tuned)).toBeGreaterThan(refused(frozen));
  });

  it("compares the images of a fold with those of the other folds", async () => {
    const usual = training();
    const developing = usual.table.labels.slice(0, 500);
    const foldOf = developing.map((_, i) => i % 5);
    const folds = [0, 1, 2, 3, 4].map((fold) =>
      said(
        developing.filter((_, i) => foldOf[i] === fold),
        fold,
        2,
      ),
    );
    const probabilities = new Float32Array(1000);
    for (const [i, fold] of foldOf.entries()) {
      probabilities.set(folds[fold]!.probabilities.subarray(2 * Math.floor(i / 5), 2 * Math.floor(i / 5) + 2), 2 * i);
    }
    const sides = usual.sides.map((side) => (side === "test" ? side : "train"));
    const results = { foldOf, folds, probabilities, heads: [] };
    const judged = await judge({ ...usual, sides, validation: undefined, folds: results });
    expect(judged.measured.eachFold).toHaveLength(5);
    expect(judged.measured.folds!.metrics.accuracy).toBeCloseTo(0.75, 1);
    expect(judged.calibration!.images).toBe(500);
    const held = judged.novelty!.novelty.slice(0, 500);
    expect(held.every((value) => value > 0)).toBe(true); // none was compared with itself
    expect(held.filter((value) => value > 1).length).toBeLessThanOrEqual(5);
    expect(judged.folds!.probabilities).toEqual(sharpen(probabilities, 2, 1 / judged.calibration!.temperature));
  });

  it("warns of a precision that no threshold reaches, and goes on", async () => {
    const warnings: string[] = [];
    const goals = ["precision:0.99:crack", "recall:0.5:fine"].map(parseThresholdGoal);
    const { thresholds } = await judge(training({ goals, onWarning: (message) => warnings.push(message) }));
    expect(thresholds.map(({ className }) => className)).toEqual(["fine"]);
    expect(warnings).toEqual([
      expect.stringMatching(/^threshold precision:0.99:crack: no threshold .* has no threshold$/),
    ]);
  });

  it("says nothing where no image was held out", async () => {
    const judged = await judge(
      training({ validation: undefined, test: undefined, sides: new Array(600).fill("train") }),
    );
    expect(judged).toMatchObject({ calibration: undefined, sets: undefined, novelty: undefined, thresholds: [] });
  });
});
