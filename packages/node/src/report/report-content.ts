/** All that a report is drawn from. */
import type { FinishedRun } from "../run/finished-run.js";
import type { Chart } from "./charts/chart.js";
import type { ChosenImages } from "./choose-images.js";
import type { NearCopy } from "./find-near-copies.js";
import type { MeasuredSides } from "./measured-side.js";
import type { PictureBook } from "./picture-book.js";
import type { HeatMap } from "./read-heat-maps.js";
import type { RunFacts } from "./run-facts.js";
import type { SplitCounts } from "./split-counts.js";

/** How the network's first convolution came to read one channel. */
export interface StemStory {
  readonly isFolded: boolean;
  /** With the shapes of its kernels. */
  readonly line: string;
}

export interface ReportContent extends MeasuredSides {
  readonly run: FinishedRun;
  readonly facts: RunFacts;
  /** Absent: the run has no `split.csv`. */
  readonly counts: SplitCounts | undefined;
  readonly chosen: ChosenImages;
  /** On two sides of the split; absent: they were not searched for. */
  readonly nearCopies: readonly NearCopy[] | undefined;
  /** By path, of the mistakes. */
  readonly heatMaps: ReadonlyMap<string, HeatMap>;
  readonly book: PictureBook;
  /** By name; one that there is nothing to draw for is absent. */
  readonly charts: ReadonlyMap<string, Chart>;
  /** Absent where the network could not be opened. */
  readonly stem: StemStory | undefined;
}
