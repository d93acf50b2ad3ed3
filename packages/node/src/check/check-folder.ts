/** The check before a training: one look at every file, and what follows from it. */
import type { Runtime } from "@grayling/core";
import { alikeFindings } from "./alike-findings.js";
import { type Alike, type AlikeOptions, findAlike } from "./alike-pictures.js";
import { bySeverity, findAll, type NamedFinding } from "./findings.js";
import { type InspectOptions, inspectFolder } from "./inspect-folder.js";
import type { Inspection } from "./inspected-file.js";
import { probe } from "./probe.js";
import { probeFindings } from "./probe-findings.js";

export interface CheckOptions extends InspectOptions {
  /** Where the probe's products are computed; default: there is no probe. */
  readonly probe?: { readonly runtime: Runtime; readonly seed: number } | undefined;
  /** How a network looks for pictures that are alike; default: none does. */
  readonly features?: Omit<AlikeOptions, "signal" | "maxPixels"> | undefined;
}

export interface CheckReport {
  readonly inspection: Inspection;
  /** Worst first. */
  readonly findings: readonly NamedFinding[];
  /** Absent where no network was asked. */
  readonly alike?: Alike | undefined;
}

/**
 * Nothing is written or changed. Throws what `inspectFolder` throws, and what `probe` and `findAlike` do where those were asked for.
 */
export async function checkFolder(
  root: string,
  { probe: probing, features, ...options }: CheckOptions = {},
): Promise<CheckReport> {
  const inspection = await inspectFolder(root, options);
  const { signal, maxPixels } = options;
  const alike = features && (await findAlike(inspection, { ...features, signal, maxPixels }));
  const probed = probing && (await probe(probing.runtime, inspection, { seed: probing.seed, signal }));
  const findings = bySeverity([
    ...findAll(inspection),
    ...(alike ? alikeFindings(alike) : []),
    ...(probed ? probeFindings(probed, inspection.classes) : []),
  ]);
  return { inspection, findings, alike };
}
