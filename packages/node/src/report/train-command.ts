/** The command that trains a run again. */
import type { AugmentOptions } from "@grayling/core";
import type { RunConfig } from "../run/run-config.js";
import { augmentFlags } from "./augment-flags.js";

export interface TrainCommand {
  /** Words after `grayling`, not yet quoted. */
  readonly words: readonly string[];
  /** Options that no flag of the command says, by name. */
  readonly unsaid: readonly string[];
}

type Options = Readonly<Record<string, unknown>>;

/** What an option becomes: words, or undefined for what cannot be said. */
type Rule = (value: unknown, options: Options) => readonly string[] | undefined;

const flag =
  (name: string, usual?: unknown): Rule =>
  (value) =>
    value === usual ? [] : [name, String(value)];

const nothing: Rule = () => [];

/** Of every option in the order of the command's help; whatever is as it would be anyway is left out. */
const rules: Readonly<Record<string, Rule>> = {
  model: flag("--model", "efficientnet-lite0"),
  weights: flag("--weights", "imagenet"),
  convention: flag("--convention"),
  topology: flag("--topology"),
  height: (height, { width }) => ["--size", `${height}x${width}`],
  width: nothing,
  fit: flag("--fit", "stretch"),
  interpolation: flag("--interpolation", "antialias"),
  window: flag("--window"),
  maxPixels: flag("--max-pixels"),
  exclude: flag("--exclude"),
  validation: flag("--val", 0.2),
  test: flag("--test", 0),
  split: flag("--split", "stratified"),
  group: flag("--group"),
  folds: flag("--folds"),
  pooling: flag("--pooling", "avg"),
  head: flag("--head", "linear"),
  classWeights: flag("--class-weights"),
  coverage: flag("--coverage", 0.9),
  thresholds: (goals) =>
    (goals as readonly Options[]).flatMap(({ metric, value, className }, i) => [
      ...(i === 0 ? ["--threshold"] : []),
      `${metric}:${value}:${className}`,
    ]),
  layers: (value) => epochFlags(value as Options),
  network: (value) => networkFlags(value as Options),
  augment: (value) => augmentFlags(value as AugmentOptions),
  augmentVariants: flag("--augment-variants", 4),
  batch: flag("--batch", 32),
  seed: flag("--seed", 0),
  device: flag("--device", "cpu"),
  threads: flag("--threads"),
};

/** Options with nothing left open, as `config.json` has them. */
export function trainCommand(dataset: string, { options }: Pick<RunConfig, "options">): TrainCommand {
  const all: Options = options;
  const order = Object.keys(rules);
  const names = Object.keys(all).filter((name) => all[name] !== undefined && all[name] !== null);
  const said = names
    .filter((name) => order.includes(name))
    .sort((a, b) => order.indexOf(a) - order.indexOf(b))
    .map((name) => ({ name, words: rules[name]!(all[name], all) }));
  const unsaid = [
    ...names.filter((name) => !order.includes(name)),
    ...said.flatMap(({ name, words }) => (words ? [] : [name])),
  ];
  return { words: ["train", dataset, ...said.flatMap(({ words = [] }) => words)], unsaid };
}

/** Of whatever trains by epochs. Only some optimizers take weight decay or momentum. */
function epochFlags({ optimizer, learningRate, weightDecay, momentum, epochs, patience }: Options): string[] {
  const given = (name: string, value: unknown) => (value === undefined ? [] : [name, String(value)]);
  return [
    ...given("--optimizer", optimizer),
    ...given("--lr", learningRate),
    ...(optimizer === "adam" ? [] : given("--weight-decay", weightDecay)),
    ...(optimizer === "sgd" ? given("--momentum", momentum) : []),
    ...given("--epochs", epochs),
    ...given("--patience", patience),
  ];
}

function networkFlags(network: Options): string[] {
  const { unfreeze, batchNorm, schedule, plateau, clipNorm, average, memory, microBatch } = network;
  const other = (name: string, value: unknown, usual: unknown) => (value === usual ? [] : [name, String(value)]);
  const { patience, factor } = (plateau ?? {}) as Options;
  return [
    "--unfreeze",
    String(unfreeze),
    ...other("--bn", batchNorm, "frozen"),
    ...epochFlags(network),
    ...other("--schedule", schedule, "cosine"),
    ...(schedule === "plateau" ? ["--plateau-patience", String(patience), "--plateau-factor", String(factor)] : []),
    ...other("--warm-up", network.warmUp, undefined),
    ...other("--label-smoothing", network.labelSmoothing, 0.1),
    ...other("--mixup", network.mixup, 0),
    ...other("--cutmix", network.cutmix, 0),
    ...(clipNorm === undefined ? ["--clip-norm", "0"] : other("--clip-norm", clipNorm, 1)),
    ...other("--ema", average, undefined),
    ...other("--layer-decay", network.layerDecay, 1),
    ...(network.stochasticDepth === true ? ["--stochastic-depth"] : []),
    ...(memory === undefined ? other("--micro-batch", microBatch, undefined) : ["--memory", showBytes(Number(memory))]),
    ...other("--monitor", network.watched, "accuracy"),
    ...other("--cache-type", network.cacheType, "float32"),
    ...other("--kernels", network.kernels, "auto"),
  ];
}

/** 2147483648 → "2097152K": to the byte, as far as users gave it. */
const showBytes = (bytes: number): string => `${bytes / 2 ** 10}K`;
