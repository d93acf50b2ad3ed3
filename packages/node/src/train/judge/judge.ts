/** What a trained classifier can be trusted with: calibration, thresholds, sets, what is unknown, and which labels are doubtful. */
import {
  type ClassThreshold,
  type ConformalSets,
  chooseThreshold,
  fitConformalSets,
  InputError,
  judgeImages,
  type Measured,
  measureCoverage,
  measureImages,
  type Runtime,
  type ScalarMetrics,
  type SetCoverage,
  type SplitSide,
  scalarMetrics,
  type ThresholdGoal,
} from "@grayling/core";
import type { FeatureTable } from "../../features/feature-table.js";
import type { FoldResults } from "../cross-validate.js";
import type { Evaluated } from "../evaluate-head.js";
import { calibrate, calibrateFolds, type Sample, samplesOfFolds, temperatureOf } from "./calibrate.js";
import { familiarFolds } from "./familiar-folds.js";
import { fitNovelty, type NoveltyFit } from "./fit-novelty.js";

/** So many familiar images are called unknown, at most. */
const unknownRate = 0.01;

export interface JudgedTraining {
  readonly runtime: Runtime;
  readonly classes: readonly string[];
  readonly seed: number;
  readonly goals: readonly ThresholdGoal[];
  /** Told of a goal that no threshold keeps; hours of training are not thrown away for it. */
  readonly onWarning: (message: string) => void;
  /** Sets hold the true class of so many images of each class, at least. */
  readonly coverage: number;
  /** [images] */
  readonly sides: readonly SplitSide[];
  /** Of the network that is kept. */
  readonly table: FeatureTable;
  /** Whether layers of that network have trained. */
  readonly isTuned: boolean;
  readonly validation: Evaluated | undefined;
  readonly test: Evaluated | undefined;
  /** Of the images that are not tested. */
  readonly folds: FoldResults | undefined;
}

/** What a metric is before and after the temperature, on the images that it was fitted on. */
export type CalibrationMetrics = Pick<ScalarMetrics, "logLoss" | "brierScore" | "expectedCalibrationError">;

export interface Calibration {
  readonly temperature: number;
  readonly images: number;
  readonly before: CalibrationMetrics;
  readonly after: CalibrationMetrics;
  /** On images that the temperature has not seen either. */
  readonly test?: { readonly before: CalibrationMetrics; readonly after: CalibrationMetrics };
}

export interface Judgement {
  /** Calibrated. */
  readonly validation: Evaluated | undefined;
  readonly test: Evaluated | undefined;
  readonly folds: FoldResults | undefined;
  readonly measured: {
    readonly validation?: Measured;
    readonly test?: Measured;
    /** Of all images that were cross-validated, each by its own fold. */
    readonly folds?: Measured;
    readonly eachFold?: readonly ScalarMetrics[];
  };
  /** Absent where nothing was held out to fit it on; so are the others. */
  readonly calibration: Calibration | undefined;
  readonly thresholds: readonly ClassThreshold[];
  readonly sets: (ConformalSets & { readonly test?: SetCoverage; readonly seen: SetCoverage }) | undefined;
  readonly novelty: NoveltyFit | undefined;
}

/**
 * Fits everything on images that did not train: those that validate, or those that were cross-validated, each as its own fold gave it;
 * and measures it on those of the test.
 */
export async function judge(training: JudgedTraining): Promise<Judgement> {
  const { classes, sides, table, test, validation, folds, coverage } = training;
  const developing = labelsOf(table, (image) => sides[image] !== "test");
  const validating = labelsOf(table, (image) => sides[image] === "val");
  const testing = labelsOf(table, (image) => sides[image] === "test");
  const held = heldOut(folds, developing) ?? heldOut(validation, validating);
  const temperature = held ? temperatureOf(held, classes.length) : 1;
  const of = (labels: readonly number[], evaluated: Evaluated | undefined) =>
    evaluated && calibrate({ labels, evaluated }, classes, temperature);
  const calibrated = {
    validation: of(validating, validation),
    test: of(testing, test),
    folds: folds && calibrateFolds(folds, developing, classes, temperature),
  };
  const seen = calibrated.folds ?? calibrated.validation;
  const seenLabels = folds ? developing : validating;
  const measuring = (labels: readonly number[], before: Evaluated | FoldResults, after: Evaluated | FoldResults) => ({
    before: calibrationMetrics(labels, before.probabilities, classes.length),
    after: calibrationMetrics(labels, after.probabilities, classes.length),
  });
  const raw = folds ?? validation;
  const tested = test && calibrated.test && { test: measuring(testing, test, calibrated.test) };
  const fitted = { temperature, images: seenLabels.length };
  return {
    ...calibrated,
    measured: measureAll(training, calibrated),
    calibration: seen && raw && { ...fitted, ...measuring(seenLabels, raw, seen), ...tested },
    thresholds: seen ? thresholdsOf(training, seenLabels, seen.probabilities) : [],
    sets: seen && setsOf(seenLabels, seen.probabilities, classes.length, { coverage, testing, test: calibrated.test }),
    novelty: await noveltyOf(training),
  };
}

