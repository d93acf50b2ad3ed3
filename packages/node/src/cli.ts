#!/usr/bin/env node
/**
 * The command line. It reads the environment, defines the commands, and turns errors into one line and an exit code:
 * 0 done, 1 failure, 2 wrong input, 130 stopped by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP. What a command needs is loaded
 * when it runs.
 */
import { homedir } from "node:os";
import { Command, CommanderError } from "commander";
import colors from "picocolors";
import { defineAugment } from "./commands/augment.js";
import { defineCheck } from "./commands/check.js";
import { defineCompare } from "./commands/compare.js";
import type { Console } from "./commands/console.js";
import { defineDemo } from "./commands/demo.js";
import { defineDoctor } from "./commands/doctor.js";
import { defineEvaluate } from "./commands/evaluate.js";
import { defineExplain } from "./commands/explain.js";
import { defineExplainImage } from "./commands/explain-image.js";
import { defineExport } from "./commands/export.js";
import { defineLrFind } from "./commands/lr-find.js";
import { definePlan } from "./commands/plan.js";
import { definePredict } from "./commands/predict.js";
import { defineReport } from "./commands/report.js";
import { defineSplitCheck } from "./commands/split-check.js";
import { defineSummary } from "./commands/summary.js";
import { defineTrain } from "./commands/train.js";
import { defineVerify } from "./commands/verify.js";
import { defineWeights } from "./commands/weights.js";
import { cacheFolder } from "./files/cache-folder.js";
import { createProgress } from "./terminal/progress.js";
import { endByHangUp, exitCodeOf, onStopSignal } from "./terminal/stop-signals.js";
import { version } from "./version.js";

const interrupted = new Error(
  "stopped; what was computed or downloaded is kept, so that the same command finds it again",
);
const controller = new AbortController();
let stoppedBy: NodeJS.Signals | undefined;
let isWatched = false;
const terminal: Console = {
  print: (line = "") => void process.stdout.write(`${line}\n`),
  note: (line) => void process.stderr.write(`${line}\n`),
  progress: createProgress(process.stderr),
  // picocolors colours pipes as well, on Windows and where CI is set: what is piped or redirected is plain here.
  colors: colors.createColors(colors.isColorSupported && (process.stdout.isTTY || "FORCE_COLOR" in process.env)),
  // A command that does not ask for the signal has nothing to keep: the system stops it at once.
  get signal() {
    if (!isWatched) {
      onStopSignal((name) => {
        stoppedBy = name;
        controller.abort(interrupted);
      });
    }
    isWatched = true;
    return controller.signal;
  },
  cache: cacheFolder(process.env, process.platform, homedir()),
};

for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosedPipe);

const program = new Command("grayling")
  .description(
    "Transfer learning with EfficientNets on grayscale images: from a folder of gray images per class to a classifier.",
  )
  .version(version(), "-V, --version", "print the version")
  .option("--debug", "show where an error comes from")
  .helpOption("-h, --help", "print help")
  .helpCommand("help [command]", "print help for a command")
  .showSuggestionAfterError()
  .addHelpText(
    "after",
    "\nExamples:\n  $ grayling demo                                       see all of it, with nothing downloaded\n" +
      "  $ grayling train photos                               photos/cat/*.png, photos/dog/*.png, …\n" +
      "  $ grayling predict --model runs/photos-1 new.png",
  );
for (const define of [
  defineCheck,
  defineSplitCheck,
  defineAugment,
  defineTrain,
  definePlan,
  defineLrFind,
  definePredict,
  defineEvaluate,
  defineReport,
  defineCompare,
  defineDemo,
  defineExplain,
  defineExplainImage,
  defineVerify,
  defineSummary,
  defineExport,
  defineWeights,
  defineDoctor,
]) {
  define(program, terminal);
}
for (const [command, name] of withSubcommands(program)) {
  command.exitOverride().configureOutput({ outputError: (text, write) => write(oneLine(text, name)) });
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = await report(error);
  if (stoppedBy === "SIGHUP") endByHangUp();
}

/** A command and those below it, each with what a user types. */
function withSubcommands(command: Command, name = command.name()): [Command, string][] {
  const below = command.commands.flatMap((child) => withSubcommands(child, `${name} ${child.name()}`));
  return [[command, name], ...below];
}

/** Who reads may stop early, as `head` does, and a terminal may be closed (EIO); the work goes on all the same. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
}

/** Commander puts its suggestion on a second line, and ends some lines with a full stop. */
function oneLine(text: string, command: string): string {
  const line = text
    .trim()
    .replaceAll(/\s*\n\s*/g, " ")
    .replace(/^error: /, "grayling: ")
    .replace(/\.$/, "");
  return `${line}; see ${command} --help\n`;
}

/** A list in a message, "the weights differ:" and a line for each, becomes "differ: one; another". */
function onOneLine(message: string): string {
  return message.replaceAll(/:\s*\n\s*/g, ": ").replaceAll(/\s*\n\s*/g, "; ");
}

async function report(error: unknown): Promise<number> {
  terminal.progress.finish();
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { message, name, stack } = error instanceof Error ? error : new Error(String(error));
  const isInterruption = error === interrupted;
  const isDebugging = program.opts<{ debug?: boolean }>().debug;
  terminal.note(isDebugging && !isInterruption ? (stack ?? message) : `grayling: ${onOneLine(message)}`);
  if (isInterruption && stoppedBy) return exitCodeOf(stoppedBy);
  return name === "InputError" || name === "WeightsError" ? 2 : 1;
}
