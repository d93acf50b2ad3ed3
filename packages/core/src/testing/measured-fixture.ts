/** What scipy and cleanlab computed, recorded by `fixtures/measure/make.py`. */
import { readFileSync } from "node:fs";
import { repositoryFolder } from "./repository-folder.js";

export interface MeasuredCase {
  readonly classes: number;
  readonly labels: readonly number[];
  /** Labels of which a tenth is wrong. */
  readonly noisy: readonly number[];
  readonly probabilities: readonly (readonly number[])[];
  readonly temperature: number;
  readonly doubtful: readonly number[];
}

export interface MeasuredFixture {
  readonly cases: readonly MeasuredCase[];
  readonly mcnemar: readonly { readonly onlyFirst: number; readonly onlySecond: number; readonly pValue: number }[];
}

export const readMeasuredFixture = (): MeasuredFixture =>
  JSON.parse(readFileSync(repositoryFolder("fixtures", "measure", "measure.json"), "utf8"));
