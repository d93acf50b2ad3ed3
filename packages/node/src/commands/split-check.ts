/** `grayling split-check`: what a split that divides groups is worth. */
import type { Command } from "commander";
import type { SplitCheck } from "../train/split-check.js";
import type { Console } from "./console.js";
import { parseCount, parseWhole } from "./parse-options.js";
import {
  addExamples,
  addInterpolation,
  addModelOptions,
  addPixelLimit,
  addRuntimeOptions,
  type BackboneFlags,
  cacheOf,
  type RuntimeFlags,
} from "./shared-options.js";

interface SplitCheckFlags extends BackboneFlags, RuntimeFlags {
  readonly group?: string;
  readonly folds: number;
  readonly repeats: number;
  readonly fit: string;
  readonly interpolation: string;
  readonly window?: string;
  readonly exclude?: string;
  readonly maxPixels?: number;
  readonly json?: boolean;
}

export function defineSplitCheck(program: Command, console: Console): void {
  const command = program
    .command("split-check")
    .summary("measure what a split that divides patients, writers or scenes pretends")
    .description(
      "Cross-validates the linear head twice on the same features: shuffled, and with whole groups (patients, writers, " +
        "scenes) on one side. The difference is what a shuffled split would pretend. Groups are given, or proposed from " +
        "the file names. Intervals of 95 % are over groups.",
    )
    .argument("<folder>", "folder with one subfolder per class, or a CSV file: path,label[,group]")
    .option("--group <pattern>", "what a group shares: a regular expression on paths, or a column of the CSV file")
    .option("--folds <number>", "folds of both", parseWhole, 5)
    .option("--repeats <number>", "draws of both, whose results are averaged; one is quick", parseCount, 5)
    .option("--json", "print the result as JSON");
  addModelOptions(command)
    .option("--fit <how>", "how an image gets the network's shape: stretch, letterbox, crop or tile", "stretch")
    .option("--window <values>", "which values become black and white, as of train (default: as train chooses)")
    .option("--exclude <list>", "CSV of files to leave out, such as an edited --fix-list of grayling check");
  addPixelLimit(command);
  addInterpolation(command);
  addRuntimeOptions(command, { keepsFeatures: true });
  addExamples(
    command,
    "grayling split-check xrays --group 'patient_([0-9]+)'",
    "grayling split-check letters --json",
    "grayling split-check xrays.csv --group hospital",
  );
  command.action((folder: string, flags: SplitCheckFlags) => run(folder, flags, console));
}

async function run(folder: string, flags: SplitCheckFlags, console: Console): Promise<void> {
  const [{ printable }, { splitCheck }, { reportTraining }] = await Promise.all([
    import("@grayling/core"),
    import("../train/split-check.js"),
    import("./training-report.js"),
  ]);
  const { size, cache, json, ...options } = flags;
  const report = reportTraining(console, "the result of --json");
  let heads = 0;
  const check = await splitCheck(folder, {
    ...options,
    ...size,
    cache: cacheOf(flags, console.cache),
    keepFeatures: cache !== false,
    signal: console.signal,
    onEvent: (event) => {
      if (event.kind === "fold") console.progress.update("folds", ++heads, 2 * event.folds * flags.repeats, "heads");
      else report(event);
    },
  });
  console.progress.finish();
  if (json) return console.print(JSON.stringify(check, null, 2));
  console.print();
  for (const line of describe({ ...check, undivided: check.undivided.map(printable) })) console.print(line);
}

const points = (part: number) => (100 * part).toFixed(1);

/** `(88.0–94.1)`, in % */
const range = ({ low, high }: SplitCheck["grouped"]) => `(${points(low)} to ${points(high)})`;

/** What the draws differ in. */
function spread(splits: SplitCheck["splits"]): string {
  const differences = splits.map(({ shuffled, grouped }) => shuffled - grouped);
  return `one alone gives a difference of ${points(Math.min(...differences))} to ${points(Math.max(...differences))} points`;
}

function describe(check: SplitCheck): string[] {
  const { by, pattern, isProposed, images, groups, folds, repeats, shuffled, grouped, leakage, splits } = check;
  const source = isProposed ? `proposed: ${by}${pattern === undefined ? "" : `; --group '${pattern}'`}` : by;
  return [
    `groups    ${groups} of ${images} images (${source})`,
    ...check.undivided.map((name) => `note      all of ${name} is one group: learnt only where it is not measured`),
    `shuffled  ${points(shuffled.mean)} % ${range(shuffled)}`,
    `grouped   ${points(grouped.mean)} % ${range(grouped)}   (${folds} folds${repeats > 1 ? `, ${repeats} draws` : ""}; 95 % intervals over groups)`,
    ...(repeats > 1 ? [`draws     ${spread(splits)}`] : []),
    "",
    `${points(shuffled.mean)} % shuffled, ${points(grouped.mean)} % by group: ${verdict(leakage)}`,
  ];
}

/** In words that the interval allows. */
function verdict(leakage: SplitCheck["leakage"]): string {
  const size = `${points(Math.abs(leakage.mean))} points`;
  if (leakage.low === 0 && leakage.high === 0) return "no difference";
  if (leakage.low > 0) return `${size} ${range(leakage)} are leakage; split with --group`;
  if (leakage.high < 0)
    return `the shuffled split is ${size} too low ${range(leakage)}, nothing leaks; --group is still right`;
  return `a difference of ${points(leakage.mean)} points ${range(leakage)}, which may be chance`;
}
