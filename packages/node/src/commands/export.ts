/** `grayling export`: the bare backbone as a file. */
import type { Command } from "commander";
import type { Console } from "./console.js";
import { parseInput, parseWhole } from "./parse-options.js";
import { reportDownload } from "./report-download.js";
import { addExamples } from "./shared-options.js";

interface ExportFlags {
  readonly weights?: string;
  readonly input?: { readonly height: number; readonly width: number; readonly channels?: number };
  readonly pooling: string;
  readonly out: string;
  readonly seed: number;
  readonly cache?: string;
}

export function defineExport(program: Command, console: Console): void {
  const command = program
    .command("export")
    .summary("write a backbone as ONNX or safetensors")
    .description(
      "Writes the bare backbone: [N, 1, H, W] gray levels 0–255 in, pooled features out (.onnx), or its weights by Keras' " +
        "names (.safetensors). Weights keep their 3 channels, so that they can be loaded again, unless --input says 1.",
    )
    .argument("<model>", "network, such as efficientnet-b0")
    .requiredOption("-o, --out <file>", "file to write, .onnx or .safetensors")
    .option("-w, --weights <source>", '"imagenet", "random", or a weight file (default: "imagenet")')
    .option(
      "--input <HxWxC>",
      "height x width x channels; 1 channel is gray, 3 are RGB (default: the network's own size; .onnx 1 channel, .safetensors 3)",
      parseInput,
    )
    .option("--pooling <how>", "avg or max", "avg")
    .option("--seed <number>", "of random weights", parseWhole, 0)
    .option("--cache <folder>", "where downloaded weights are kept");
  addExamples(
    command,
    "grayling export efficientnet-lite0 --out lite0-gray.onnx",
    "grayling export efficientnet-b0 --weights efficientnetb0_notop.h5 --input 84x112x1 --out b0.onnx",
  );
  command.action((model: string, flags: ExportFlags) => run(model, flags, console));
}

async function run(model: string, flags: ExportFlags, console: Console): Promise<void> {
  const [{ modelNames }, { openBackbone }, { checkExport, defaultChannels, exportBackbone }, { oneOf }] =
    await Promise.all([
      import("@grayling/core"),
      import("../backbone/open-backbone.js"),
      import("../export/export-backbone.js"),
      import("../train/train-options.js"),
    ]);
  const { input, weights, out, seed } = flags;
  const { progress } = console;
  const channels = input?.channels ?? defaultChannels(out);
  checkExport({ channels, out }); // before anything is downloaded
  const backbone = await openBackbone(oneOf("model", model, modelNames), {
    ...(input && { height: input.height, width: input.width }),
    pooling: oneOf("pooling", flags.pooling, ["avg", "max"] as const),
    ...(weights !== undefined && { weights }),
    seed,
    cache: flags.cache ?? console.cache,
    signal: console.signal,
    onProgress: reportDownload(progress),
  });
  progress.finish();
  await exportBackbone(backbone, { channels, out });
  const { height, width, source, isTransferred } = backbone;
  console.print(`${backbone.name}, weights: ${source}, ${channels} × ${height} × ${width}: written to ${out}`);
  if (!isTransferred) console.note("random weights: nothing is transferred");
}
