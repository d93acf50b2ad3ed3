/** What a check suggests, file by file, as a CSV that people edit and `train --exclude` reads. */
import { toCsv } from "../run/csv.js";
import type { NamedFinding } from "./findings.js";

/**
 * `path,finding,suggestion`, a row for each file with a suggestion and each finding about it. Files beside the class
 * folders are not to be excluded: training ignores them, and would not know their paths.
 */
export function fixList(findings: readonly NamedFinding[]): string {
  const rows = findings.flatMap(({ check, groups }) =>
    groups.flat().flatMap(({ file, suggestion }) => {
      const isMoot = suggestion === undefined || (file.label === null && suggestion.startsWith("exclude"));
      return isMoot ? [] : [[file.relative, check, suggestion]];
    }),
  );
  return toCsv(["path", "finding", "suggestion"], rows);
}
