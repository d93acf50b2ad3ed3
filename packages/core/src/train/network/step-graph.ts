/** The graph of a training step: forward, loss and gradients above the cut. */
import type { Graph } from "../../graph/graph.js";
import { addLoss } from "../../passes/add-loss.js";
import { batchStatistics, type MovingStatistic } from "../../passes/batch-statistics.js";
import { differentiate } from "../../passes/differentiate.js";
import { type DropoutMask, maskDropout } from "../../passes/dropout-masks.js";
import { fuseSums } from "../../passes/fuse-sums.js";
import type { PreparedNetwork } from "./prepare-network.js";

/** A step, before it is lowered. */
export interface StepGraph {
  /** Outputs: `loss`, the logits, statistics of the batch, gradients. */
  readonly graph: Graph;
  /** The gradient of each trained weight. */
  readonly gradients: ReadonlyMap<string, string>;
  readonly masks: readonly DropoutMask[];
  /** None but where normalizations train. */
  readonly statistics: readonly MovingStatistic[];
}

/** The step of a network: dropout masked, normalized as it says, differentiated, sums fused. Throws `GraphError` where an operator above the cut has no gradient. */
export function stepGraph({ split, batchNorm, logits, trained }: PreparedNetwork): StepGraph {
  const { graph: masked, masks } = maskDropout(split.above.graph);
  const { graph: normalized, statistics } =
    batchNorm === "train" ? batchStatistics(masked) : { graph: masked, statistics: [] };
  const lossy = addLoss(normalized, logits);
  const outputs = [...lossy.outputs, ...statistics.map(({ batch }) => batch)];
  const { graph, gradients } = differentiate({ ...lossy, outputs }, "loss", trained);
  return { graph: fuseSums(graph), gradients, masks, statistics };
}
