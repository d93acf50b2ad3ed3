/** How well a head in training fits images that it does not learn from. */
import type { Graph } from "../../graph/graph.js";
import { nodesOf } from "../../graph/graph.js";
import type { Tensor } from "../../graph/tensor.js";
import { inference } from "../../lower/inference.js";
import { lower } from "../../lower/lowering.js";
import { indexOfLargest } from "../../measure/index-of-largest.js";
import { encode } from "../../onnx/encode.js";
import { logitsOf } from "../../passes/add-loss.js";
import { cutGraph } from "../../passes/cut.js";
import type { NamedTensors, Runtime } from "../../runtime/session.js";
import { headInput } from "./build-head.js";

export interface HeadEvaluation {
  /** The logits of all images at these weights, [N, classes], dropout being off. */
  logits(weights: NamedTensors): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Hands `features` [N, D] to the runtime once. */
export async function openHeadEvaluation(runtime: Runtime, head: Graph, features: Tensor): Promise<HeadEvaluation> {
  const output = logitsOf(head);
  const weights = nodesOf(head, "Weight").map(({ name }) => name);
  const graph = cutGraph(head, output);
  const session = await runtime.open(encode(lower({ graph, weights: new Map() }, inference, weights)));
  await session.bind({ [headInput]: features });
  return {
    logits: async (weights) => (await session.run(weights))[output]!.data,
    release: () => session.release(),
  };
}

/** Mean cross-entropy with `targets` [rows, classes], in nats; each row counts by its sum, as in training. Sums in float64. */
export function crossEntropy(logits: Float32Array, targets: Float32Array, rows: number): number {
  const classes = logits.length / rows;
  let loss = 0;
  for (let at = 0; at < logits.length; at += classes) {
    const row = logits.subarray(at, at + classes);
    const largest = row.reduce((a, b) => Math.max(a, b));
    const logSum = largest + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
    for (let k = 0; k < classes; k++) loss += targets[at + k]! * (logSum - row[k]!);
  }
  return loss / rows;
}

/** Rows of `logits` [rows, classes] whose largest value stands at the label; of equals the first. */
export function countCorrect(logits: Float32Array, labels: readonly number[]): number {
  const classes = logits.length / labels.length;
  return labels.filter((label, row) => {
    return indexOfLargest(logits.subarray(row * classes, (row + 1) * classes)) === label;
  }).length;
}
