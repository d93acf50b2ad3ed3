/** `grayling evaluate`: how well a classifier does on labelled images. */
import type { Command } from "commander";
import type { Console } from "./console.js";
import { reportDownload } from "./report-download.js";
import { addExamples, addRuntimeOptions, cacheOf, type RuntimeFlags } from "./shared-options.js";

interface EvaluateFlags extends RuntimeFlags {
  readonly model: string;
  readonly csv?: string;
  readonly json?: boolean;
}

export function defineEvaluate(program: Command, console: Console): void {
  const command = program
    .command("evaluate")
    .summary("measure a classifier on labelled images")
    .description("Measures a classifier on a folder with one subfolder per class; of train/ and val/, on val/.")
    .argument("<folder>", "folder with one subfolder per class")
    .requiredOption(
      "-m, --model <model>",
      "run folder, model.onnx, or a network, whose ImageNet class names the folders then bear",
    )
    .option("--csv <file>", "write every image's probabilities to a CSV file")
    .option("--json", "print the metrics as JSON");
  addRuntimeOptions(command);
  addExamples(
    command,
    "grayling evaluate held-out --model runs/photos-1",
    "grayling evaluate held-out --model runs/photos-1 --json",
  );
  command.action((folder: string, flags: EvaluateFlags) => run(folder, flags, console));
}

async function run(folder: string, flags: EvaluateFlags, console: Console): Promise<void> {
  const [{ openClassifier }, { evaluate }, { openRuntime }, { confusionTable, percent, printable }, { counted }] =
    await Promise.all([
      import("../predict/open-classifier.js"),
      import("../predict/evaluate.js"),
      import("../runtime/open-runtime.js"),
      import("@grayling/core"),
      import("../terminal/counted.js"),
    ]);
  const { progress, signal } = console;
  const runtime = openRuntime({ ...flags, onFallback: console.note });
  try {
    const classifier = await openClassifier(runtime, flags.model, {
      cache: cacheOf(flags, console.cache),
      signal,
      onProgress: reportDownload(progress),
    });
    const { metrics, dataset, probabilities } = await evaluate(classifier, folder, {
      batch: flags.batch,
      signal,
      onProgress: ({ done, total }) => progress.update("evaluate", done, total, "images"),
    });
    progress.finish();
    if (flags.csv !== undefined) {
      const [{ toCsv }, { writeAtomically }] = await Promise.all([
        import("../run/csv.js"),
        import("../files/write-atomically.js"),
      ]);
      const count = classifier.classes.length;
      const rows = dataset.images.map(({ relative, label }, row) => {
        return [relative, dataset.classes[label], ...probabilities.subarray(row * count, (row + 1) * count)];
      });
      await writeAtomically(flags.csv, toCsv(["path", "label", ...classifier.classes], rows));
    }
    if (flags.json) return console.print(JSON.stringify({ ...metrics, skipped: dataset.skipped }, null, 2));
    const { accuracy, balancedAccuracy, macroF1, logLoss } = metrics;
    console.print(console.colors.bold(`accuracy  ${percent(accuracy)}`));
    console.print(
      `balanced  ${percent(balancedAccuracy)}, macro F1 ${percent(macroF1)}, log loss ${logLoss.toFixed(3)}, on ${counted(dataset.images.length, "image")}`,
    );
    console.print();
    for (const line of confusionTable(metrics)) console.print(line);
    for (const { path, reason } of dataset.skipped) console.note(`skipped ${printable(path)}: ${printable(reason)}`);
  } finally {
    await runtime.close();
  }
}
