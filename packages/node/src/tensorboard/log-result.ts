/** What a training came to, at the end of its log. */
import type { Measured } from "@grayling/core";
import type { TrainResult } from "../train/train.js";
import { confusionImage } from "./confusion-image.js";
import type { EventFile } from "./event-file.js";
import type { Scalars } from "./event-message.js";

/** Of what is kept: every metric that is one number, of the validation (or the folds together) and the test. */
export function logResult(
  { judged, validation, test }: Pick<TrainResult, "judged" | "validation" | "test">,
  at: number,
  fileOf: (part: string) => EventFile,
): void {
  const { measured } = judged.judgement;
  const sides = [
    { part: "validation", numbers: measured.validation ?? measured.folds, evaluated: validation },
    { part: "test", numbers: measured.test, evaluated: test },
  ];
  for (const { part, numbers, evaluated } of sides) {
    if (numbers) fileOf(part).scalars(at, 0, finalScalars(numbers));
    if (!evaluated) continue;
    const tag = "confusion (rows: true, columns: predicted)";
    fileOf(part).image(at, 0, confusionImage(evaluated.metrics.confusionMatrix, tag));
  }
}

/** What is not defined is left out. */
const finalScalars = ({ metrics }: Pick<Measured, "metrics">): Scalars =>
  Object.fromEntries(
    Object.entries(metrics)
      .filter(([, value]) => Number.isFinite(value))
      .map(([name, value]) => [`final/${name}`, value]),
  );
