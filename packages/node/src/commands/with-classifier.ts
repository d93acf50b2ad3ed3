/** What `predict` and `evaluate` begin and end with. */
import type { Command } from "commander";
import type { Classifier } from "../predict/open-classifier.js";
import type { Console } from "./console.js";
import { reportDownload } from "./report-download.js";
import { addRuntimeOptions, cacheOf, type RuntimeFlags } from "./shared-options.js";

export interface ClassifierFlags extends RuntimeFlags {
  readonly model: string;
  readonly tta?: string;
  readonly interpolation?: string;
  readonly window?: string;
}

/** The flags that `predict` and `evaluate` share. */
export function addClassifierOptions(command: Command): Command {
  command
    .option(
      "--window <values>",
      "which values are black and white, instead of the model's own: full, image, dicom or low:high; for images stored otherwise than those that trained",
    )
    .option(
      "--interpolation <how>",
      "scale images by antialias, bilinear or nearest, instead of as the model was trained; for models of Keras",
    )
    .option("--tta <how>", "average over mirrored images: horizontal, or flips (both axes; four times the work)");
  return addRuntimeOptions(command);
}

/** Opens the classifier that the flags name, has `work` done with it, and closes the runtime whatever comes. */
export async function withClassifier(
  flags: ClassifierFlags,
  console: Console,
  work: (classifier: Classifier) => Promise<void>,
): Promise<void> {
  const [{ openClassifier }, { openRuntime }] = await Promise.all([
    import("../predict/open-classifier.js"),
    import("../runtime/open-runtime.js"),
  ]);
  const { progress, signal, cache, note } = console;
  const runtime = openRuntime({ ...flags, onFallback: note });
  try {
    const onProgress = reportDownload(progress);
    const classifier = await openClassifier(runtime, flags.model, { cache: cacheOf(flags, cache), signal, onProgress });
    for (const line of classifier.notes) note(`note: ${line}`);
    const { tta, interpolation, window } = flags;
    const windowed = window === undefined ? classifier : await windowedBy(classifier, window, note);
    const scaling = interpolation === undefined ? windowed : await scaledBy(windowed, interpolation, note);
    await work(tta === undefined ? scaling : await overFlips(scaling, tta));
  } finally {
    await runtime.close();
  }
}

/** The samples of the images that trained say nothing of those that another window reads. */
async function windowedBy(classifier: Classifier, text: string, note: Console["note"]): Promise<Classifier> {
  const { parseSettledWindow, showWindow } = await import("@grayling/core");
  const window = parseSettledWindow(text);
  const [own, other] = [classifier.window, window].map(showWindow);
  if (own === other) return classifier;
  note(
    `warning: images are read with the window ${other}, the model has learnt from ${own}: gray must mean the same in both`,
  );
  return { ...classifier, window, samples: undefined };
}

async function scaledBy(classifier: Classifier, how: string, note: Console["note"]): Promise<Classifier> {
  const [{ checkFraming, interpolations }, { oneOf }] = await Promise.all([
    import("@grayling/core"),
    import("../one-of.js"),
  ]);
  const interpolation = oneOf("interpolation", how, interpolations);
  const { interpolation: former = "antialias" } = classifier.framing;
  const framing = { ...classifier.framing, interpolation };
  checkFraming(framing);
  if (former !== interpolation) note(`note: images are scaled by ${interpolation}, instead of ${former}`);
  return { ...classifier, framing };
}

async function overFlips(classifier: Classifier, tta: string): Promise<Classifier> {
  const [{ averageOverFlips, flipAverages }, { oneOf }] = await Promise.all([
    import("../augment/average-over-flips.js"),
    import("../one-of.js"),
  ]);
  return { ...classifier, session: averageOverFlips(classifier.session, oneOf("tta", tta, flipAverages)) };
}
