/** Writes a run's report into its folder. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeAtomically } from "../files/write-atomically.js";
import { writing } from "../files/write-failure.js";
import { filesOfFolder } from "../run/finished-run.js";
import { makeReport, type ReportOptions, reportFile } from "./make-report.js";

/** Each file whole or not at all, the page last. Returns the page's path. Throws as `makeReport` and `writeAtomically` do. */
export async function writeReport(folder: string, options: ReportOptions = {}): Promise<string> {
  const files = [...(await makeReport(filesOfFolder(folder), options))];
  const pageLast = files.sort(([a], [b]) => Number(a === reportFile) - Number(b === reportFile));
  for (const [name, content] of pageLast) {
    const path = join(folder, name);
    await writing(path, mkdir(dirname(path), { recursive: true }));
    await writeAtomically(path, content);
  }
  return join(folder, reportFile);
}
