/** The check before a training: one look at every file, and what follows from it. */
import type { Runtime } from "@grayling/core";
import { bySeverity, findAll, type NamedFinding } from "./findings.js";
import { type InspectOptions, inspectFolder } from "./inspect-folder.js";
import type { Inspection } from "./inspected-file.js";
import { probe } from "./probe.js";
import { probeFindings } from "./probe-findings.js";

export interface CheckOptions extends InspectOptions {
  /** Where the probe's products are computed; default: there is no probe. */
  readonly probe?: { readonly runtime: Runtime; readonly seed: number } | undefined;
}

export interface CheckReport {
  readonly inspection: Inspection;
  /** Worst first. */
  readonly findings: readonly NamedFinding[];
}

/**
 * Nothing is written or changed. Throws what `inspectFolder` throws, and what `probe` does where that was asked for.
 */
export async function checkFolder(
  root: string,
  { probe: probing, ...options }: CheckOptions = {},
): Promise<CheckReport> {
  const inspection = await inspectFolder(root, options);
  const findings = findAll(inspection);
  if (!probing) return { inspection, findings };
  const probed = await probe(probing.runtime, inspection, { seed: probing.seed, signal: options.signal });
  return { inspection, findings: bySeverity([...findings, ...probeFindings(probed, inspection.classes)]) };
}
