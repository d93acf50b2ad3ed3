/** `grayling compare`: runs side by side, and whether one is better by more than chance. */
import type { Command } from "commander";
import type { Console } from "./console.js";
import { addExamples, addPixelLimit } from "./shared-options.js";

interface CompareFlags {
  readonly json?: boolean;
  readonly html?: string;
  readonly images?: string;
  readonly maxPixels?: number;
}

export function defineCompare(program: Command, console: Console): void {
  const command = program
    .command("compare")
    .summary("compare trained runs on the images that all of them were measured on")
    .description(
      "Puts 2 to 10 runs side by side: settings that differ, metrics with 95 % intervals, McNemar's exact test of every two, and the " +
        "images on which they disagree. Only images count that every run has measured: those of the test where all have one, else " +
        "those that validated.",
    )
    .argument("<runs...>", "folders of the runs")
    .option("--json", "print JSON, with every image on which they disagree")
    .option("--html <file>", "write a page with pictures, too")
    .option("--images <folder>", "where the images are now: a folder or a CSV file (default: where they were)");
  addPixelLimit(command);
  addExamples(
    command,
    "grayling compare runs/steel-1 runs/steel-2",
    "grayling compare runs/steel-* --html compare.html",
    "grayling compare runs/steel-1 runs/steel-2 --json",
  );
  command.action((folders: readonly string[], flags: CompareFlags) => run(folders, flags, console));
}

async function run(folders: readonly string[], flags: CompareFlags, console: Console): Promise<void> {
  const [{ checkWritable }, { filesOfFolder, readRun }, { compareRuns }] = await Promise.all([
    import("../files/check-writable.js"),
    import("../run/finished-run.js"),
    import("../compare/compare-runs.js"),
  ]);
  await checkWritable(flags.html);
  const runs = await Promise.all(folders.map((folder) => readRun(filesOfFolder(folder))));
  const comparison = compareRuns(runs);
  if (flags.html !== undefined) {
    const [{ comparePage }, { writeAtomically }] = await Promise.all([
      import("../compare/page/compare-page.js"),
      import("../files/write-atomically.js"),
    ]);
    const { progress, signal } = console;
    const page = await comparePage(comparison, runs, {
      ...{ images: flags.images, maxPixels: flags.maxPixels, signal },
      onProgress: ({ done, total }) => progress.update("pictures", done, total, "images"),
    });
    progress.finish();
    await writeAtomically(flags.html, page);
    console.note(`page written: ${flags.html}`);
  }
  if (flags.json) {
    const { comparisonJson } = await import("../compare/comparison-json.js");
    console.print(comparisonJson(comparison).trimEnd());
  } else {
    const { printComparison } = await import("./compare-report.js");
    printComparison(comparison, { width: process.stdout.columns ?? 100 }, console);
  }
}
