/** The sides of a split as charts draw them: training, validation and test, or what was cross-validated. */
import type { ChartColor } from "./chart-colors.js";

export interface CountedSides {
  /** "train", "val", "test", or "fold 1" …: those that there are. */
  readonly sides: readonly string[];
  /** [classes][sides], in images. */
  readonly counts: readonly (readonly number[])[];
}

export interface DrawnSide {
  readonly label: string;
  readonly color: ChartColor;
  /** By class, in images. */
  readonly counts: readonly number[];
}

const known: Readonly<Record<string, Omit<DrawnSide, "counts">>> = {
  train: { label: "training", color: "line1" },
  val: { label: "validation", color: "line5" },
  test: { label: "test", color: "line3" },
};

/** All folds are one side, for each of them trains and validates. */
export function drawnSides({ sides, counts }: CountedSides): DrawnSide[] {
  const folds = sides.filter((side) => !known[side]);
  const sumOf = (chosen: (side: string) => boolean) =>
    counts.map((own) => own.reduce((sum, count, i) => sum + (chosen(sides[i]!) ? count : 0), 0));
  const label = `cross-validated in ${folds.length} folds`;
  return [
    ...(folds.length > 0 ? [{ label, color: "line1", counts: sumOf((side) => folds.includes(side)) } as const] : []),
    ...sides.flatMap((side) => (known[side] ? [{ ...known[side], counts: sumOf((own) => own === side) }] : [])),
  ];
}
