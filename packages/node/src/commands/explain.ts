/** `grayling explain`: why a network built for three channels takes a gray image, or why not. */
import type { ModelName, Runtime, Tensor } from "@grayling/core";
import type { Command } from "commander";
import type { Backbone } from "../backbone/open-backbone.js";
import type { Explanation } from "../explain/explain.js";
import type { Console } from "./console.js";
import { parseCount, parseInput, parseWhole } from "./parse-options.js";
import { reportDownload } from "./report-download.js";
import { addExamples, addRuntimeOptions, cacheOf, type RuntimeFlags } from "./shared-options.js";
import { addImageOptions, findShownImage, type ImageFlags } from "./shown-image.js";

interface ExplainFlags extends ImageFlags, Omit<RuntimeFlags, "batch"> {
  readonly all?: boolean;
  readonly input?: { readonly height: number; readonly width: number; readonly channels?: number };
  readonly declared?: number;
  readonly image?: string;
  readonly weights?: string;
  readonly seed: number;
  readonly full?: boolean;
  readonly html?: string;
  readonly json?: boolean;
}

export function defineExplain(program: Command, console: Console): void {
  const command = program
    .command("explain")
    .summary("show why a network takes gray images, or why not")
    .description(
      "Follows a gray image through a network that was built for three channels: its shape layer by layer, where one " +
        "channel becomes three and why, or where and why it is refused, the numbers of one pixel, the proof that the " +
        "network folded to one channel gives the same, and what to do.",
    )
    .argument("[model]", "network, such as efficientnet-b5")
    .option("--all", "a table of all networks instead, with the proof for each")
    .option(
      "--input <HxWxC>",
      "height x width x channels of the images (default: the network's own size, 1 channel)",
      parseInput,
    )
    .option("--declared <channels>", "channels that the network is declared for (default: 3)", parseCount)
    .option("--image <file>", "an image of yours, or a page of one, file.tif#3 (default: seeded noise)")
    .option(
      "-w, --weights <source>",
      '"imagenet", "random", or a weight file (default: ImageNet\'s where they are on this machine, else random)',
    )
    .option("--seed <number>", "of random weights and noise", parseWhole, 0)
    .option("--full", "every layer on a line of its own")
    .option("--html <file>", "write a page with pictures, too")
    .option("--json", "print JSON");
  addImageOptions(command);
  addRuntimeOptions(command, { hasBatches: false });
  addExamples(
    command,
    "grayling explain efficientnet-b5 --input 84x112x1",
    "grayling explain efficientnet-v2-s --image photo.png --html explained.html",
    "grayling explain efficientnet-b0 --image xray.dcm --window dicom",
    "grayling explain --all",
  );
  command.action((model: string | undefined, flags: ExplainFlags) => run(model, flags, console));
}

async function run(model: string | undefined, flags: ExplainFlags, console: Console): Promise<void> {
  const [{ InputError, modelNames }, { openRuntime }, { oneOf }] = await Promise.all([
    import("@grayling/core"),
    import("../runtime/open-runtime.js"),
    import("../one-of.js"),
  ]);
  if ((model === undefined) === !flags.all) {
    throw new InputError(
      `explain: expected the name of a network, such as efficientnet-b5, or --all${flags.all ? ", not both" : ""}`,
    );
  }
  const name = model === undefined ? undefined : oneOf("model", model, modelNames);
  const runtime = openRuntime({ ...flags, onFallback: console.note });
  try {
    if (name === undefined) await explainEvery(runtime, modelNames, flags, console);
    else await explainOne(runtime, name, flags, console);
  } finally {
    await runtime.close();
  }
}

async function explainOne(runtime: Runtime, name: ModelName, flags: ExplainFlags, console: Console): Promise<void> {
  const [{ explain }, { openExplained }, { noisePlane, readPlane }, { inJson, printExplanation }] = await Promise.all([
    import("../explain/explain.js"),
    import("../explain/open-explained.js"),
    import("../images/read-plane.js"),
    import("./explain-report.js"),
  ]);
  const { input, image, seed, weights, declared } = flags;
  const shown = await findShownImage(image, flags, console);
  const backbone = await openExplained(name, {
    ...(input && { height: input.height, width: input.width }),
    weights,
    seed,
    cache: cacheOf(flags, console.cache),
    onProgress: reportDownload(console.progress),
  });
  console.progress.finish();
  const plane = shown ? await readPlane(shown.path, backbone, shown.reading) : noisePlane(backbone, seed);
  shown?.say();
  const explanation = await explain(runtime, backbone, plane, {
    image: image ?? `seeded noise, seed ${seed}`,
    ...(input?.channels !== undefined && { channels: input.channels }),
    ...(declared !== undefined && { declaredChannels: declared }),
  });
  if (flags.html !== undefined) {
    await writePage(flags.html, { runtime, backbone, plane, explanation });
    console.note(`page written: ${flags.html}`);
  }
  if (flags.json) console.print(inJson(explanation));
  else printExplanation(explanation, { width: terminalWidth(), isFull: flags.full ?? false }, console);
  if (explanation.proof?.isEqual === false) {
    throw new Error(`${name}: the folded network differs from the 3-channel one, please report this`);
  }
}

interface Explained {
  readonly runtime: Runtime;
  readonly backbone: Backbone;
  readonly plane: Tensor;
  readonly explanation: Explanation;
}

async function writePage(path: string, { runtime, backbone, plane, explanation }: Explained): Promise<void> {
  const [{ collectPicture }, { explainPage }, { writeAtomically }] = await Promise.all([
    import("../explain/page/collect-picture.js"),
    import("../explain/page/explain-page.js"),
    import("../files/write-atomically.js"),
  ]);
  const { channels, declaredChannels } = explanation.trace;
  const isDrawn = channels === 1 && declaredChannels === 3; // the picture is of one gray plane becoming three
  const picture = isDrawn ? await collectPicture(runtime, backbone, plane) : undefined;
  await writeAtomically(path, explainPage(explanation, picture));
}

async function explainEvery(
  runtime: Runtime,
  names: readonly ModelName[],
  flags: ExplainFlags,
  console: Console,
): Promise<void> {
  const [{ explainAll }, { InputError }, { printAll }] = await Promise.all([
    import("../explain/explain-all.js"),
    import("@grayling/core"),
    import("./explain-all-report.js"),
  ]);
  const { height, width, channels = 1 } = flags.input ?? { height: 128, width: 128 };
  if (channels !== 1 || flags.declared !== undefined || flags.full || flags.html !== undefined) {
    throw new InputError(
      "explain --all: follows one gray channel through networks declared for three; leave out --declared, --full, --html, other channels",
    );
  }
  const shown = await findShownImage(flags.image, flags, console);
  const { signal, progress } = console;
  const networks = [];
  progress.update("explaining", 0, names.length, "networks");
  const ofImage = { image: shown?.path, reading: shown?.reading };
  const options = { ...flags, ...ofImage, height, width, cache: cacheOf(flags, console.cache), signal };
  for await (const network of explainAll(runtime, names, options)) {
    networks.push(network);
    progress.update("explaining", networks.length, names.length, "networks");
  }
  progress.finish();
  shown?.say();
  if (flags.json) console.print(JSON.stringify(networks, null, 2));
  else printAll(networks, { height, width }, terminalWidth(), console);
  const different = networks.filter(({ proof }) => !proof.isEqual).map(({ model }) => model);
  if (different.length > 0) throw new Error(`${different.join(", ")}: folded, they differ, please report this`);
}

/** A pipe has no width: what is kept in a file is read on a wide screen. */
const terminalWidth = () => process.stdout.columns ?? 100;
