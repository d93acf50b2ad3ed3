/** Flags of a training that moves layers of the network itself. */
import type { Command } from "commander";
import type { NetworkTrainingOptions } from "../train/network/network-options.js";
import { parseCount, parseNumber } from "./parse-options.js";

/** As commander gives them: by the names that a training has for them. */
export type NetworkFlags = NetworkTrainingOptions;

/** Adds them to a command. */
export function addNetworkOptions(command: Command): Command {
  return command
    .option(
      "--unfreeze <layers>",
      "what trains besides the head: top, block7 … block1 (each with all above it), all, or patterns on Keras' layer names, 'block6*,top_*' (default: nothing)",
    )
    .option("--bn <how>", "normalizations: frozen, or train: by each batch, for --weights random (default: frozen)")
    .option("--schedule <name>", "of the rate: constant, cosine, one-cycle, step or plateau (default: cosine)")
    .option(
      "--plateau-patience <epochs>",
      "with --schedule plateau: epochs without improvement until the rate falls (default: a third of --patience)",
      parseCount,
    )
    .option(
      "--plateau-factor <part>",
      "with --schedule plateau: what then is left of the rate (default: 0.1)",
      parseNumber,
    )
    .option("--warm-up <epochs>", "the rate rises over so many (default: 1)", parseNumber)
    .option("--label-smoothing <part>", "part of each target spread over all classes (default: 0.1)", parseNumber)
    .option("--mixup <alpha>", "mixes images with one another (default: 0, none)", parseNumber)
    .option("--cutmix <alpha>", "pastes patches of one into another (default: 0, none)", parseNumber)
    .option("--clip-norm <norm>", "largest norm of all gradients, 0: any (default: 1)", parseNumber)
    .option("--ema <part>", "average the weights, keeping this part at each step (default: no average)", parseNumber)
    .option("--layer-decay <part>", "each block gets this part of the rate of the one above (default: 1)", parseNumber)
    .option("--stochastic-depth", "drop residual branches at random, as it was designed")
    .option("--micro-batch <images>", "so many images at once in memory; a batch's gradients add up", parseCount)
    .option("--memory <size>", "take no more than about this, such as 2G, by smaller parts of a batch")
    .option(
      "--monitor <what>",
      "what decides about the best epoch, and whether the network is kept: accuracy or loss (default: accuracy)",
    )
    .option(
      "--cache-type <type>",
      "how activations below what trains are kept on disk, float32 or float16 (default: float32)",
    )
    .option("--kernels <which>", "how maps lie in memory while training: auto, portable or blocked (default: auto)");
}
