/** `grayling predict`: what a classifier says of images. */
import type { Command } from "commander";
import type { Classifier } from "../predict/open-classifier.js";
import type { Prediction, Skipped } from "../predict/predict.js";
import type { Console } from "./console.js";
import { parseCount } from "./parse-options.js";
import { addExamples, addPixelLimit } from "./shared-options.js";
import { addClassifierOptions, type ClassifierFlags, withClassifier } from "./with-classifier.js";

interface PredictFlags extends ClassifierFlags {
  readonly top: number;
  readonly raw?: boolean;
  readonly maxPixels?: number;
  readonly csv?: string;
  readonly cam?: string;
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
      "run folder, model.onnx, a classifier that Keras saved (.keras, .h5), or a network (efficientnet-lite0: the 1,000 ImageNet classes)",
    )
    .option("-k, --top <number>", "how many classes to show", parseCount, 3)
    .option("--raw", "probabilities before calibration")
    .option("--csv <file>", "write all probabilities to a CSV file")
    .option(
      "--cam <folder>",
      "write a picture for each image that shows where its class is seen, as explain-image does",
    )
    .option("--json", "print JSON");
  addPixelLimit(command);
  addClassifierOptions(command);
  addExamples(
    command,
    "grayling predict --model runs/photos-1 new.png",
    "grayling predict --model runs/photos-1 incoming/ --csv predictions.csv",
    "grayling predict --model efficientnet-lite0 photo.jpg --top 5",
  );
  command.action((images: string[], flags: PredictFlags) => run(images, flags, console));
}

async function run(images: readonly string[], flags: PredictFlags, console: Console): Promise<void> {
  const [{ checkWritable }, { predict }] = await Promise.all([
    import("../files/check-writable.js"),
    import("../predict/predict.js"),
  ]);
  const { progress, signal } = console;
  await checkWritable(flags.csv);
  await withClassifier(flags, console, async (classifier) => {
    const skipped: Skipped[] = [];
    const unlike: Skipped[] = [];
    const predictions: Prediction[] = [];
    const options = {
      batch: flags.batch,
      maxPixels: flags.maxPixels,
      raw: flags.raw,
      signal,
      onSkip: (file: Skipped) => void skipped.push(file),
      onUnlike: (file: Skipped) => void unlike.push(file),
      onProgress: ({ done, total }: { readonly done: number; readonly total: number }) =>
        progress.update("predict", done, total, "images"),
    };
    for await (const prediction of predict(classifier, images, options)) predictions.push(prediction);
    progress.finish();
    await warnOfUnlike(unlike, console);
    if (flags.csv !== undefined) await writeCsv(flags.csv, predictions, classifier.classes);
    await printPredictions({ classifier, predictions, skipped }, flags, console);
    await failIfNone(predictions.length, skipped);
    if (flags.cam !== undefined) await writeCams(images, flags.cam, classifier, flags, console);
  });
}

/** Of the images as they are: a mean over mirrored ones has no map of its own. */
async function writeCams(
  images: readonly string[],
  out: string,
  { framing, window }: Classifier,
  flags: PredictFlags,
  console: Console,
): Promise<void> {
  const { explainInto } = await import("./explain-image.js");
  if (flags.tta !== undefined) console.note("note: --cam shows images as they are, without --tta");
  await explainInto(flags.model, images, { out }, { ...flags, reading: { framing, window } }, console);
}

async function warnOfUnlike(files: readonly Skipped[], { note }: Console): Promise<void> {
  if (files.length === 0) return;
  const { printable } = await import("@grayling/core");
  for (const { path, reason } of files) note(`warning: ${printable(path)}: ${printable(reason)}`);
}

interface Predicted {
  readonly classifier: Classifier;
  readonly predictions: readonly Prediction[];
  readonly skipped: readonly Skipped[];
}

async function printPredictions(
  { classifier, predictions, skipped }: Predicted,
  flags: PredictFlags,
  { print, note }: Console,
): Promise<void> {
  const [{ topClasses }, { alignColumns, percent, printable }] = await Promise.all([
    import("../predict/predict.js"),
    import("@grayling/core"),
  ]);
  const top = ({ probabilities }: Prediction) => topClasses(probabilities, classifier.classes, flags.top);
  if (flags.json) {
    const rows = predictions.map((prediction) => {
      const { probabilities: _, ...decision } = prediction;
      return { ...decision, top: top(prediction) };
    });
    print(JSON.stringify({ model: classifier.source, predictions: rows, skipped }, null, 2));
  } else if (flags.csv === undefined) {
    const rows = predictions.map((prediction) => [
      printable(prediction.path),
      ...(prediction.isUnknown ? [`unknown, novelty ${prediction.novelty!.toFixed(2)}; nearest:`, ""] : []),
      ...calledFirst(top(prediction), prediction).flatMap(({ label, probability }) => [
        printable(label),
        percent(probability),
      ]),
    ]);
    for (const line of alignColumns(rows)) print(line);
  } else print(`${predictions.length} predictions written to ${flags.csv}`);
  for (const { path, reason } of skipped) note(`skipped ${printable(path)}: ${printable(reason)}`);
}

/** A class that its threshold calls stands before likelier ones. */
function calledFirst<Top extends { readonly label: string }>(top: readonly Top[], { label }: Prediction): Top[] {
  return [...top.filter((one) => one.label === label), ...top.filter((one) => one.label !== label)];
}

async function writeCsv(path: string, predictions: readonly Prediction[], classes: readonly string[]): Promise<void> {
  const [{ toCsvBytes }, { writeAtomically }] = await Promise.all([
    import("../run/csv.js"),
    import("../files/write-atomically.js"),
  ]);
  const tellsUnknown = predictions.some(({ novelty }) => novelty !== undefined);
  const tellsSet = predictions.some(({ set }) => set !== undefined);
  const header = ["path", "predicted", ...(tellsUnknown ? ["unknown", "novelty"] : []), ...(tellsSet ? ["set"] : [])];
  const rows = predictions.map(({ path: image, label, isUnknown, novelty, set, probabilities }) => {
    const told = [...(tellsUnknown ? [isUnknown ? 1 : 0, novelty] : []), ...(tellsSet ? [joinSet(set!)] : [])];
    return [image, label, ...told, ...probabilities];
  });
  await writeAtomically(path, toCsvBytes([...header, ...classes], rows));
}

/** `crack|fine`; a | or \ of a name's own has a \ in front. */
const joinSet = (set: readonly string[]) => set.map((name) => name.replaceAll(/[\\|]/g, "\\$&")).join("|");

async function failIfNone(predictions: number, skipped: readonly Skipped[]): Promise<void> {
  if (predictions > 0) return;
  const { InputError } = await import("@grayling/core");
  throw new InputError(`predict: none of the ${skipped.length} files could be read`);
}
