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
/** scikit-learn's default, where the head that is kept is no linear one. */
const plainC = 1;
/**
 * Loose, since doubts are no decimals. Of 337 doubtful labels that heads of aksara-jawa find at 1e-6, which took twice the time of the whole
 * head, 333 are among those found at 3e-4 in a third of it, and 315 at 1e-3 in a tenth.
 */
const tolerance = 1e-3;
/** Neighbours are searched for so many of the most doubtful. */
const mostWithNeighbours = 100;
const neighboursShown = 5;
/** Among so many images, drawn from more: some seconds. */
const mostSearched = 20_000;

/**
 * Doubtful labels among all images of `table`, most doubtful first. `known` are cross-validated heads of all of them; without it linear ones
 * are trained on five folds. Undefined where no fold can be made: fewer than two images of a class, or fewer groups than folds.
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
    const { candidates = [plainC] } = context; // a head of layers would train five times
    const linear = { ...options, head: "linear" };
    const fold = { ...context, options: linear, candidates, tolerance, onEvent: () => {} };
    ({ probabilities } = await crossValidate(table, foldOf, fold));
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
  if (doubtful.length === 0) return [];
  const { values, columns, labels, tiles = labels.map(() => 1) } = table;
  const starts = rowStarts(tiles);
  const imageOf = labels.flatMap((_, image) => new Array<number>(tiles[image]!).fill(image));
  const all = [...imageOf.keys()];
  const rows =
    all.length <= mostSearched ? all : new SeededRandom(seed, "neighbours").shuffled(all).slice(0, mostSearched);
  const searched = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries()) searched.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  const bank = normalizeRows(searched, columns);
  return doubtful.map(({ image }) => {
    const start = starts[image]! * columns; // of its first tile
    const own = normalizeRows(values.subarray(start, start + columns), columns);
    const isWanted = (other: number) => imageOf[rows[other]!] !== image;
    const near = nearestRows(bank, own.values, { count: neighboursShown, isWanted });
    return [...new Set(near.map(({ row }) => imageOf[rows[row]!]!))];
  });
}
