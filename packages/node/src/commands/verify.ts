/** `grayling verify`: shows that the folded 1-channel network is the 3-channel one. */
import type { Command } from "commander";
import type { Comparison } from "../verify/verify.js";
import type { Console } from "./console.js";
import { reportDownload } from "./report-download.js";
import {
  addExamples,
  addModelOptions,
  addRuntimeOptions,
  type BackboneFlags,
  cacheOf,
  type RuntimeFlags,
} from "./shared-options.js";
import { addImageOptions, findShownImage, type ImageFlags } from "./shown-image.js";

interface VerifyFlags extends BackboneFlags, ImageFlags, Omit<RuntimeFlags, "batch"> {
  readonly json?: boolean;
}

/** Largest difference ÷ largest value that float32 rounding explains: Keras itself shows up to 8.6e-6. */
const roundingLimit = 2.6e-5;

export function defineVerify(program: Command, console: Console): void {
  const command = program
    .command("verify")
    .summary("compare the folded 1-channel network with the 3-channel one")
    .description(
      "Runs an image through the 3-channel network (three equal channels) and through the folded 1-channel network, and " +
        "prints the largest difference, and the one that summing kernels with averaged mean and std would have made.",
    )
    .argument("[image]", "an image, or a page of one, file.tif#3 (default: seeded noise)")
    .option("--json", "print JSON");
  addImageOptions(command);
  addRuntimeOptions(addModelOptions(command), { hasBatches: false });
  addExamples(
    command,
    "grayling verify",
    "grayling verify photo.png --model efficientnet-b0 --weights random --size 75x101",
  );
  command.action((image: string | undefined, flags: VerifyFlags) => run(image, flags, console));
}

async function run(image: string | undefined, flags: VerifyFlags, console: Console): Promise<void> {
  const [{ verify }, { openExplained }, { openRuntime }, { oneOf }, { alignColumns, conventions, modelNames }] =
    await Promise.all([
      import("../verify/verify.js"),
      import("../explain/open-explained.js"),
      import("../runtime/open-runtime.js"),
      import("../one-of.js"),
      import("@grayling/core"),
    ]);
  const shown = await findShownImage(image, flags, console);
  const { size, weights, convention, topology, seed } = flags;
  const cache = cacheOf(flags, console.cache);
  const name = oneOf("model", flags.model, modelNames);
  const backbone = await openExplained(name, {
    ...size,
    seed,
    cache,
    onProgress: reportDownload(console.progress),
    weights: weights ?? "imagenet",
    ...(topology !== undefined && { topology: oneOf("topology", topology, ["imagenet", "none"] as const) }),
    ...(convention !== undefined && { convention: oneOf("convention", convention, conventions) }),
  });
  console.progress.finish();
  const runtime = openRuntime({ ...flags, onFallback: console.note });
  try {
    const compared = await verify(runtime, backbone, shown?.path, shown?.reading);
    const result = { ...compared, image: image ?? compared.image };
    shown?.say();
    const isEqual = [result.stem, result.features].every(
      ({ folded }) => folded.difference <= roundingLimit * folded.scale,
    );
    if (flags.json)
      console.print(JSON.stringify({ model: name, weights: backbone.source, ...result, isEqual }, null, 2));
    else {
      console.print(`${name}, weights: ${backbone.source}, ${backbone.height} × ${backbone.width} px, ${result.image}`);
      console.print("largest difference to the 3-channel network on the gray image three times:");
      console.print();
      const rows = [
        ["", "largest value", "folded (grayling)", "kernels summed, mean and std averaged"],
        ["stem, after BatchNorm", ...cells(result.stem)],
        ["pooled features", ...cells(result.features)],
      ];
      for (const line of alignColumns(rows, [1, 2, 3])) console.print(line);
      console.print();
      console.print(isEqual ? "equal up to float32 rounding" : "NOT equal: more than float32 rounding explains");
    }
    if (!isEqual) throw new Error(`${name}: the folded network differs from the 3-channel one, please report this`);
  } finally {
    await runtime.close();
  }
}

const cells = ({ folded, averaged }: Comparison) => [folded.scale, folded.difference, averaged.difference].map(short);

/** Two digits, small ones with an exponent. */
const short = (value: number) => (value > 0 && value < 1e-3 ? value.toExponential(1) : value.toPrecision(2));
