/** How well a network in training does on images that it does not learn from. */
import { countCorrect, crossEntropy } from "../layers/head-evaluation.js";
import type { NetworkRows, Trainer } from "./fit-options.js";
import { targetsOf } from "./mix-batch.js";

export interface EvaluatedRows {
  /** Mean cross-entropy in nats, nothing smoothed or weighted. */
  readonly loss: number;
  readonly accuracy: number; // 0–1
  readonly logits: Float32Array; // [rows, classes]
}

/** Loss, accuracy and logits of all rows, at least one, `batch` of them at a time. */
export async function evaluateRows(
  trainer: Pick<Trainer, "evaluate">,
  { labels, read }: NetworkRows,
  batch: number,
): Promise<EvaluatedRows> {
  const parts: Float32Array[] = [];
  for (let from = 0; from < labels.length; from += batch) {
    const rows = Array.from({ length: Math.min(batch, labels.length - from) }, (_, i) => from + i);
    parts.push(await trainer.evaluate(await read(rows, 0)));
  }
  const classes = parts[0]!.length / Math.min(batch, labels.length);
  const logits = new Float32Array(labels.length * classes);
  for (const [i, part] of parts.entries()) logits.set(part, i * batch * classes);
  const targets = targetsOf(labels, new Array<number>(classes).fill(1), 0);
  const loss = crossEntropy(logits, targets, labels.length);
  return { loss, accuracy: countCorrect(logits, labels) / labels.length, logits };
}
