#!/usr/bin/env node
/**
 * The command line. It reads the environment, defines the commands, and turns errors into one line and an exit code:
 * 0 done, 1 failure, 2 wrong input, 130 stopped by Ctrl-C. What a command needs is loaded when it runs.
 */
import { homedir } from "node:os";
import { Command, CommanderError } from "commander";
import colors from "picocolors";
import type { Console } from "./commands/console.js";
import { defineDemo } from "./commands/demo.js";
import { defineDoctor } from "./commands/doctor.js";
import { defineEvaluate } from "./commands/evaluate.js";
import { defineExport } from "./commands/export.js";
import { definePredict } from "./commands/predict.js";
import { defineSummary } from "./commands/summary.js";
import { defineTrain } from "./commands/train.js";
import { defineVerify } from "./commands/verify.js";
import { cacheFolder } from "./files/cache-folder.js";
import { createProgress } from "./terminal/progress.js";
import { version } from "./version.js";

const interrupted = new Error("stopped; what was computed is kept, the same command goes on from there");
const controller = new AbortController();
const terminal: Console = {
  print: (line = "") => void process.stdout.write(`${line}\n`),
  note: (line) => void process.stderr.write(`${line}\n`),
  progress: createProgress(process.stderr),
  colors,
  signal: controller.signal,
  cache: cacheFolder(process.env, process.platform, homedir()),
};

process.on("SIGINT", () => {
  if (controller.signal.aborted) process.exit(130);
  controller.abort(interrupted);
});

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
  defineTrain,
  definePredict,
  defineEvaluate,
  defineDemo,
  defineVerify,
  defineSummary,
  defineExport,
  defineDoctor,
]) {
  define(program, terminal);
}
for (const command of [program, ...program.commands]) {
  command.exitOverride().configureOutput({ outputError: (text, write) => write(oneLine(text)) });
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = await report(error);
}

/** Commander puts its suggestion on a second line. */
function oneLine(text: string): string {
  return `${text
    .trim()
    .replaceAll(/\s*\n\s*/g, " ")
    .replace(/^error: /, "grayling: ")}; see grayling --help\n`;
}

async function report(error: unknown): Promise<number> {
  terminal.progress.finish();
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { message, name, stack } = error instanceof Error ? error : new Error(String(error));
  const isInterruption = error === interrupted;
  const isDebugging = program.opts<{ debug?: boolean }>().debug;
  terminal.note(
    isDebugging && !isInterruption ? (stack ?? message) : `grayling: ${message.replaceAll(/\s*\n\s*/g, " ")}`,
  );
  if (isInterruption) return 130;
  return name === "InputError" || name === "WeightsError" ? 2 : 1;
}
