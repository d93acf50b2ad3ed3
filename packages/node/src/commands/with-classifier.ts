/** What `predict` and `evaluate` begin and end with. */
import type { Classifier } from "../predict/open-classifier.js";
import type { Console } from "./console.js";
import { reportDownload } from "./report-download.js";
import { cacheOf, type RuntimeFlags } from "./shared-options.js";

export interface ClassifierFlags extends RuntimeFlags {
  readonly model: string;
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
    await work(classifier);
  } finally {
    await runtime.close();
  }
}
