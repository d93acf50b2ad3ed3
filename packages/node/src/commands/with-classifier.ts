/** What `predict` and `evaluate` begin and end with. */
import type { Classifier } from "../predict/open-classifier.js";
import type { Console } from "./console.js";
import { reportDownload } from "./report-download.js";
import { cacheOf, type RuntimeFlags } from "./shared-options.js";

export interface ClassifierFlags extends RuntimeFlags {
  readonly model: string;
  readonly tta?: string;
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
    await work(flags.tta === undefined ? classifier : await overFlips(classifier, flags.tta));
  } finally {
    await runtime.close();
  }
}

async function overFlips(classifier: Classifier, tta: string): Promise<Classifier> {
  const [{ averageOverFlips, flipAverages }, { oneOf }] = await Promise.all([
    import("../augment/average-over-flips.js"),
    import("../one-of.js"),
  ]);
  return { ...classifier, session: averageOverFlips(classifier.session, oneOf("tta", tta, flipAverages)) };
}
