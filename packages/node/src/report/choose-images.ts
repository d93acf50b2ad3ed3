/** Which of a run's images its report shows. */
import type { DoubtfulRow, FinishedRun, MeasuredImage } from "../run/finished-run.js";
import { byConfidence, type ConfusionCell, confusionCells } from "./confusion-cells.js";
import type { NearCopy } from "./find-near-copies.js";
import type { MeasuredSides } from "./measured-side.js";

/** A matrix of more classes is no longer a picture: the most frequent confusions are listed. */
export const mostClassesInMatrix = 30;
const mostConfusions = 40;

const shownMistakes = 24;
const shownDoubtful = 24;
const shownNovel = 12;
const shownNearCopies = 12;
export const shownOfCell = 12;
/** Examples of a class: all classes together stay below a thousand. */
const shownOfClass = [
  { upTo: 12, examples: 6 },
  { upTo: 60, examples: 4 },
  { upTo: 200, examples: 3 },
] as const;

export interface ChosenImages {
  /** Of the main side, the most confident first. */
  readonly mistakes: readonly MeasuredImage[];
  /** Every cell of the matrix that has images; of more classes than it has room for, the most frequent confusions. */
  readonly cells: readonly ConfusionCell[];
  /** Confusions there are in all: images, and pairs of classes. */
  readonly confused: { readonly images: number; readonly pairs: number };
  /** By class, from the surest to the least sure; of very many classes, those of the first. */
  readonly correct: readonly (readonly MeasuredImage[])[];
  /** Of all images that were measured, the most unlike those that trained first. */
  readonly novel: readonly MeasuredImage[];
  readonly doubtful: readonly DoubtfulRow[];
  /** Pictures on two sides that are nearly the same. */
  readonly nearCopies: readonly NearCopy[];
}

/** `nearCopies`, as far as they were searched for. */
export function chooseImages(
  run: FinishedRun,
  { main }: MeasuredSides,
  nearCopies: readonly NearCopy[] = [],
): ChosenImages {
  const classes = run.config.classes.length;
  const cells = main ? confusionCells(main, classes) : [];
  const wrong = cells.filter(({ truth, predicted }) => truth !== predicted);
  const mistakes = wrong.flatMap(({ images }) => images).sort(byConfidence);
  return {
    mistakes: mistakes.slice(0, shownMistakes),
    cells: classes > mostClassesInMatrix ? mostFrequent(wrong) : cells,
    confused: { images: mistakes.length, pairs: wrong.length },
    correct: correctExamples(cells, classes),
    novel: run.images
      .filter(({ novelty }) => novelty !== undefined)
      .sort((a, b) => b.novelty! - a.novelty! || (a.path < b.path ? -1 : 1))
      .slice(0, shownNovel),
    doubtful: run.doubtful?.slice(0, shownDoubtful) ?? [],
    nearCopies: nearCopies.slice(0, shownNearCopies),
  };
}

const mostFrequent = (wrong: readonly ConfusionCell[]): ConfusionCell[] =>
  [...wrong]
    .sort((a, b) => b.images.length - a.images.length || a.truth - b.truth || a.predicted - b.predicted)
    .slice(0, mostConfusions);

function correctExamples(cells: readonly ConfusionCell[], classes: number): (readonly MeasuredImage[])[] {
  const count = (shownOfClass.find(({ upTo }) => classes <= upTo) ?? shownOfClass[2]).examples;
  const right = new Map(
    cells.flatMap(({ truth, predicted, images }) => (truth === predicted ? [[truth, images]] : [])),
  );
  return Array.from({ length: Math.min(classes, shownOfClass[2].upTo) }, (_, k) => spread(right.get(k) ?? [], count));
}

/** From the first to the last, evenly. */
function spread<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
}

/** Paths of all that is shown, the most telling first: what no longer fits is left out at the end. */
export function wantedPaths({ mistakes, cells, correct, novel, doubtful, nearCopies }: ChosenImages): string[] {
  const ofCells = (isWrong: boolean) =>
    cells
      .filter(({ truth, predicted }) => (truth !== predicted) === isWrong)
      .flatMap(({ images }) => images.slice(0, shownOfCell));
  const pathsOf = (images: readonly MeasuredImage[]) => images.map(({ path }) => path);
  return [
    ...new Set([
      ...pathsOf(mistakes),
      ...nearCopies.flatMap(({ images }) => images.map(({ path }) => path)),
      ...doubtful.flatMap(({ path, neighbour }) => (neighbour ? [path, neighbour.path] : [path])),
      ...pathsOf(novel),
      ...pathsOf(correct.flat()),
      ...pathsOf(ofCells(true)),
      ...pathsOf(ofCells(false)),
    ]),
  ];
}
