/** Images whose label is likely wrong, by heads that have not seen them, and the images that are most like each. */
import {
  type DoubtfulLabel,
  findDoubtfulLabels,
  groupedStratifiedFolds,
  nearestRows,
  normalizeRows,
  SeededRandom,
} from "@grayling/core";
import { type FeatureTable, rowStarts } from "../../features/feature-table.js";
import { crossValidate, type FoldResults } from "../cross-validate.js";
import type { TrainContext } from "../train-head.js";

export interface DoubtfulImage extends DoubtfulLabel {
  /** The images that are most like it, nearest first. */
  readonly neighbours: readonly number[];
}

const folds = 5;
/** Neighbours are searched for so many of the most doubtful. */
const mostWithNeighbours = 100;
const neighboursShown = 5;
/** Among so many images, drawn from more: some seconds. */
const mostSearched = 20_000;

/**
 * Doubtful labels among all images of `table`, most doubtful first. `known` are cross-validated heads of all of them; without it five
 * folds are trained. Undefined where no fold can be made: fewer than two images of a class, or fewer groups than folds.
 */
export async function findDoubtfulImages(
  table: FeatureTable,
  context: TrainContext,
  known?: FoldResults,
): Promise<DoubtfulImage[] | undefined> {
  const { labels, groups = labels.map((_, image) => String(image)) } = table;
  const { classes, options } = context;
  let probabilities = known?.probabilities;
  if (!probabilities) {
    if (!canFold(labels, groups)) return undefined;
    const foldOf = groupedStratifiedFolds(labels, groups, folds, options.seed);
    ({ probabilities } = await crossValidate(table, foldOf, { ...context, onEvent: () => {} }));
  }
  const doubtful = findDoubtfulLabels(labels, probabilities, classes.length);
  const neighbours = neighboursOf(table, doubtful.slice(0, mostWithNeighbours), options.seed);
  return doubtful.map((one, i) => ({ ...one, neighbours: neighbours[i] ?? [] }));
}

/** Every fold's head must have seen every class. */
function canFold(labels: readonly number[], groups: readonly string[]): boolean {
  const groupsOf = new Map<number, Set<string>>();
  for (const [image, label] of labels.entries()) {
    groupsOf.set(label, (groupsOf.get(label) ?? new Set<string>()).add(groups[image]!));
  }
  return new Set(groups).size >= folds && [...groupsOf.values()].every(({ size }) => size >= 2);
}

function neighboursOf(table: FeatureTable, doubtful: readonly DoubtfulLabel[], seed: number): number[][] {
  const { columns, labels, tiles = labels.map(() => 1) } = table;
  const starts = rowStarts(tiles);
  const bank = normalizeRows(table.values, columns);
  const imageOf = labels.flatMap((_, image) => new Array<number>(tiles[image]!).fill(image));
  const searched =
    imageOf.length <= mostSearched
      ? undefined
      : new Set(new SeededRandom(seed, "neighbours").shuffled([...imageOf.keys()]).slice(0, mostSearched));
  return doubtful.map(({ image }) => {
    const row = bank.values.subarray(starts[image]! * columns, (starts[image]! + 1) * columns); // its first tile
    const isWanted = (other: number) => imageOf[other] !== image && (!searched || searched.has(other));
    const near = nearestRows(bank, row, { count: neighboursShown, isWanted });
    return [...new Set(near.map(({ row }) => imageOf[row]!))];
  });
}
