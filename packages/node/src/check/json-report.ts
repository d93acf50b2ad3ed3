/** A check as JSON: findings, and the facts of every file without its thumbnail and histogram. */
import type { CheckReport } from "./check-folder.js";
import { countsByClass } from "./class-counts.js";
import type { NamedFinding } from "./findings.js";
import type { InspectedFile } from "./inspected-file.js";

export function jsonReport({ inspection, findings }: CheckReport): string {
  const { root, classes, files, ignored } = inspection;
  const counts = countsByClass(inspection);
  const report = {
    root,
    classes: classes.map((name, label) => ({ name, pictures: counts[label] })),
    ignored,
    findings: findings.map(plainFinding),
    files: files.map((file) => plainFile(file, classes)),
  };
  return JSON.stringify(report, null, 2);
}

function plainFinding({ groups, ...finding }: NamedFinding) {
  const named = groups.map((group) =>
    group.map(({ file, detail, suggestion }) => ({ path: file.relative, detail, suggestion })),
  );
  return { ...finding, groups: named };
}

function plainFile(
  { relative, label, split, bytes, hash, content, picture, reason }: InspectedFile,
  classes: readonly string[],
) {
  const file = { path: relative, class: label === null ? null : classes[label], split, bytes, sha256: hash, content };
  if (!picture) return { ...file, reason };
  const { histogram, thumbnail, hash: perceptualHash, ...facts } = picture;
  return { ...file, ...facts, perceptualHash };
}
