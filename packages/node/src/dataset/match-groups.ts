/** Groups of images from their paths, by a regular expression. */
import { runInNewContext } from "node:vm";
import { InputError, printable } from "@grayling/core";

/** Longer, and the pattern is one of those whose time doubles with each character. */
const limitMs = 10_000;

/**
 * The group of every path: the first capture group of the pattern, or the whole match where it has none.
 * Throws `InputError` for a pattern that is no regular expression, that takes longer than 10 s, or that does not match
 * (or captures nothing in) some of the paths: the first is named, all are counted. `hasColumns`: the pattern could have
 * been meant as the name of a column.
 */
export function matchGroups(paths: readonly string[], pattern: string, { hasColumns = false } = {}): string[] {
  const groups = matchAll(paths, pattern);
  const strays = paths.filter((_, i) => !groups[i]);
  if (strays.length > 0) {
    const column = hasColumns ? " no column has this name, and as a pattern" : "";
    throw new InputError(
      `group "${pattern}":${column} ${strays.length} of ${paths.length} images do not match, expected all, got "${printable(strays[0]!)}"; ` +
        "paths are relative to the dataset, and --exclude leaves files out",
    );
  }
  return groups as string[]; // none is missing
}

function matchAll(paths: readonly string[], pattern: string): (string | null)[] {
  try {
    new RegExp(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, "") : String(error);
    throw new InputError(`group "${pattern}": expected a regular expression, got ${why}`, { cause: error });
  }
  // A context of its own, for only there can a match be stopped: `^(a+)+$` would run for years.
  const code = `paths.map((path) => {
    const match = new RegExp(pattern).exec(path);
    return match === null ? null : match.length > 1 ? (match[1] ?? null) : match[0];
  })`;
  try {
    return [...runInNewContext(code, { paths, pattern }, { timeout: limitMs })];
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new InputError(
      `group "${pattern}": takes more than ${limitMs / 1000} s; a repetition inside a repetition, as in (a+)+, is the usual reason`,
    );
  }
}
