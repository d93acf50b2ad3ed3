/** A confusion matrix and the metrics per class as aligned lines of plain text for a terminal. */
import { alignColumns, percent, printable, textWidth } from "../text-table.js";
import type { Metrics } from "./metrics.js";

/** More columns than this do not fit a wide terminal. */
const mostClassesInFull = 20;
const mostConfusions = 10;
const longestName = 24; // terminal columns

/**
 * Up to 20 classes: the whole matrix (rows true, columns predicted, `.` for 0), an empty line, and precision,
 * recall, F1 and images of each class, `–` for one without images. More: the ten most frequent confusions only. Names are cut to 24 columns;
 * what could steer a terminal in them becomes `?`, since names are folder names of other people.
 */
export function confusionTable({ confusionMatrix, perClass }: Pick<Metrics, "confusionMatrix" | "perClass">): string[] {
  const names = perClass.map(({ name }) => shorten(name));
  if (names.length > mostClassesInFull) return worstConfusions(confusionMatrix, names);
  const matrix = [
    ["", "true \\ predicted", ...names.map((_, k) => `${k + 1}`)],
    ...confusionMatrix.map((row, k) => [
      `${k + 1}`,
      names[k]!,
      ...row.map((count) => (count === 0 ? "." : `${count}`)),
    ]),
  ];
  const classes = [
    ["", "class", "precision", "recall", "F1", "images"],
    ...perClass.map(({ precision, recall, f1, support }, k) => [
      `${k + 1}`,
      names[k]!,
      ...[precision, recall, f1].map((part) => (support > 0 ? percent(part) : "–")),
      `${support}`,
    ]),
  ];
  return [...align(matrix, 1), "", ...align(classes, 1)];
}

function worstConfusions(confusionMatrix: Metrics["confusionMatrix"], names: readonly string[]): string[] {
  const confusions = confusionMatrix
    .flatMap((row, truth) =>
      row.map((count, predicted) => ({ truth, predicted, count, of: row.reduce((a, b) => a + b, 0) })),
    )
    .filter(({ truth, predicted, count }) => truth !== predicted && count > 0)
    .sort((a, b) => b.count - a.count || a.truth - b.truth || a.predicted - b.predicted);
  if (confusions.length === 0) return [`${names.length} classes, no confusions`];
  const worst = confusions.slice(0, mostConfusions);
  const rows = worst.map(({ truth, predicted, count, of }, k) => [
    `${k + 1}`,
    names[truth]!,
    names[predicted]!,
    `${count} of ${of}`,
    percent(count / of),
  ]);
  const title = `${names.length} classes; the ${worst.length} most frequent of ${confusions.length} confusions:`;
  return [title, ...align([["", "true", "predicted as", "images", "part"], ...rows], 2)];
}

/** The first column and those behind the texts hold numbers: `texts` is how many columns of text stand between. */
function align(rows: readonly (readonly string[])[], texts: number): string[] {
  return alignColumns(
    rows,
    rows[0]!.map((_, column) => column).filter((column) => column < 1 || column > texts),
  );
}

function shorten(name: string): string {
  const characters = [...printable(name)];
  if (textWidth(characters.join("")) <= longestName) return characters.join("");
  while (textWidth(characters.join("")) > longestName - 1) characters.pop();
  return `${characters.join("")}…`;
}
