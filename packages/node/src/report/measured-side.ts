/** The images of a run that were measured on one side, with all that was computed from them. */
import {
  classificationMetrics,
  type JudgedImages,
  judgeImages,
  type Metrics,
  type ScalarMetrics,
  scalarMetrics,
} from "@grayling/core";
import type { FinishedRun, MeasuredImage } from "../run/finished-run.js";

export interface MeasuredSide {
  /** Goes before "images". */
  readonly what: "test" | "validation" | "cross-validated";
  readonly images: readonly MeasuredImage[];
  readonly labels: readonly number[];
  /** [n, classes] */
  readonly probabilities: Float32Array;
  readonly judged: JudgedImages;
  readonly metrics: Metrics;
  /** As `metrics.json` has them, computed where it has not. */
  readonly scalars: ScalarMetrics;
  /** Absent: the run does not tell. */
  readonly intervals?: RecordedIntervals | undefined;
}

export interface RecordedIntervals {
  readonly draws: number;
  readonly groups?: number | undefined;
  readonly of: Readonly<Record<string, readonly [number | null, number | null]>>;
}

export interface MeasuredSides {
  /** What the report is about: the test, or what validated where there is none. */
  readonly main: MeasuredSide | undefined;
  /** What validated, where there is a test. */
  readonly other: MeasuredSide | undefined;
}

export function measuredSides(run: FinishedRun): MeasuredSides {
  const { metrics } = run;
  const test = sideOf(run, "test", "test", metrics.test);
  const validation = metrics.folds
    ? sideOf(run, "val", "cross-validated", metrics.folds.together)
    : sideOf(run, "val", "validation", metrics.validation ?? undefined);
  return test ? { main: test, other: validation } : { main: validation, other: undefined };
}

/** Undefined without images. */
function sideOf(
  { images: all, config: { classes } }: FinishedRun,
  split: MeasuredImage["split"],
  what: MeasuredSide["what"],
  recorded: Recorded | undefined,
): MeasuredSide | undefined {
  const images = all.filter((image) => image.split === split);
  if (images.length === 0) return undefined;
  const labels = images.map(({ label }) => label);
  const probabilities = new Float32Array(images.length * classes.length);
  for (const [i, image] of images.entries()) probabilities.set(image.probabilities, i * classes.length);
  const judged = judgeImages(labels, probabilities, classes.length);
  const metrics = classificationMetrics(labels, probabilities, classes);
  const scalars = { ...scalarMetrics(judged), ...numbersOf(recorded) };
  return { what, images, labels, probabilities, judged, metrics, scalars, intervals: recorded?.intervals };
}

type Recorded = NonNullable<FinishedRun["metrics"]["validation"]>;

const numbersOf = (recorded: Recorded | undefined): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(recorded ?? {}).flatMap(([name, value]) => (typeof value === "number" ? [[name, value]] : [])),
  );

/** The probability of the class that was predicted. */
export const confidenceOf = ({ probabilities, predicted }: MeasuredImage): number => probabilities[predicted]!;
