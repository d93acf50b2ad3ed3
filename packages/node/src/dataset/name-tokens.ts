/** Takes file names apart. */

export interface NameTokens {
  /** The folders above the file, with "/". */
  readonly place: string;
  /** The innermost folder below the class, or "". */
  readonly folder: string;
  /** Of the name without its extension, between `_`, `-`, `.` and blanks. */
  readonly parts: readonly string[];
  /** The name without extension and without the number at its end. */
  readonly stem: string;
  /** The number at the end of the name, NaN if there is none. */
  readonly number: number;
}

/** `relative` as a dataset has it: "class/…/name.png". */
export function readTokens(relative: string): NameTokens {
  const folders = relative.split("/");
  const name = (folders.pop() ?? "").replace(/\.[^.]*$/, "");
  const [, stem = name, digits] = /^(.*?)(\d+)$/.exec(name) ?? [];
  return {
    place: folders.join("/"),
    folder: folders.length > 1 ? folders.at(-1)! : "",
    parts: name.split(/[_.\s-]+/).filter((part) => part !== ""),
    stem,
    number: digits === undefined ? Number.NaN : Number(digits),
  };
}

/** Whether the values are, or end in, numbers that leave few out, as those of a counter do. */
export function isCounter(values: readonly string[]): boolean {
  const digits = values.map((value) => /^\D*(\d+)$/.exec(value)?.[1]);
  if (digits.includes(undefined)) return false;
  const numbers = [...new Set(digits.map(Number))].sort((a, b) => a - b);
  return numbers.at(-1)! - numbers[0]! < 4 * numbers.length;
}
