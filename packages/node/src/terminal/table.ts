/** Columns of text, aligned. */

/** Cells padded to the widest of their column, two blanks between; columns in `right` are aligned right. */
export function alignColumns(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, [...(row[column] ?? "")].length), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const blanks = " ".repeat(widths[column]! - [...cell].length);
        return right.includes(column) ? blanks + cell : cell + blanks;
      })
      .join("  ")
      .trimEnd(),
  );
}

/** 0.98765 → "98.8 %" */
export const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

/** 12345 → "12,345" */
export const grouped = (value: number): string => value.toLocaleString("en-US");

/** "1 image", "2 images" */
export const counted = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;

/** Text from files and folders, without what could steer a terminal. */
export const printable = (text: string): string => text.replace(/\p{Cc}/gu, "?");
