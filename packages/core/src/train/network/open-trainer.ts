/** The graphs of a training on a runtime: the step, with its gradients, and what measures images that do not train. */
import type { Graph } from "../../graph/graph.js";
import { bind, type Weights, weightOf } from "../../graph/model.js";
import type { Tensor } from "../../graph/tensor.js";
import { blockedKernels } from "../../lower/blocked.js";
import { portableKernels } from "../../lower/portable.js";
import { lowerTraining, type TrainingLowering } from "../../lower/training.js";
import { encode } from "../../onnx/encode.js";
import type { MovingStatistic } from "../../passes/batch-statistics.js";
import type { DropoutMask } from "../../passes/dropout-masks.js";
import { fuseSums } from "../../passes/fuse-sums.js";
import type { Runtime, Session } from "../../runtime/session.js";
import type { PreparedNetwork } from "./prepare-network.js";
import { stepGraph } from "./step-graph.js";
import type { Order, TrainedVariable } from "./trained-variable.js";
import type { TrainerOptions } from "./trainer-options.js";

/** What a `NetworkTrainer` runs and moves. The caller releases both sessions. */
export interface TrainerParts {
  readonly session: Session;
  readonly forward: Session;
  readonly gradients: ReadonlyMap<string, string>;
  readonly masks: readonly DropoutMask[];
  readonly statistics: readonly MovingStatistic[];
  readonly variables: ReadonlyMap<string, TrainedVariable>;
}

/** Throws `GraphError` where an operator above the cut has no gradient, or no form in the layout. */
export async function openTrainer(
  runtime: Runtime,
  network: PreparedNetwork,
  options: TrainerOptions,
  allocate: Order["allocate"],
): Promise<TrainerParts> {
  const { trained, split } = network;
  const { graph, gradients, masks, statistics } = stepGraph(network);
  const { weights } = split.above;
  const step = lowered(graph, weights, trained, options);
  const moving = statistics.map(({ weight }) => weight);
  const forward = lowered(fuseSums(split.above.graph), weights, [...trained, ...moving], options);
  const variables = new Map(
    trained.map((name) => {
      const order = {
        pack: (tensor: Tensor) => step.pack(name, tensor),
        unpack: (packed: Float32Array) => step.unpack(name, packed),
        allocate,
      };
      return [name, network.variable(name, weightOf(network.network, name).data, order)] as const;
    }),
  );
  const session = await runtime.open(encode(step.onnx));
  const forwardSession = await runtime.open(encode(forward.onnx)).catch(async (error: unknown) => {
    await session.release();
    throw error;
  });
  return { session, forward: forwardSession, gradients, masks, statistics, variables };
}

function lowered(
  graph: Graph,
  weights: Weights,
  trained: readonly string[],
  { kernels, images }: TrainerOptions,
): TrainingLowering {
  const create: Parameters<typeof lowerTraining>[1]["kernels"] =
    kernels.name === "portable" ? portableKernels : (onnx, batch) => blockedKernels(onnx, batch, kernels.block);
  return lowerTraining(bind(graph, weights), { batch: images, trained, kernels: create });
}
