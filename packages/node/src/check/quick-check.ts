/** The part of a check that needs no pixels: a look at headers, cheap enough to come before every training. */
import { statSync } from "node:fs";
import type { Dataset } from "../dataset/dataset.js";
import { explainFileError } from "../dataset/explain-file-error.js";
import { runsOfFiles } from "../dataset/paged-image.js";
import { type FileHeader, readFileHeader } from "../images/picture-header.js";
import { classSizes } from "./checks/class-sizes.js";
import { mixedStorage } from "./checks/mixed-storage.js";
import { storedShortcuts } from "./checks/shortcuts.js";
import { wrongExtension } from "./checks/wrong-extension.js";
import type { Finding, QuickCheck } from "./finding.js";
import { bySeverity } from "./findings.js";
import type { InspectedFile, Inspection, Stored } from "./inspected-file.js";

/** Copies are not among them: `openDataset` tells those in two classes or on two sides, and keeps all on one side. */
const quickChecks: readonly QuickCheck[] = [storedShortcuts, classSizes, mixedStorage, wrongExtension];

/** A finding in words, without its files. */
export interface QuickFinding extends Pick<Finding, "severity" | "title" | "why" | "todo"> {
  readonly check: string;
}

/**
 * Worst first. Files that cannot be read are left out: reading tells their reason. Throws the signal's reason.
 */
export async function quickCheck(dataset: Dataset, signal?: AbortSignal): Promise<readonly QuickFinding[]> {
  const inspection = await readHeaders(dataset, signal);
  const found = quickChecks.flatMap(({ name, find }) =>
    find(inspection).map(({ severity, title, why, todo }) => ({ check: name, severity, title, why, todo })),
  );
  return bySeverity(found);
}

async function readHeaders({ root, classes, images, ignored }: Dataset, signal?: AbortSignal) {
  const files: InspectedFile<Stored>[] = [];
  for (const run of runsOfFiles(images)) {
    signal?.throwIfAborted();
    const { header, bytes } = await lookAt(run[0]!.path); // a run is of one image or more
    for (const { path, relative, label, split, page = 1 } of run) {
      const picture = header?.pages[header.content === "dicom" ? 0 : page - 1] ?? null;
      const content = header?.content ?? null;
      files.push({ path, relative, label, split, bytes, hash: null, content, picture, reason: null });
    }
  }
  return { root, classes, files, ignored } satisfies Inspection<Stored>;
}

async function lookAt(path: string): Promise<{ readonly header?: FileHeader; readonly bytes: number }> {
  try {
    return { header: await readFileHeader(path), bytes: statSync(path).size };
  } catch (error) {
    if (explainFileError(error) === undefined) throw error;
    return { bytes: 0 };
  }
}
