/** A run's model card: what it is, how good, and what to be careful about, with the metadata that Hugging Face's hub reads. */
import { basename } from "node:path";
import type { FinishedRun } from "../run/finished-run.js";
import { aboutSection, dataSection, intendedSection, trainingSection } from "./card/about-section.js";
import type { CardContent } from "./card/card-content.js";
import { cardMetadata } from "./card/card-metadata.js";
import { cautionSection, evaluationSection, trustSection } from "./card/evaluation-section.js";
import { useSection } from "./card/use-section.js";
import type { NearCopy } from "./find-near-copies.js";
import { measuredSides } from "./measured-side.js";
import { runFacts } from "./run-facts.js";
import type { SplitCounts } from "./split-counts.js";

export const modelCardFile = "MODEL_CARD.md";

/** What a run's own tables do not hold; whatever is absent is not told. */
export interface ModelCardOptions {
  /** How many images of each class are on each side. */
  readonly counts?: SplitCounts | undefined;
  /** On two sides of the split. */
  readonly nearCopies?: readonly NearCopy[] | undefined;
}

/**
 * Markdown. The dataset stands in it by its name, not by its folder: cards are published. The same run gives the same card.
 * Throws `InputError` for a run that `train` has not written.
 */
export function modelCard(run: FinishedRun, { counts, nearCopies }: ModelCardOptions = {}): string {
  const facts = runFacts(run);
  const dataset = basename(facts.dataset ?? "") || "images";
  const content: CardContent = {
    run,
    dataset,
    counts,
    nearCopies,
    facts: { ...facts, dataset },
    ...measuredSides(run),
  };
  return [
    cardMetadata(run, content.main, dataset),
    aboutSection(content),
    intendedSection(content),
    dataSection(content),
    trainingSection(content),
    evaluationSection(content),
    trustSection(content),
    cautionSection(content),
    useSection(content),
  ]
    .filter((section) => section !== "")
    .map((section) => section.trimEnd())
    .join("\n\n")
    .concat("\n");
}
