/** `grayling demo`: all of it once, with nothing downloaded. */
import type { Command } from "commander";
import type { DemoFolder } from "../demo/demo-folder.js";
import type { TrainResult } from "../train/train.js";
import type { TrainEvent } from "../train/train-events.js";
import type { Console } from "./console.js";
import { parseWhole } from "./parse-options.js";
import { addExamples } from "./shared-options.js";

interface DemoFlags {
  readonly out: string;
  readonly seed: number;
}

export function defineDemo(program: Command, console: Console): void {
  const command = program
    .command("demo")
    .summary("see all of it on made-up images, with nothing downloaded")
    .description(
      "Paints gray images of metal with six kinds of defects, trains on them with the bundled weights, classifies images that were held out, and trains once more with random weights, which shows what the transfer brought. It needs neither images nor internet, and about half a minute.",
    )
    .option("-o, --out <folder>", "where everything goes; new, empty, or that of an earlier demo", "grayling-demo")
    .option("--seed <number>", "of the images, the split and the random weights", parseWhole, 0);
  addExamples(command, "grayling demo", "grayling demo --out /tmp/grayling-demo --seed 1");
  command.action((flags: DemoFlags) => run(flags, console));
}

async function run({ out, seed }: DemoFlags, console: Console): Promise<void> {
  const started = performance.now();
  console.signal.throwIfAborted(); // asked for before the first line, so that from then on Ctrl-C ends things in order
  const [{ claimFolder, nextRunNames }, report] = await Promise.all([
    import("../demo/demo-folder.js"),
    import("./demo-report.js"),
  ]);
  const folder = await claimFolder(out, seed);
  const names = await nextRunNames(folder.runs);

  report.printHeading(1, "Images: metal with six kinds of defects", console);
  await makeImages(folder, seed, console);
  report.printImages(folder, seed, console);

  report.printHeading(2, "Training with transferred weights", console);
  const transferred = await trainOnce(folder, { seed, name: names.transferred, weights: "imagenet" }, console);

  report.printHeading(3, "Predictions on images that were held out", console);
  report.printHeldOut(await predictHeldOut(folder, transferred, console), console);

  report.printHeading(4, "The same with random weights: what did the transfer bring?", console);
  const random = await trainOnce(folder, { seed, name: names.random, weights: "random" }, console);
  report.printGain(transferred, random, console);

  report.printHeading(5, "Where everything lies, and your own images", console);
  report.printNext(folder, names, (performance.now() - started) / 1000, console);
}

async function makeImages(folder: DemoFolder, seed: number, { progress, signal }: Console): Promise<void> {
  const { makeDataset } = await import("../demo/make-dataset.js");
  const onProgress = ({ done, total }: { readonly done: number; readonly total: number }) =>
    progress.update("painting", done, total, "images");
  await makeDataset(folder, { seed, signal, onProgress });
  progress.finish();
}

interface OneTraining {
  readonly seed: number;
  readonly name: string;
  readonly weights: "imagenet" | "random";
}

/** The training with transferred weights tells everything, that with random weights only what is different. */
async function trainOnce(folder: DemoFolder, options: OneTraining, console: Console): Promise<TrainResult> {
  const [{ train }, { printTraining, reportTraining }] = await Promise.all([
    import("../train/train.js"),
    import("./training-report.js"),
  ]);
  const isFirst = options.weights === "imagenet";
  const tell = reportTraining(console);
  const isNews = ({ kind }: TrainEvent) => isFirst || (kind !== "dataset" && kind !== "read");
  const result = await train(folder.images, {
    ...options,
    out: folder.runs,
    cache: folder.cache,
    signal: console.signal,
    onEvent: (event) => isNews(event) && tell(event),
  });
  console.progress.finish();
  if (isFirst) printTraining(result, console);
  return result;
}

async function predictHeldOut({ heldOut, cache }: DemoFolder, run: TrainResult, { signal, note }: Console) {
  const [{ openClassifier }, { evaluate }, { openRuntime }] = await Promise.all([
    import("../predict/open-classifier.js"),
    import("../predict/evaluate.js"),
    import("../runtime/open-runtime.js"),
  ]);
  const runtime = openRuntime({ device: "auto", onFallback: note });
  try {
    return await evaluate(await openClassifier(runtime, run.folder, { cache, signal }), heldOut, { signal });
  } finally {
    await runtime.close();
  }
}
