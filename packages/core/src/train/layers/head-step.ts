/** One training step of a head on ONNX Runtime: forward, loss and gradients of a batch, with the weights as inputs. */
import { type Graph, nodesOf } from "../../graph/graph.js";
import type { Tensor } from "../../graph/tensor.js";
import { inference } from "../../lower/inference.js";
import { lower } from "../../lower/lowering.js";
import { encode } from "../../onnx/encode.js";
import { addLoss, logitsOf } from "../../passes/add-loss.js";
import { differentiate } from "../../passes/differentiate.js";
import { type DropoutMask, maskDropout } from "../../passes/dropout-masks.js";
import type { NamedTensors, Runtime } from "../../runtime/session.js";
import { headInput } from "./build-head.js";
import type { NamedValues } from "./optimizers.js";

export interface HeadBatch {
  readonly features: Tensor; // [N, D]
  /** Probabilities, times the weight of the image: a row's sum is how much it counts, [N, classes]. */
  readonly targets: Tensor;
  /** By the names of `HeadStep.masks`. */
  readonly masks: NamedTensors;
}

export interface HeadResult {
  /** Σ over the batch of −Σ targets · log p, divided by N. */
  readonly loss: number;
  readonly logits: Float32Array; // [N, classes]
  /** Of `loss`, by weight. */
  readonly gradients: NamedValues;
}

export interface HeadStep {
  /** The dropout masks that each batch brings. */
  readonly masks: readonly DropoutMask[];
  run(batch: HeadBatch, weights: NamedTensors): Promise<HeadResult>;
  release(): Promise<void>;
}

/** Prepares the training of a head that ends in softmax. Throws `GraphError` for another one. */
export async function openHeadStep(runtime: Runtime, head: Graph): Promise<HeadStep> {
  const logits = logitsOf(head);
  const { graph, gradients, masks } = stepGraph(head, logits);
  const model = { graph, weights: new Map() };
  const session = await runtime.open(encode(lower(model, inference, [...gradients.keys()])));
  return {
    masks,
    async run({ features, targets, masks }, weights) {
      const scale = { shape: [], data: Float32Array.of(1 / features.shape[0]!) };
      const outputs = await session.run({ ...weights, ...masks, [headInput]: features, targets, scale });
      const values = [...gradients].map(([weight, output]) => [weight, outputs[output]!.data] as const);
      return {
        loss: outputs["loss"]!.data[0]!,
        logits: outputs[logits]!.data,
        gradients: Object.fromEntries(values),
      };
    },
    release: () => session.release(),
  };
}

function stepGraph(head: Graph, logits: string) {
  const { graph, masks } = maskDropout(head);
  const weights = nodesOf(head, "Weight").map(({ name }) => name);
  return { ...differentiate(addLoss(graph, logits), "loss", weights), masks };
}
