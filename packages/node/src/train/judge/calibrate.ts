/** Makes probabilities mean what they say: a temperature, fitted on images that the head has not seen. */
import { classificationMetrics, fitTemperature, sharpen } from "@grayling/core";
import { type FoldResults, scatter } from "../cross-validate.js";
import { type Evaluated, meanOfTiles } from "../evaluate-head.js";

/** Images of known class and what was said of them. */
export interface Sample {
  readonly labels: readonly number[];
  readonly evaluated: Evaluated;
}

/** The temperature that suits all samples together; their probabilities come from temperature 1. */
export function temperatureOf(samples: readonly Sample[], classes: number): number {
  const rows = samples.map(({ evaluated }) => evaluated.ofTiles?.probabilities ?? evaluated.probabilities);
  const all = new Float32Array(rows.reduce((length, own) => length + own.length, 0));
  let end = 0;
  for (const own of rows) {
    all.set(own, end);
    end += own.length;
  }
  const labels = samples.flatMap((sample) => sample.labels);
  const tiles = samples.flatMap(({ labels, evaluated }) => evaluated.ofTiles?.tiles ?? labels.map(() => 1));
  return fitTemperature(labels, all, classes, { tiles });
}

/** What was said, as the temperature makes it; of tiles first, then their mean. */
export function calibrate({ labels, evaluated }: Sample, classes: readonly string[], temperature: number): Evaluated {
  const sharpened = (rows: Float32Array) => sharpen(rows, classes.length, 1 / temperature);
  const { ofTiles } = evaluated;
  const tiles = ofTiles && { ...ofTiles, probabilities: sharpened(ofTiles.probabilities) };
  const probabilities = tiles ? meanOfTiles(tiles, classes.length) : sharpened(evaluated.probabilities);
  return { metrics: classificationMetrics(labels, probabilities, classes), probabilities, ofTiles: tiles };
}

/** The sample of each fold; `labels` are those of the images that were cross-validated. */
export const samplesOfFolds = ({ foldOf, folds }: FoldResults, labels: readonly number[]): Sample[] =>
  folds.map((evaluated, fold) => ({ labels: labels.filter((_, row) => foldOf[row] === fold), evaluated }));

/** The folds as the temperature makes them. */
export function calibrateFolds(
  results: FoldResults,
  labels: readonly number[],
  classes: readonly string[],
  temperature: number,
): FoldResults {
  const folds = samplesOfFolds(results, labels).map((sample) => calibrate(sample, classes, temperature));
  const probabilities = new Float32Array(results.probabilities.length);
  for (const [fold, own] of folds.entries()) {
    scatter(probabilities, own.probabilities, results.foldOf, fold, classes.length);
  }
  return { ...results, folds, probabilities };
}
