/** Columns of plain text for a terminal. */

/**
 * Cells padded to the widest of their column, two blanks between; the columns in `right` are aligned right. Widths are
 * those of a terminal: East Asian characters take two columns.
 */
export function alignColumns(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, textWidth(row[column] ?? "")), 0),
  );
  const pad = (cell: string, column: number) => {
    const padding = " ".repeat(widths[column]! - textWidth(cell));
    return right.includes(column) ? padding + cell : cell + padding;
  };
  return rows.map((row) => row.map(pad).join("  ").trimEnd());
}

/** 0.98765 → "98.8 %" */
export const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

/** 12345 → "12,345" */
export const grouped = (value: number): string => value.toLocaleString("en-US");

const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Text of other people, without what could steer a terminal or turn the direction of writing: that becomes "?". */
export const printable = (text: string): string => text.replace(unprintable, "?");

const noColumn = /\p{M}/u;
const twoColumns =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;

/** Columns that a terminal gives to a text. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += noColumn.test(character) ? 0 : twoColumns.test(character) ? 2 : 1;
  return width;
}
