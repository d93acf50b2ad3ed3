/** All that a model card is written from. */
import type { FinishedRun } from "../../run/finished-run.js";
import type { NearCopy } from "../find-near-copies.js";
import type { MeasuredSides } from "../measured-side.js";
import type { RunFacts } from "../run-facts.js";
import type { SplitCounts } from "../split-counts.js";

export interface CardContent extends MeasuredSides {
  readonly run: FinishedRun;
  /** With the dataset by its name alone: cards are published, folders are private. */
  readonly facts: RunFacts;
  readonly dataset: string;
  readonly counts: SplitCounts | undefined;
  /** On two sides of the split; absent: they were not searched for. */
  readonly nearCopies: readonly NearCopy[] | undefined;
}

/** More classes are not listed one by one; the run's files have them. */
export const mostListed = 200;
