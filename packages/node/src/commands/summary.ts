/** `grayling summary`: a network's layers as Keras prints them. */
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
    .argument("<model>", "network, such as efficientnet-b0")
    .option("--input <HxWxC>", "height x width x channels as declared (default: the network's own, x3)", parseInput)
    .option("--no-top", "without pooling, dropout and classifier")
    .option("--pooling <how>", "with --no-top: avg or max pooling at the end")
    .option("--classes <number>", "units of the classifier (default: 1000)", parseCount)
    .option(
      "--topology <weights>",
      'as Keras builds it for "imagenet" weights, or for "none" (default: imagenet with 3 channels, else none)',
    )
    .option("--keras", "Keras' table to the letter, without multiply-adds")
    .option("--json", "print JSON");
  addExamples(
    command,
    "grayling summary efficientnet-b0",
    "grayling summary efficientnet-b5 --input 84x112x3 --no-top --pooling max",
    "grayling summary efficientnet-v2-b0 --input 128x128x1",
  );
  command.action((model: string, flags: SummaryFlags) => run(model, flags, console));
}

async function run(model: string, flags: SummaryFlags, console: Console): Promise<void> {
  const [{ kerasModelName, modelNames, summarize, summaryTable }, { buildGraph }, { oneOf }] = await Promise.all([
    import("@grayling/core"),
    import("../backbone/open-backbone.js"),
    import("../train/train-options.js"),
  ]);
  const { input, top, pooling, classes, topology, keras = false, json } = flags;
  const name = oneOf("model", model, modelNames);
  const graph = buildGraph(name, {
    ...input,
    includeTop: top,
    ...(pooling !== undefined && { pooling: oneOf("pooling", pooling, ["avg", "max"] as const) }),
    ...(classes !== undefined && { classes }),
    ...(topology !== undefined && { topology: oneOf("topology", topology, ["imagenet", "none"] as const) }),
  });
  const summary = summarize(graph);
  if (json) return console.print(JSON.stringify({ model: name, ...summary }, null, 2));
  for (const line of summaryTable(kerasModelName(name), summary, { multiplyAdds: !keras })) console.print(line);
}
