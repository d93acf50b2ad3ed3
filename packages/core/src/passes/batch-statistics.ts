/** Normalization by the batch's own statistics, as training does it where BatchNormalization is not frozen. */
import { type Graph, isOp } from "../graph/graph.js";
import { rewrite } from "../graph/rewrite.js";

/** A graph that normalizes by its batch, and what moving averages are to follow. */
export interface BatchStatistics {
  readonly graph: Graph;
  readonly statistics: readonly MovingStatistic[];
}

/** A statistic of the batch, an output, and the weight that its moving average is. */
export interface MovingStatistic {
  readonly weight: string;
  readonly batch: string;
  /** What each step keeps of the moving average: Keras' `momentum`. */
  readonly momentum: number;
}

/**
 * Gives each BatchNormalization mean and variance of its batch, over images and pixels, in the place of its moving averages;
 * gradients then flow through both. The variance is the biased one, as in Keras 3.15, `keras/src/layers/normalization/batch_normalization.py`.
 */
export function batchStatistics(graph: Graph): BatchStatistics {
  const statistics: MovingStatistic[] = [];
  const rewritten = rewrite(graph, (net, node) => {
    if (!isOp(node, "BatchNormalization")) return false;
    const { name, attrs } = node;
    const [x, gamma, beta, movingMean, movingVariance] = node.inputs as [string, string, string, string, string];
    const channels = net.shape(x)[1] as number; // [N, C, H, W]
    const constant = (part: string, value: number) =>
      net.add("Constant", `${name}/${part}`, [], { shape: [channels], value_floats: new Array(channels).fill(value) });
    const mean = net.add("ChannelMean", `${name}/batch_mean`, [x], {});
    const minusMean = net.add("Mul", `${name}/batch_minus_mean`, [mean, constant("batch_minus", -1)], {});
    const centred = net.add("ChannelAffine", `${name}/batch_centred`, [x, constant("batch_ones", 1), minusMean], {});
    const squared = net.add("Mul", `${name}/batch_squared`, [centred, centred], {});
    const variance = net.add("ChannelMean", `${name}/batch_variance`, [squared], {});
    net.add("BatchNormalization", name, [x, gamma, beta, mean, variance], attrs);
    statistics.push({ weight: movingMean, batch: mean, momentum: attrs.momentum });
    statistics.push({ weight: movingVariance, batch: variance, momentum: attrs.momentum });
    return true;
  });
  return {
    graph: withOutputs(
      rewritten,
      statistics.map(({ batch }) => batch),
    ),
    statistics,
  };
}

const withOutputs = (graph: Graph, names: readonly string[]): Graph => ({
  ...graph,
  outputs: [...graph.outputs, ...names],
});
