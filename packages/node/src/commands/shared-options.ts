/** Flags that several commands have. */
import { type Command, Option } from "commander";
import { parseCount, parseSize, parseWhole } from "./parse-options.js";

/** As commander gives them. */
export interface BackboneFlags {
  readonly model: string;
  readonly weights?: string;
  readonly convention?: string;
  readonly topology?: string;
  readonly size?: { readonly height: number; readonly width: number };
  readonly seed: number;
}

export interface RuntimeFlags {
  readonly device: string;
  readonly threads?: number;
  readonly batch: number;
  /** A folder, or false for `--no-cache`. */
  readonly cache?: string | boolean;
}

export function addModelOptions(command: Command): Command {
  return command
    .option(
      "-m, --model <name>",
      "network: efficientnet-lite0 … lite4, -b0 … -b7, -v2-b0 … -v2-b3, -v2-s, -v2-m, -v2-l",
      "efficientnet-lite0",
    )
    .option(
      "-w, --weights <source>",
      '"imagenet" (bundled for efficientnet-lite0, downloaded for b0 … b7 and v2), "random", or a .h5, .weights.h5, .keras or .safetensors file (default: "imagenet")',
    )
    .option(
      "--convention <whose>",
      "whose borders, epsilon and preprocessing: keras, keras-unsized, timm, timm-tf or torchvision (default: what the weights tell)",
    )
    .option(
      "--topology <weights>",
      "of B0–B7: as Keras builds it for imagenet weights, or for none (default: what they tell)",
    )
    .option(
      "-s, --size <HxW>",
      "height x width of the network's input in px, such as 84x112 (default: the network's own)",
      parseSize,
    )
    .option("--seed <number>", "of everything random: splits, shuffles, random weights", parseWhole, 0);
}

export function addRuntimeOptions(command: Command, { keepsFeatures = false, hasBatches = true } = {}): Command {
  command
    .addOption(
      new Option("-d, --device <name>", "where the network runs; what cannot be used falls back to cpu").default(
        "auto",
        "auto: cuda where installed, else cpu",
      ),
    )
    .option("--threads <number>", "threads of the network (default: one per core)", parseCount)
    .option("--cache <folder>", "where downloaded weights and computed features are kept");
  if (hasBatches) command.option("-b, --batch <images>", "images per step", parseCount, 32);
  if (keepsFeatures) command.option("--no-cache", "neither use nor keep computed features");
  return command;
}

/** Wherever images are scaled. */
export function addInterpolation(command: Command): Command {
  return command.option(
    "--interpolation <how>",
    "how it is scaled: antialias, bilinear (Keras' image_dataset_from_directory) or nearest (Keras' flow_from_directory)",
    "antialias",
  );
}

/** A limit on pictures, wherever files are decoded. */
export function addPixelLimit(command: Command): Command {
  return command.option(
    "--max-pixels <number>",
    "leave out images that claim more pixels (default: 178,956,970)",
    parseCount,
  );
}

/** The folder that a flag names, or the usual one. */
export const cacheOf = ({ cache }: Pick<RuntimeFlags, "cache">, usual: string): string =>
  typeof cache === "string" ? cache : usual;

/** Examples below the options, as every command has them. */
export function addExamples(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText("after", `\nExamples:\n${examples.map((example) => `  $ ${example}`).join("\n")}`);
}
