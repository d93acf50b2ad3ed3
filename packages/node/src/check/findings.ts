/** All that a check looks for, a row each; what it finds comes worst first. */
import { blank, unusedBits } from "./checks/blank.js";
import { classSizes } from "./checks/class-sizes.js";
import { displayNotes } from "./checks/display-notes.js";
import { exactCopies, nearCopies } from "./checks/duplicates.js";
import { groupsByName, groupsByScene } from "./checks/groups.js";
import { groupsByCapture, groupsByPatient } from "./checks/groups-by-origin.js";
import { mixedStorage } from "./checks/mixed-storage.js";
import { shortcuts } from "./checks/shortcuts.js";
import { undecodable } from "./checks/undecodable.js";
import { wrongExtension } from "./checks/wrong-extension.js";
import { type Check, type Finding, severities } from "./finding.js";
import type { Inspection } from "./inspected-file.js";

export const checks: readonly Check[] = [
  undecodable,
  exactCopies,
  nearCopies,
  shortcuts,
  groupsByPatient,
  groupsByName,
  groupsByScene,
  groupsByCapture,
  classSizes,
  blank,
  unusedBits,
  displayNotes,
  mixedStorage,
  wrongExtension,
];

/** A finding with the name of its check. */
export interface NamedFinding extends Finding {
  readonly check: string;
}

/** Worst first; of the same severity in the order of the table. */
export function findAll(inspection: Inspection): NamedFinding[] {
  const found = checks.flatMap(({ name, find }) => find(inspection).map((finding) => ({ check: name, ...finding })));
  return bySeverity(found);
}

/** Stable. */
export function bySeverity<F extends Pick<Finding, "severity">>(findings: readonly F[]): F[] {
  const rank = ({ severity }: F) => severities.indexOf(severity);
  return findings.toSorted((a, b) => rank(a) - rank(b));
}
