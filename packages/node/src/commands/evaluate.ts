/** `grayling evaluate`: how well a classifier does on labelled images. */
import type { Command } from "commander";
import type { Evaluation } from "../predict/evaluate.js";
import type { Console } from "./console.js";
import { addExamples, addPixelLimit } from "./shared-options.js";
import { addClassifierOptions, type ClassifierFlags, withClassifier } from "./with-classifier.js";

interface EvaluateFlags extends ClassifierFlags {
  readonly maxPixels?: number;
  readonly csv?: string;
  readonly json?: boolean;
}

export function defineEvaluate(program: Command, console: Console): void {
  const command = program
    .command("evaluate")
    .summary("measure a classifier on labelled images")
    .description(
      "Measures a classifier on a folder with one subfolder per class, or on a CSV file with the columns path and label; " +
        "of what is split into train, val and test, on val, or on test where there is no val.",
    )
    .argument("<folder>", "folder with one subfolder per class, or a CSV file: path,label[,split]")
    .requiredOption(
      "-m, --model <model>",
      "run folder, model.onnx, or a network, whose ImageNet class names the folders then bear",
    )
    .option("--csv <file>", "write every image's probabilities to a CSV file")
    .option("--json", "print the metrics as JSON");
  addPixelLimit(command);
  addClassifierOptions(command);
  addExamples(
    command,
    "grayling evaluate held-out --model runs/photos-1",
    "grayling evaluate held-out --model runs/photos-1 --json",
    "grayling evaluate held-out.csv --model runs/photos-1",
  );
  command.action((folder: string, flags: EvaluateFlags) => run(folder, flags, console));
}

async function run(folder: string, flags: EvaluateFlags, console: Console): Promise<void> {
  const [{ checkWritable }, { evaluate }, { countTrained }, { printable }, { printMetrics }] = await Promise.all([
    import("../files/check-writable.js"),
    import("../predict/evaluate.js"),
    import("../predict/count-trained.js"),
    import("@grayling/core"),
    import("./print-metrics.js"),
  ]);
  const { progress, signal } = console;
  await checkWritable(flags.csv);
  await withClassifier(flags, console, async (classifier) => {
    const evaluation = await evaluate(classifier, folder, {
      batch: flags.batch,
      maxPixels: flags.maxPixels,
      onUnlike: (_, reason) => console.note(`warning: ${printable(reason)}`),
      signal,
      onProgress: ({ done, total }) => progress.update("evaluate", done, total, "images"),
    });
    progress.finish();
    const { metrics, dataset } = evaluation;
    const names = dataset.images.map(({ relative }) => relative);
    const trained = await countTrained(flags.model, folder, names);
    if (trained > 0)
      console.note(`warning: ${trained} of ${names.length} images trained this model: what they measure is too good`);
    if (flags.csv !== undefined) await writeCsv(flags.csv, evaluation, classifier.classes);
    if (flags.json) return console.print(JSON.stringify(toJson(evaluation), null, 2));
    printMetrics(metrics, "image", console);
    console.print();
    for (const line of await describeEvaluation(evaluation, process.stdout.columns)) console.print(line);
    for (const { path, reason } of dataset.skipped) console.note(`skipped ${printable(path)}: ${printable(reason)}`);
  });
}

const toJson = ({ metrics, measured, unknown, covered, dataset }: Evaluation) => ({
  ...metrics,
  ...measured.metrics,
  intervals: measured.intervals,
  unknown,
  covered,
  skipped: dataset.skipped,
});

async function describeEvaluation(
  { measured, unknown, covered, dataset }: Evaluation,
  width: number | undefined,
): Promise<string[]> {
  const [{ breakReportLine, describeMeasured, reportLine }, { grouped, percent }] = await Promise.all([
    import("./judgement-report.js"),
    import("@grayling/core"),
  ]);
  const images = dataset.images.length;
  const part = (count: number) => `${grouped(count)} of ${grouped(images)} images, ${percent(count / images)}`;
  const lines = [
    describeMeasured(measured),
    ...(covered === undefined ? [] : [reportLine("sets", `hold the true class of ${part(covered)}`)]),
    ...(unknown === undefined ? [] : [reportLine("unknown", `${part(unknown)}: unlike all training images`)]),
  ];
  return lines.flatMap((line) => breakReportLine(line, width));
}

async function writeCsv(path: string, evaluation: Evaluation, classes: readonly string[]): Promise<void> {
  const [{ toCsvBytes }, { writeAtomically }] = await Promise.all([
    import("../run/csv.js"),
    import("../files/write-atomically.js"),
  ]);
  const { dataset, probabilities } = evaluation;
  const count = classes.length;
  const rows = dataset.images.map(({ relative, label }, row) => {
    return [relative, dataset.classes[label], ...probabilities.subarray(row * count, (row + 1) * count)];
  });
  await writeAtomically(path, toCsvBytes(["path", "label", ...classes], rows));
}
