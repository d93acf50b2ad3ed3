/** Comma-separated values as RFC 4180 writes them, with "\n" at the ends of lines. */

type Row = readonly (string | number | undefined)[];

/** One line per row, the header first. Numbers in full; undefined is an empty field. */
export function toCsv(header: readonly string[], rows: Iterable<Row>): string {
  return [header, ...rows].map(line).join("");
}

/**
 * The same in UTF-8, for tables that may be longer than a string can be (2²⁹ characters, in Node 20): probabilities of
 * 5,000 classes for 5,000 images are. Rows are taken one by one.
 */
export function toCsvBytes(header: readonly string[], rows: Iterable<Row>): Uint8Array {
  const parts = [Buffer.from(line(header))];
  for (const row of rows) parts.push(Buffer.from(line(row)));
  return Buffer.concat(parts);
}

const line = (row: Row): string => `${row.map(field).join(",")}\n`;

function field(value: string | number | undefined): string {
  const text = value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
