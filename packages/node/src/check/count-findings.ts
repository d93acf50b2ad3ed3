/** Findings in one line. */
import { counted } from "../terminal/counted.js";
import { severities } from "./finding.js";
import type { NamedFinding } from "./findings.js";

/** "1 problem, 2 warnings, 3 notes", or that nothing was found. */
export function countFindings(findings: readonly NamedFinding[]): string {
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [counted(count, severity)];
  });
  return counts.length === 0 ? "nothing found" : counts.join(", ");
}
