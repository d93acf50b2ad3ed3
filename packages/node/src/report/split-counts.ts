/** Which images train, validate and test, and how many of each class do. */
import { parseCsv } from "../dataset/csv-rows.js";
import type { FinishedRun, RunFiles } from "../run/finished-run.js";

export interface SplitImage {
  readonly path: string;
  /** Into the run's classes. */
  readonly label: number;
  /** One of `SplitCounts.sides`. */
  readonly side: string;
}

export interface SplitCounts {
  readonly images: readonly SplitImage[];
  /** "train", "val", "test", or "fold 1" …: those that there are. */
  readonly sides: readonly string[];
  /** [classes][sides] */
  readonly counts: readonly (readonly number[])[];
}

const order = ["train", "val", "test"];

/** From `split.csv`; undefined where a run has none. Throws `InputError` for a file that is no CSV. */
export async function readSplitCounts(
  files: RunFiles,
  { config: { classes } }: FinishedRun,
): Promise<SplitCounts | undefined> {
  const bytes = await files.read("split.csv");
  if (!bytes) return undefined;
  const [, ...rows] = parseCsv(new TextDecoder().decode(bytes), `${files.source}: split.csv`);
  const indexOf = new Map(classes.map((name, index) => [name, index]));
  const images = rows.flatMap(({ fields: [path, name, side] }): SplitImage[] => {
    const label = indexOf.get(name ?? "");
    return path === undefined || label === undefined || side === undefined ? [] : [{ path, label, side }];
  });
  const bySide = new Map<string, number[]>();
  for (const { label, side } of images) {
    const counts = bySide.get(side) ?? classes.map(() => 0);
    counts[label]!++;
    bySide.set(side, counts);
  }
  const sides = [...bySide.keys()].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, "en", { numeric: true }));
  return { images, sides, counts: classes.map((_, k) => sides.map((side) => bySide.get(side)![k]!)) };
}

/** Folds come first, for they take the place of "train" and "val". */
const rank = (side: string): number => order.indexOf(side);

/** Images of each class that train: what is neither validated nor tested, or all that was cross-validated. */
export const trainedCounts = ({ sides, counts }: SplitCounts): number[] =>
  counts.map((own) => own.reduce((sum, count, i) => sum + (sides[i] === "val" || sides[i] === "test" ? 0 : count), 0));
