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
    .option(
      "--schedule <name>",
      "of the network's rate: constant, cosine, one-cycle, step or plateau (default: cosine)",
    )
    .option("--warm-up <epochs>", "of the network: the rate rises over so many (default: 1)", parseNumber)
    .option(
      "--label-smoothing <part>",
      "of the network: part of each target spread over all classes (default: 0.1)",
      parseNumber,
    )
    .option("--mixup <alpha>", "of the network: mixes images with one another (default: 0, none)", parseNumber)
    .option("--cutmix <alpha>", "of the network: pastes patches of one into another (default: 0, none)", parseNumber)
    .option("--clip-norm <norm>", "of the network: largest norm of all gradients (default: none)", parseNumber)
    .option(
      "--ema <part>",
      "of the network: average the weights, keeping this part at each step (default: no average)",
      parseNumber,
    )
    .option(
      "--layer-decay <part>",
      "of the network: each block gets this part of the rate of the one above (default: 1)",
      parseNumber,
    )
    .option("--stochastic-depth", "of the network: drop residual branches at random, as it was designed")
    .option(
      "--micro-batch <images>",
      "of the network: so many images at once in memory; a batch's gradients add up",
      parseCount,
    )
    .option("--memory <size>", "of the network: take no more than about this, such as 2G, by smaller parts of a batch")
    .option("--monitor <what>", "of the network: what decides about the best epoch, loss or accuracy (default: loss)")
    .option("--kernels <which>", "of the network's training: auto, portable or blocked (default: auto)");
}
