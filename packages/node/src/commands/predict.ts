/** `grayling predict`: what a classifier says of images. */
import type { Command } from "commander";
import type { Prediction, Skipped } from "../predict/predict.js";
import type { Console } from "./console.js";
import { parseCount } from "./parse-options.js";
import { reportDownload } from "./report-download.js";
import { addExamples, addRuntimeOptions, cacheOf, type RuntimeFlags } from "./shared-options.js";

interface PredictFlags extends RuntimeFlags {
  readonly model: string;
  readonly top: number;
  readonly csv?: string;
  readonly json?: boolean;
}

export function definePredict(program: Command, console: Console): void {
  const command = program
    .command("predict")
    .summary("classify images")
    .description("Classifies image files, or all images below a folder.")
    .argument("<images...>", "files or folders")
    .requiredOption(
      "-m, --model <model>",
      "run folder, model.onnx, or a network (efficientnet-lite0: the 1,000 ImageNet classes)",
    )
    .option("-k, --top <number>", "how many classes to show", parseCount, 3)
    .option("--csv <file>", "write all probabilities to a CSV file")
    .option("--json", "print JSON");
  addRuntimeOptions(command);
  addExamples(
    command,
    "grayling predict --model runs/photos-1 new.png",
    "grayling predict --model runs/photos-1 incoming/ --csv predictions.csv",
    "grayling predict --model efficientnet-lite0 photo.jpg --top 5",
  );
  command.action((images: string[], flags: PredictFlags) => run(images, flags, console));
}

async function run(images: readonly string[], flags: PredictFlags, console: Console): Promise<void> {
  const [{ openClassifier }, { predict, topClasses }, { openRuntime }, { printable, alignColumns, percent }] =
    await Promise.all([
      import("../predict/open-classifier.js"),
      import("../predict/predict.js"),
      import("../runtime/open-runtime.js"),
      import("@grayling/core"),
    ]);
  const { progress, signal } = console;
  const runtime = openRuntime({ ...flags, onFallback: console.note });
  try {
    const classifier = await openClassifier(runtime, flags.model, {
      cache: cacheOf(flags, console.cache),
      signal,
      onProgress: reportDownload(progress),
    });
    const skipped: Skipped[] = [];
    const predictions: Prediction[] = [];
    const onProgress = ({ done, total }: { readonly done: number; readonly total: number }) =>
      progress.update("predict", done, total, "images");
    for await (const prediction of predict(classifier, images, {
      batch: flags.batch,
      signal,
      onSkip: (file) => skipped.push(file),
      onProgress,
    })) {
      predictions.push(prediction);
    }
    progress.finish();
    const top = ({ probabilities }: Prediction) => topClasses(probabilities, classifier.classes, flags.top);
    if (flags.csv !== undefined) await writeCsv(flags.csv, predictions, classifier.classes);
    if (flags.json) {
      const rows = predictions.map((prediction) => ({
        path: prediction.path,
        label: prediction.label,
        top: top(prediction),
      }));
      console.print(JSON.stringify({ model: classifier.source, predictions: rows, skipped }, null, 2));
    } else if (flags.csv === undefined) {
      const rows = predictions.map((prediction) => [
        printable(prediction.path),
        ...top(prediction).flatMap(({ label, probability }) => [printable(label), percent(probability)]),
      ]);
      for (const line of alignColumns(rows)) console.print(line);
    } else console.print(`${predictions.length} predictions written to ${flags.csv}`);
    for (const { path, reason } of skipped) console.note(`skipped ${printable(path)}: ${printable(reason)}`);
    await failIfNone(predictions.length, skipped);
  } finally {
    await runtime.close();
  }
}

async function writeCsv(path: string, predictions: readonly Prediction[], classes: readonly string[]): Promise<void> {
  const [{ toCsv }, { writeAtomically }] = await Promise.all([
    import("../run/csv.js"),
    import("../files/write-atomically.js"),
  ]);
  const rows = predictions.map(({ path: image, label, probabilities }) => [image, label, ...probabilities]);
  await writeAtomically(path, toCsv(["path", "predicted", ...classes], rows));
}

async function failIfNone(predictions: number, skipped: readonly Skipped[]): Promise<void> {
  if (predictions > 0) return;
  const { InputError } = await import("@grayling/core");
  throw new InputError(`predict: none of the ${skipped.length} files could be read`);
}
