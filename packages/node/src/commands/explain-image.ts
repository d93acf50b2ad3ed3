/** `grayling explain-image`: where in images a classifier sees their class. */
import type { Command } from "commander";
import type { Explainable } from "../explain-image/open-explainable.js";
import type { WriteExplanationsOptions, WrittenExplanations } from "../explain-image/write-explanations.js";
import type { Console } from "./console.js";
import { parseCount } from "./parse-options.js";
import { reportDownload } from "./report-download.js";
import { addExamples, addPixelLimit, addRuntimeOptions, cacheOf, type RuntimeFlags } from "./shared-options.js";

interface ExplainImageFlags extends RuntimeFlags {
  readonly out: string;
  readonly method: string;
  readonly layer?: string;
  readonly class?: string;
  readonly top?: number;
  readonly width: number;
  readonly maxPixels?: number;
}

export function defineExplainImage(program: Command, console: Console): void {
  const command = program
    .command("explain-image")
    .summary("show where in images a class is seen")
    .description(
      "Writes a picture for each image: the image, and over it in colours what speaks for its class; the numbers as cam.json and cam.csv.",
    )
    .argument("<model>", "run folder, a classifier that Keras saved (.keras, .h5), or a network (efficientnet-lite0)")
    .argument("<images...>", "files or folders")
    .requiredOption("-o, --out <folder>", "where the pictures go")
    .option(
      "--method <name>",
      "grad-cam, grad-cam++, cam (a linear head's own terms, signed), or occlusion (what covering costs; slow, and without gradients)",
      "grad-cam",
    )
    .option("--layer <name>", "Keras layer that gives a map (default: the last one, top_activation)")
    .option("--class <name>", "class to explain (default: the most probable one)")
    .option("-k, --top <number>", "explain so many of the most probable classes", parseCount)
    .option("--width <px>", "of each picture", parseCount, 320);
  addPixelLimit(command);
  addRuntimeOptions(command);
  addExamples(
    command,
    "grayling explain-image runs/photos-1 new.png --out explained",
    "grayling explain-image runs/photos-1 incoming/ --out explained --top 2",
    "grayling explain-image runs/photos-1 new.png --out explained --layer block5c_add --class crack",
    "grayling explain-image efficientnet-lite0 photo.jpg --out explained",
  );
  command.action((model: string, images: string[], flags: ExplainImageFlags) => run(model, images, flags, console));
}

async function run(
  model: string,
  images: readonly string[],
  flags: ExplainImageFlags,
  console: Console,
): Promise<void> {
  const [{ camMethods }, { oneOf }] = await Promise.all([
    import("../explain-image/map-planes.js"),
    import("../one-of.js"),
  ]);
  const { layer, top, width, out, class: className } = flags;
  const method = oneOf("method", flags.method, camMethods);
  const explained = await explainInto(model, images, { out, method, layer, className, top, width }, flags, console);
  await report(explained, out, console);
}

interface ReadingFlags extends RuntimeFlags {
  readonly maxPixels?: number;
  /** Instead of the model's own. */
  readonly reading?: Pick<Explainable, "framing" | "window">;
}

/** Opens the model and writes the folder, with progress on the terminal. */
export async function explainInto(
  model: string,
  images: readonly string[],
  options: WriteExplanationsOptions,
  flags: ReadingFlags,
  { progress, signal, cache, note }: Console,
): Promise<WrittenExplanations> {
  const [{ openExplainable }, { writeExplanations }, { openRuntime }] = await Promise.all([
    import("../explain-image/open-explainable.js"),
    import("../explain-image/write-explanations.js"),
    import("../runtime/open-runtime.js"),
  ]);
  const runtime = openRuntime({ ...flags, onFallback: note });
  try {
    const onDownload = reportDownload(progress);
    const opened = await openExplainable(model, { cache: cacheOf(flags, cache), signal, onProgress: onDownload });
    if (!flags.reading) for (const line of opened.notes) note(`note: ${line}`);
    return await writeExplanations(runtime, { ...opened, ...flags.reading }, images, {
      ...options,
      batch: flags.batch,
      maxPixels: flags.maxPixels,
      signal,
      onProgress: ({ done, total }) => progress.update("explain", done, total, "images"),
    });
  } finally {
    progress.finish();
    await runtime.close();
  }
}

async function report(
  { images, skipped, unlike }: WrittenExplanations,
  out: string,
  { print, note }: Console,
): Promise<void> {
  const { alignColumns, percent, printable, grouped } = await import("@grayling/core");
  for (const { path, reason } of unlike) note(`warning: ${printable(path)}: ${printable(reason)}`);
  const rows = images.map(({ path, explained }) => [
    printable(path),
    ...explained.classes.flatMap(({ label, probability }) => [printable(label), percent(probability)]),
  ]);
  for (const line of alignColumns(rows)) print(line);
  print(`${grouped(images.length)} ${images.length === 1 ? "picture" : "pictures"}, cam.json and cam.csv in ${out}`);
  for (const { path, reason } of skipped) note(`skipped ${printable(path)}: ${printable(reason)}`);
}
