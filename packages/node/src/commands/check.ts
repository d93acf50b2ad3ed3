/** `grayling check`: what somebody should know of a folder before training on it. */
import type { Command } from "commander";
import type { CheckReport } from "../check/check-folder.js";
import type { Console } from "./console.js";
import { parseCount, parseWhole } from "./parse-options.js";
import { addExamples } from "./shared-options.js";

interface CheckFlags {
  readonly json?: boolean;
  readonly html?: string;
  readonly fixList?: string;
  readonly groups?: string;
  readonly probe?: boolean;
  readonly features?: boolean;
  readonly seed: number;
  readonly maxPixels?: number;
}

export function defineCheck(program: Command, console: Console): void {
  const command = program
    .command("check")
    .summary("look at a folder of images before training on it")
    .description(
      "Reads every file once and reports, worst first: files that do not decode, copies and near copies within and across " +
        "classes and splits, classes that coincide with image size, bit depth, format, file size or brightness, few or " +
        "unequal pictures, blank ones, mixed storage, and groups that names, DICOM headers, times of capture and looks tell. Nothing is changed or deleted.",
    )
    .argument(
      "<folder>",
      "folder with one subfolder per class (or train/, val/, test/ with such folders, or only images)",
    )
    .option("--html <file>", "write a page with pictures, too")
    .option("--fix-list <file>", "write a CSV of path, finding, suggestion; edit it, then: train --exclude <file>")
    .option(
      "--groups <file>",
      "write a CSV of path, label, group: what belongs together; look at it, then: train <file>",
    )
    .option("--json", "print JSON")
    .option("--probe", "see what a small classifier reaches without the picture: from its borders, histogram, size, …")
    .option(
      "--features",
      "see which pictures look alike to a network: shots that overlap, mirrored copies (minutes, unless features are kept)",
    )
    .option("--seed <number>", "of the probe's folds", parseWhole, 0)
    .option("--max-pixels <number>", "a larger image is not decoded (default: 178,956,970)", parseCount);
  addExamples(
    command,
    "grayling check photos",
    "grayling check photos --probe --html check.html",
    "grayling check photos --fix-list fixes.csv",
    "grayling check xrays --groups groups.csv",
  );
  command.action((folder: string, flags: CheckFlags) => run(folder, flags, console));
}

async function run(folder: string, flags: CheckFlags, console: Console): Promise<void> {
  const { checkWritable } = await import("../files/check-writable.js");
  await checkWritable(flags.html, flags.fixList, flags.groups);
  const report = await check(folder, flags, console);
  console.progress.finish();
  await writeFiles(report, flags, console);
  if (flags.json) {
    const { jsonReport } = await import("../check/json-report.js");
    console.print(jsonReport(report));
  } else {
    const { printCheck } = await import("./check-report.js");
    printCheck(report, { width: process.stdout.columns ?? 100 }, console);
  }
}

async function check(
  folder: string,
  flags: CheckFlags,
  { progress, signal, note, cache }: Console,
): Promise<CheckReport> {
  const [{ checkFolder }, { openRuntime }] = await Promise.all([
    import("../check/check-folder.js"),
    import("../runtime/open-runtime.js"),
  ]);
  const runtime = flags.probe || flags.features ? openRuntime({ device: "cpu", onFallback: note }) : undefined;
  try {
    return await checkFolder(folder, {
      maxPixels: flags.maxPixels,
      signal,
      onProgress: ({ done, total }) => progress.update("checking", done, total, "files"),
      probe: flags.probe && runtime ? { runtime, seed: flags.seed } : undefined,
      features:
        flags.features && runtime
          ? { runtime, cache, onProgress: ({ done, total }) => progress.update("features", done, total, "images") }
          : undefined,
    });
  } finally {
    await runtime?.close();
  }
}

async function writeFiles(
  report: CheckReport,
  { html, fixList, groups }: CheckFlags,
  { note }: Console,
): Promise<void> {
  const { writeAtomically } = await import("../files/write-atomically.js");
  if (html !== undefined) {
    const { checkPage } = await import("../check/page/check-page.js");
    await writeAtomically(html, checkPage(report));
    note(`page written: ${html}`);
  }
  if (fixList !== undefined) {
    const { fixList: write } = await import("../check/fix-list.js");
    await writeAtomically(fixList, write(report.findings));
    note(`fix list written: ${fixList}`);
  }
  if (groups !== undefined) {
    const [{ groupList }, { counted }] = await Promise.all([
      import("../check/group-list.js"),
      import("../terminal/counted.js"),
    ]);
    const list = groupList(report.inspection, groups, report.alike);
    await writeAtomically(groups, list.csv);
    const told =
      list.sources.length === 0 ? "nothing tells which belong together" : `told by ${list.sources.join("; ")}`;
    note(`list written: ${groups}: ${counted(list.pictures, "picture")} in ${counted(list.groups, "group")}, ${told}`);
  }
}
