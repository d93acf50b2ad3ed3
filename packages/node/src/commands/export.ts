/** `grayling export`: a network, or a trained classifier, as a file for other programs. */
import type { Command } from "commander";
import type { Console } from "./console.js";
import { parseInput, parseWhole } from "./parse-options.js";
import { reportDownload } from "./report-download.js";
import { addExamples } from "./shared-options.js";

interface ExportFlags {
  readonly weights?: string;
  readonly convention?: string;
  readonly input?: ReturnType<typeof parseInput>;
  readonly pooling?: string;
  readonly top?: boolean;
  readonly names?: string;
  readonly fp16?: boolean;
  readonly out: string;
  readonly seed?: number;
  readonly cache?: string;
}

export function defineExport(program: Command, console: Console): void {
  const command = program
    .command("export")
    .summary("write a network or a trained classifier as ONNX, Keras or safetensors")
    .description(
      "Writes a network with pooled features, a run's classifier, or a model of yours that Keras saved. What reads 3 " +
        "channels is folded to 1 for .onnx, exactly, unless --input says otherwise; the other formats keep their channels, and " +
        ".keras with --input …x1 is declared with one. All read gray levels or RGB, 0–255. BatchNorm goes out as it came in.",
    )
    .argument("<model>", "network such as efficientnet-b0, run folder, or whole model (.keras, .h5)")
    .requiredOption("-o, --out <file>", "file to write: .onnx, .keras, .h5, .weights.h5 or .safetensors")
    .option("-w, --weights <source>", 'of a network: "imagenet", "random", or a weight file (default: "imagenet")')
    .option("--convention <whose>", "whose borders and epsilon the weights want (default: what they tell)")
    .option(
      "--input <HxWxC>",
      "height x width x channels; 1 channel is gray, 3 are RGB, another number is an approximation",
      parseInput,
    )
    .option("--pooling <how>", "of a network: avg or max (default: avg)")
    .option("--top", "of a network: with its classifier of the 1,000 ImageNet classes")
    .option("--names <whose>", "of tensors in .safetensors: keras, timm or torchvision (default: keras)")
    .option("--fp16", ".onnx with weights of 16 bits, half the size")
    .option("--seed <number>", "of random weights (default: 0)", parseWhole)
    .option("--cache <folder>", "where downloaded weights are kept");
  addExamples(
    command,
    "grayling export efficientnet-lite0 --out lite0-gray.onnx",
    "grayling export efficientnet-b0 --weights efficientnetb0_notop.h5 --input 84x112x1 --out b0.keras",
    "grayling export runs/photos-1 --out photos.keras",
    "grayling export efficientnet-b0 --top --names timm --out tf_efficientnet_b0.safetensors",
  );
  command.action((model: string, flags: ExportFlags) => run(model, flags, console));
}

async function run(model: string, flags: ExportFlags, console: Console): Promise<void> {
  const [{ conventions, InputError, isModelName }, { openSource }, { checkExport, exportModel }, { oneOf }] =
    await Promise.all([
      import("@grayling/core"),
      import("../export/open-source.js"),
      import("../export/export-model.js"),
      import("../one-of.js"),
    ]);
  const { input, weights, out, seed, fp16, convention, top = false } = flags;
  const names =
    flags.names === undefined ? undefined : oneOf("names", flags.names, ["keras", "timm", "torchvision"] as const);
  const options = { out, fp16, names, channels: input?.channels };
  checkExport(options); // before anything is downloaded
  const { source, description, notes, isTransferred } = await openSource(model, {
    ...(input && { height: input.height, width: input.width }),
    includeTop: top,
    pooling: oneOf("pooling", flags.pooling ?? "avg", ["avg", "max"] as const),
    convention: convention === undefined ? undefined : oneOf("convention", convention, conventions),
    weights,
    seed,
    cache: flags.cache ?? console.cache,
    signal: console.signal,
    onProgress: reportDownload(console.progress),
  });
  console.progress.finish();
  const ofNetwork = { weights, convention, pooling: flags.pooling, top: flags.top, seed };
  const stray = Object.entries(ofNetwork).find(([, value]) => value !== undefined)?.[0];
  if (stray !== undefined && !isModelName(model)) {
    throw new InputError(`${stray}: ${model} is as it was trained, expected no such option; it is one of a network`);
  }
  for (const note of notes) console.note(`note: ${note}`);
  const { bytes, stem, hint } = await exportModel(source, options);
  console.print(`${description}: written to ${out}, ${(bytes / 1e6).toFixed(1)} MB`);
  console.print(stem);
  if (hint !== undefined) console.print(hint);
  if (!isTransferred) console.note("random weights: nothing is transferred");
}
