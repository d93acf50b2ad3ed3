/** `grayling summary`: a network's layers as Keras prints them. */
import type { Command } from "commander";
import type { Console } from "./console.js";
import { parseSize } from "./parse-options.js";
import { addExamples } from "./shared-options.js";

interface SummaryFlags {
  readonly input?: { readonly height: number; readonly width: number };
  readonly top: boolean;
  readonly pooling?: string;
  readonly json?: boolean;
}

export function defineSummary(program: Command, console: Console): void {
  const command = program
    .command("summary")
    .summary("print a network's layers, shapes and parameters")
    .description("Prints a network's layers as Keras does: name, class, output shape, parameters, connections.")
    .argument("<model>", "network, such as efficientnet-b0")
    .option("--input <HxW>", "height x width of the input in px (default: the network's own)", parseSize)
    .option("--no-top", "without pooling, dropout and classifier")
    .option("--pooling <how>", "with --no-top: avg or max pooling at the end")
    .option("--json", "print JSON");
  addExamples(
    command,
    "grayling summary efficientnet-b0",
    "grayling summary efficientnet-b5 --input 84x112 --no-top --pooling max",
  );
  command.action((model: string, flags: SummaryFlags) => run(model, flags, console));
}

async function run(model: string, { input, top, pooling, json }: SummaryFlags, console: Console): Promise<void> {
  const [{ modelNames, summarize, summaryTable }, { buildGraph }, { oneOf }] = await Promise.all([
    import("@grayling/core"),
    import("../backbone/open-backbone.js"),
    import("../train/train-options.js"),
  ]);
  const name = oneOf("model", model, modelNames);
  const graph = buildGraph(name, {
    ...(input && { height: input.height, width: input.width }),
    includeTop: top,
    ...(pooling !== undefined && { pooling: oneOf("pooling", pooling, ["avg", "max"] as const) }),
  });
  const summary = summarize(graph);
  if (json) return console.print(JSON.stringify({ model: name, ...summary }, null, 2));
  // Keras names its models without a dash.
  for (const line of summaryTable(name.replaceAll("-", ""), summary)) console.print(line);
}
