/** `grayling weights`: Keras' official ImageNet weights and the cache that keeps them. */
import { type Command, InvalidArgumentError } from "commander";
import type { OfficialFileOptions } from "../weights/fetch-official.js";
import type { Console } from "./console.js";
import { reportDownload } from "./report-download.js";
import { addExamples } from "./shared-options.js";

/** Which file a model has; a test has files of its own. */
type Find = OfficialFileOptions["find"];

interface CacheFlags {
  readonly cache?: string;
  readonly top?: boolean;
  readonly json?: boolean;
}

interface FetchFlags extends CacheFlags {
  readonly all?: boolean;
  readonly mirror?: string;
}

export function defineWeights(program: Command, console: Console, find?: Find): void {
  const command = program
    .command("weights")
    .helpCommand(false)
    .summary("list, download and check Keras' official ImageNet weights")
    .description(
      "Keras' official ImageNet weights: what there is, and the cache that keeps what was downloaded. Each network has two " +
        "files: without its classifier (train, verify and export use it) and, with --top, with it (predict and evaluate " +
        "use it for a bare network). What train downloads by itself goes to the same place.",
    );
  addExamples(
    command,
    "grayling weights list",
    "grayling weights fetch efficientnet-b0 efficientnet-v2-s",
    "grayling weights verify",
  );
  defineList(command, console, find);
  defineFetch(command, console, find);
  definePath(command, console, find);
  defineVerify(command, console, find);
}

function defineList(weights: Command, console: Console, find: Find): void {
  const command = weights
    .command("list")
    .summary("list all official files and what is in the cache")
    .description("Lists the official files of all networks with their md5, and which of them are in the cache.")
    .option("--json", "print JSON");
  addExamples(addCacheOption(command), "grayling weights list", "grayling weights list --json");
  command.action(async ({ cache = console.cache, json }: CacheFlags) => {
    const { bundledFile, listFiles, printFiles } = await import("./weights-report.js");
    const [files, bundled] = await Promise.all([listFiles({ cache, find }), bundledFile()]);
    if (json) console.print(JSON.stringify({ cache, files, bundled }, null, 2));
    else printFiles(files, bundled, cache, console);
  });
}

function defineFetch(weights: Command, console: Console, find: Find): void {
  const command = weights
    .command("fetch")
    .summary("download official weights into the cache")
    .description(
      "Downloads official weights into the cache and prints their paths. Goes on where an interrupted download stopped, " +
        "checks the md5, and downloads nothing that is there and whole.",
    )
    .argument("[models...]", "networks, such as efficientnet-b0")
    .option("--all", "of all fifteen networks (about 1.7 GB)")
    .option("--top", "the files with the classifier of the 1,000 ImageNet classes")
    .option("--mirror <url>", "address of a folder that holds the files under Keras' names", parseMirror);
  addExamples(
    addCacheOption(command),
    "grayling weights fetch efficientnet-b0",
    "grayling weights fetch efficientnet-b0 efficientnet-v2-b2 --top",
    "grayling weights fetch --all --mirror https://files.example.org/keras",
  );
  command.action((models: readonly string[], flags: FetchFlags) => fetchModels(models, flags, console, find));
}

async function fetchModels(models: readonly string[], flags: FetchFlags, console: Console, find: Find): Promise<void> {
  const [{ bundledPath, chooseModels }, { fetchOfficialWeights }] = await Promise.all([
    import("./weights-report.js"),
    import("../weights/fetch-official.js"),
  ]);
  const { top: includeTop = false, cache = console.cache, mirror: baseUrl } = flags;
  const chosen = chooseModels(models, flags); // before anything is downloaded
  const { progress, signal } = console;
  for (const [index, model] of chosen.entries()) {
    if (chosen.length > 1) console.note(`${model} (${index + 1} of ${chosen.length})`);
    const path =
      bundledPath(model) ??
      (await fetchOfficialWeights(model, {
        includeTop,
        cache,
        find,
        baseUrl,
        signal,
        otherwise: "name another server with --mirror <url>",
        onProgress: reportDownload(progress),
      }));
    progress.finish();
    console.print(path);
  }
}

function definePath(weights: Command, console: Console, find: Find): void {
  const command = weights
    .command("path")
    .summary("print where a network's official file lies")
    .description(
      "Prints the path of a network's official file and nothing else, if it is in the cache and whole; exit code 2 if not.",
    )
    .argument("<model>", "network, such as efficientnet-b0")
    .option("--top", "the file with the classifier of the 1,000 ImageNet classes");
  addExamples(
    addCacheOption(command),
    "grayling weights path efficientnet-b0",
    'cp "$(grayling weights path efficientnet-b0 --top)" .',
  );
  command.action(async (model: string, { top: includeTop = false, cache = console.cache }: CacheFlags) => {
    const { pathOf } = await import("./weights-report.js");
    console.print(await pathOf(model, { includeTop, cache, find }));
  });
}

function defineVerify(weights: Command, console: Console, find: Find): void {
  const command = weights
    .command("verify")
    .summary("check the md5 of what is in the cache")
    .description(
      "Checks the official files that are in the cache against Keras' md5; exit code 1 if one of them is damaged.",
    )
    .argument("[models...]", "networks, such as efficientnet-b0 (default: all that are there)")
    .option("--json", "print JSON");
  addExamples(addCacheOption(command), "grayling weights verify", "grayling weights verify efficientnet-b5");
  command.action(async (models: readonly string[], { cache = console.cache, json }: CacheFlags) => {
    const { checkFiles, printChecked } = await import("./weights-report.js");
    const checked = await checkFiles(models, {
      cache,
      find,
      onFile: (file) => console.progress.status(`md5 of ${file}`),
    });
    console.progress.finish();
    if (json) console.print(JSON.stringify({ cache, files: checked }, null, 2));
    else printChecked(checked, cache, console);
    const damaged = checked.filter(({ isWhole }) => !isWhole);
    if (damaged.length === 0) return;
    const commands = damaged.map(({ model, file }) => {
      return `"grayling weights fetch ${model}${file.endsWith("_notop.h5") ? "" : " --top"}"`;
    });
    throw new Error(`damaged: ${damaged.map(({ file }) => file).join(", ")}: ${commands.join(", ")} downloads anew`);
  });
}

const addCacheOption = (command: Command): Command =>
  command.option("--cache <folder>", "where downloaded weights are kept");

/** The address of a folder: a file name is put behind it. */
function parseMirror(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new InvalidArgumentError("Expected the address of a folder, such as https://files.example.org/keras.");
  }
  if (url.username !== "" || url.password !== "") {
    throw new InvalidArgumentError("Expected an address without a user name and password.");
  }
  if (url.search !== "" || url.hash !== "") {
    throw new InvalidArgumentError('Expected an address without "?" and "#": a file name is put behind it.');
  }
  return url.href;
}
