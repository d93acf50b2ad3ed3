/** Reads comma-separated values, as RFC 4180 has them. */
import { InputError } from "@grayling/core";

export interface CsvRow {
  readonly line: number; // of the file, from 1, where the row begins
  readonly fields: readonly string[];
}

/** A field, or a blank line: quoted, or plain up to the next comma or line end. */
const fieldPattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/;

/**
 * The rows of a file, the header among them; blank lines are none. Lines end in "\n", "\r\n" or "\r"; a byte order mark
 * is passed over. Throws `InputError`, naming the line, for a quote where none may be or that is not closed.
 */
export function parseCsv(text: string, source: string): CsvRow[] {
  const rows: CsvRow[] = [];
  let [line, start] = [1, 1];
  let fields: string[] = [];
  const pattern = new RegExp(fieldPattern, "y"); // sticky, so that nothing is passed over
  pattern.lastIndex = text.startsWith("\uFEFF") ? 1 : 0;
  while (pattern.lastIndex < text.length || fields.length > 0) {
    const match = pattern.exec(text);
    if (!match) {
      throw new InputError(
        `${source}: line ${line}: a quote (") in the middle of a field, or one that is not closed; write "" for a quote in a quoted field`,
      );
    }
    const [, quoted, plain = "", end] = match;
    fields.push(quoted?.replaceAll('""', '"') ?? plain);
    line += quoted?.split(/\r\n|\n|\r/).slice(1).length ?? 0;
    if (end === ",") continue;
    if (fields.length > 1 || quoted !== undefined || plain !== "") rows.push({ line: start, fields });
    fields = [];
    line++;
    start = line;
  }
  return rows;
}
