/** Paragraphs of plain text for a terminal. */
import { textWidth } from "@grayling/core";

/**
 * Lines of at most `width` columns, broken at blanks; a word that is longer stands alone. No-break spaces keep words
 * together, and are plain ones afterwards, as text that may be copied. `indent` comes before every line, `first` before
 * the first one in its place.
 */
export function wrapText(text: string, width: number, indent = "", first = indent): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line);
      [line, isEmpty] = [indent, true];
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].map((one) => one.replaceAll("\u00a0", " "));
}