const labelsOf = ({ labels }: FeatureTable, isWanted: (image: number) => boolean) =>
  labels.filter((_, image) => isWanted(image));

/** What the temperature is fitted on; undefined for nothing. */
function heldOut(results: FoldResults | Evaluated | undefined, labels: readonly number[]): Sample[] | undefined {
  if (!results) return undefined;
  return "foldOf" in results ? samplesOfFolds(results, labels) : [{ labels, evaluated: results }];
}

function calibrationMetrics(
  labels: readonly number[],
  probabilities: Float32Array,
  classes: number,
): CalibrationMetrics {
  const { logLoss, brierScore, expectedCalibrationError } = scalarMetrics(judgeImages(labels, probabilities, classes));
  return { logLoss, brierScore, expectedCalibrationError };
}

/** Those that keep their goals; of the others it is told why. */
function thresholdsOf(
  { goals, classes, onWarning }: JudgedTraining,
  labels: readonly number[],
  probabilities: Float32Array,
): ClassThreshold[] {
  return goals.flatMap((goal) => {
    try {
      return [chooseThreshold(goal, labels, probabilities, classes)];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      onWarning(`${error.message}; the class has no threshold`);
      return [];
    }
  });
}

function setsOf(
  labels: readonly number[],
  probabilities: Float32Array,
  classes: number,
  {
    coverage,
    testing,
    test,
  }: { readonly coverage: number; readonly testing: readonly number[]; readonly test: Evaluated | undefined },
): NonNullable<Judgement["sets"]> {
  const sets = fitConformalSets(labels, probabilities, classes, 1 - coverage);
  const seen = measureCoverage(labels, probabilities, sets);
  return { ...sets, seen, ...(test && { test: measureCoverage(testing, test.probabilities, sets) }) };
}

/** Intervals draw groups whole where images of one are together. */
function measureAll(
  { table, sides, classes, seed }: JudgedTraining,
  { validation, test, folds }: Pick<Judgement, "validation" | "test" | "folds">,
): Judgement["measured"] {
  const { groups } = table;
  const measure = (results: { readonly probabilities: Float32Array }, isWanted: (image: number) => boolean) => {
    const own = groups?.filter((_, image) => isWanted(image));
    return measureImages(labelsOf(table, isWanted), results.probabilities, classes.length, { seed, groups: own });
  };
  return {
    ...(validation && { validation: measure(validation, (image) => sides[image] === "val") }),
    ...(test && { test: measure(test, (image) => sides[image] === "test") }),
    ...(folds && {
      folds: measure(folds, (image) => sides[image] !== "test"),
      eachFold: samplesOfFolds(
        folds,
        labelsOf(table, (image) => sides[image] !== "test"),
      ).map(({ labels, evaluated }) => scalarMetrics(judgeImages(labels, evaluated.probabilities, classes.length))),
    }),
  };
}

/** Of the images that were held out, those that validate or were cross-validated, and of the test. */
async function noveltyOf(training: JudgedTraining): Promise<NoveltyFit | undefined> {
  const { runtime, classes, seed, sides, table, folds, isTuned } = training;
  if (!folds && !sides.includes("val")) return undefined;
  const fit = await fitNovelty(table, {
    ...{ runtime, classes: classes.length, seed, rate: unknownRate },
    isTraining: sides.map((side) => side === "train"),
    heldOut: familiarFolds(table, { sides, crossValidated: folds, isTuned, seed }),
    isTested: sides.map((side) => side === "test"),
  });
  const isMeasured = (image: number) => folds !== undefined || sides[image] !== "train";
  return fit && { ...fit, novelty: fit.novelty.map((value, image) => (isMeasured(image) ? value : Number.NaN)) };
}
