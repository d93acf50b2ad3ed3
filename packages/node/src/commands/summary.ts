/** `grayling summary`: a network's layers as Keras prints them. */
import type { Graph } from "@grayling/core";
import type { Command } from "commander";
import type { Console } from "./console.js";
import { parseCount, parseInput } from "./parse-options.js";
import { addExamples } from "./shared-options.js";

interface SummaryFlags {
  readonly input?: ReturnType<typeof parseInput>;
  readonly top: boolean;
  readonly pooling?: string;
  readonly classes?: number;
  readonly topology?: string;
  readonly unfreeze?: string;
  readonly keras?: boolean;
  readonly json?: boolean;
}

export function defineSummary(program: Command, console: Console): void {
  const command = program
    .command("summary")
    .summary("print a network's layers, shapes, parameters and multiply-adds")
    .description(
      "Prints a network's layers as Keras does: name, class, output shape, parameters, connections; and multiply-adds.",
    )
    .argument(
      "<model>",
      "network, such as efficientnet-b0, the folder of a run, or a whole model that Keras saved (.keras, .h5)",
    )
    .option("--input <HxWxC>", "height x width x channels as declared (default: the network's own, x3)", parseInput)
    .option("--no-top", "without pooling, dropout and classifier")
    .option("--pooling <how>", "with --no-top: avg or max pooling at the end")
    .option("--classes <number>", "units of the classifier (default: 1000)", parseCount)
    .option(
      "--topology <weights>",
      'as Keras builds it for "imagenet" weights, or for "none" (default: imagenet with 3 channels, else none)',
    )
    .option("--unfreeze <layers>", "mark what train --unfreeze trains: top, block7 … block1, all, or 'block6*,top_*'")
    .option("--keras", "Keras' table to the letter, without multiply-adds")
    .option("--json", "print JSON");
  addExamples(
    command,
    "grayling summary efficientnet-b0",
    "grayling summary efficientnet-b5 --input 84x112x3 --no-top --pooling max",
    "grayling summary efficientnet-v2-b0 --input 128x128x1",
    "grayling summary efficientnet-b0 --unfreeze block6",
    "grayling summary runs/photos-1",
    "grayling summary my-model.keras",
  );
  command.action((model: string, flags: SummaryFlags) => run(model, flags, console));
}

async function run(model: string, flags: SummaryFlags, console: Console): Promise<void> {
  const { freezeAllBut, selectLayers, summarize, summaryTable, trainedWeights } = await import("@grayling/core");
  // Normalizations stay frozen, and the head trains always: of the network's own classifier that is what it stands for.
  const freeze = (whole: Graph, text: string): Graph =>
    freezeAllBut(whole, trainedWeights(whole, [...selectLayers(whole, text), "predictions"], false));
  const { title, graph, notes, isRun = false } = await open(model, flags, console);
  const summary = summarize(flags.unfreeze === undefined ? graph : freeze(graph, flags.unfreeze));
  for (const note of notes) console.note(`note: ${note}`);
  if (flags.json) return console.print(JSON.stringify({ model, ...summary }, null, 2));
  for (const line of summaryTable(title, summary, {
    multiplyAdds: !flags.keras,
    trains: isRun || flags.unfreeze !== undefined,
  }))
    console.print(line);
}

interface Summarized {
  readonly title: string;
  readonly graph: Graph;
  readonly notes: readonly string[];
  /** Weights are marked as a training has left them. */
  readonly isRun?: boolean;
}

async function open(model: string, flags: SummaryFlags, { cache }: Console): Promise<Summarized> {
  if (/\.(keras|h5)$/i.test(model)) return openOwn(model, flags);
  const { stat } = await import("node:fs/promises");
  const isFolder = (await stat(model).catch(() => undefined))?.isDirectory() ?? false;
  if (!isFolder) return build(model, flags);
  const { summarizeRun } = await import("./summarize-run.js");
  await refuseDeclaration(model, flags);
  return { ...(await summarizeRun(model, cache)), isRun: true };
}

/** One of our networks, declared as the flags say. */
async function build(model: string, { input, top, pooling, classes, topology }: SummaryFlags): Promise<Summarized> {
  const [{ InputError, kerasModelName, modelNames }, { buildGraph }, { oneOf }] = await Promise.all([
    import("@grayling/core"),
    import("../backbone/build-graph.js"),
    import("../one-of.js"),
  ]);
  const name = oneOf("model", model, modelNames);
  if (top && pooling !== undefined) throw new InputError("pooling: the classifier has its own, use it with --no-top");
  if (!top && classes !== undefined)
    throw new InputError("classes: without the classifier there are none, drop --no-top");
  const graph = buildGraph(name, {
    ...input,
    includeTop: top,
    ...(pooling !== undefined && { pooling: oneOf("pooling", pooling, ["avg", "max"] as const) }),
    ...(classes !== undefined && { classes }),
    ...(topology !== undefined && { topology: oneOf("topology", topology, ["imagenet", "none"] as const) }),
  });
  const isOther = /-v2-b\d$/.test(name) && (input?.channels ?? 3) !== 3;
  const note =
    "declared with another number of channels than 3, Keras prepares a V2 B0–B3 by x / 128 − 1, not by ImageNet's mean: its weights for 3 channels do not fit";
  return { title: kerasModelName(name), graph, notes: isOther ? [note] : [] };
}

/** What is whole already is as it is; of a size that is left open `openOwn` takes the one given. */
async function refuseDeclaration(
  path: string,
  { input, top, pooling, classes, topology }: SummaryFlags,
  others = "--unfreeze, --keras and --json",
): Promise<void> {
  const takesInput = others.includes("--input");
  if (top && [pooling, classes, topology, takesInput ? undefined : input].every((flag) => flag === undefined)) return;
  const { InputError } = await import("@grayling/core");
  throw new InputError(`summary ${path}: a saved model is as it is, expected no option but ${others}`);
}

/** A model that Keras saved whole; only an open size can be told. */
async function openOwn(path: string, flags: SummaryFlags): Promise<Summarized> {
  const { input } = flags;
  const [{ InputError, nodesOf }, { openKerasModel }] = await Promise.all([
    import("@grayling/core"),
    import("../backbone/open-keras-model.js"),
  ]);
  await refuseDeclaration(path, flags, "--input, --unfreeze, --keras and --json");
  const size = input && { height: input.height, width: input.width };
  const { model, name, notes } = await openKerasModel(path, size);
  const declared = nodesOf(model.graph, "Input")[0]!.shape[1];
  if (input?.channels !== undefined && input.channels !== declared) {
    throw new InputError(
      `input: ${path} is declared with ${declared} channels, expected as many, got ${input.channels}`,
    );
  }
  return { title: name, graph: model.graph, notes };
}
