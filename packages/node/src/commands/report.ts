/** `grayling report`: writes the report of a run again. */
import type { Command } from "commander";
import type { Console } from "./console.js";
import { addExamples, addPixelLimit, addRuntimeOptions, cacheOf, type RuntimeFlags } from "./shared-options.js";

interface ReportFlags extends RuntimeFlags {
  readonly images?: string;
  readonly maxPixels?: number;
}

export function defineReport(program: Command, console: Console): void {
  const command = program
    .command("report")
    .summary("write the report of a run again")
    .description(
      "Writes report.html, one page that needs nothing else, and its charts into the folder of a run: how good the classifier is, what to be careful about, and the images behind every number.",
    )
    .argument("<run>", "folder of the run")
    .option("--images <folder>", "where its images are now: a folder or a CSV file (default: where they were)");
  addPixelLimit(command);
  addRuntimeOptions(command, { hasBatches: false });
  addExamples(command, "grayling report runs/photos-1", "grayling report runs/photos-1 --images /media/photos");
  command.action((run: string, flags: ReportFlags) => report(run, flags, console));
}

async function report(
  run: string,
  flags: ReportFlags,
  { progress, signal, note, print, cache }: Console,
): Promise<void> {
  const [{ writeReport }, { openRuntime }] = await Promise.all([
    import("../report/write-report.js"),
    import("../runtime/open-runtime.js"),
  ]);
  const runtime = openRuntime({ ...flags, onFallback: note });
  try {
    const page = await writeReport(run, {
      ...{
        images: flags.images,
        maxPixels: flags.maxPixels,
        runtime,
        signal,
        onNote: note,
        cache: cacheOf(flags, cache),
      },
      onProgress: ({ done, total }) => progress.update("report", done, total, "images"),
    });
    progress.finish();
    print(page);
  } finally {
    progress.finish();
    await runtime.close();
  }
}
