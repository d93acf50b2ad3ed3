/** How well a head does on features that it was not trained on. */
import {
  classificationMetrics,
  encode,
  inference,
  lower,
  type Metrics,
  type Model,
  type Runtime,
} from "@grayling/core";
import type { FeatureTable } from "../features/feature-table.js";

export interface Evaluated {
  readonly metrics: Metrics;
  /** [images, classes] */
  readonly probabilities: Float32Array;
}

/** Rows that go through the head at once. */
const batch = 1024;

export async function evaluateHead(
  head: Model,
  { values, columns, labels }: FeatureTable,
  { runtime, classes }: { readonly runtime: Runtime; readonly classes: readonly string[] },
): Promise<Evaluated> {
  const session = await runtime.open(encode(lower(head, inference)));
  const probabilities = new Float32Array(labels.length * classes.length);
  for (let from = 0; from < labels.length; from += batch) {
    const rows = Math.min(batch, labels.length - from);
    const data = values.subarray(from * columns, (from + rows) * columns);
    const { predictions } = await session.run({ features: { shape: [rows, columns], data } });
    probabilities.set(predictions!.data, from * classes.length);
  }
  await session.release();
  return { metrics: classificationMetrics(labels, probabilities, classes), probabilities };
}
