/** `grayling augment`: what augmentation makes of the images of a folder, as a picture. */
import { type Command, Option } from "commander";
import { type AugmentFlags, addAugmentOptions } from "./augment-options.js";
import type { Console } from "./console.js";
import { parseCount, parseSize, parseWhole } from "./parse-options.js";
import { addExamples, addInterpolation } from "./shared-options.js";

interface PreviewFlags extends AugmentFlags {
  readonly preset: string;
  readonly preview: string;
  readonly images: number;
  readonly variants: number;
  readonly size: { readonly height: number; readonly width: number };
  readonly fit: string;
  readonly interpolation: string;
  readonly window?: string;
  readonly seed: number;
}

export function defineAugment(program: Command, console: Console): void {
  const command = program
    .command("augment")
    .summary("look at what augmentation makes of images")
    .description(
      "Draws a contact sheet: some images of a folder, and beside each the variants that a training with the same options " +
        "and seed makes of it, with what was done to them. Presets: none, light, medium, strong, xray, surface, micro, document; " +
        "single options take the place of what a preset says of the same. Never hue or saturation: gray has none.",
    )
    .argument("<folder>", "folder with one subfolder per class, or a CSV file: path,label")
    .option("--preset <name>", "none, light, medium, strong, xray, surface, micro or document", "medium")
    .option("-o, --preview <file>", "the PNG to write", "augment.png")
    .option("--images <number>", "images, one a row, of all classes in turn", parseCount, 6)
    .option("--variants <number>", "variants of each", parseCount, 6)
    .addOption(
      new Option("-s, --size <HxW>", "height x width of the network's input in px")
        .argParser(parseSize)
        .default({ height: 224, width: 224 }, "224x224"),
    )
    .option("--fit <how>", "how an image gets that shape: stretch, letterbox, crop or tile", "stretch")
    .option("--window <values>", "values that become black and white (default: as train chooses)")
    .option("--seed <number>", "of the images and the variants", parseWhole, 0);
  addInterpolation(command);
  addAugmentOptions(command);
  addExamples(
    command,
    "grayling augment photos --preset medium --preview out.png",
    "grayling augment xrays --preset xray --rotation 3 --images 4 --variants 8",
    "grayling augment letters --preset none --rotation 10 --shear 5 --fill constant --cval 255",
  );
  command.action((folder: string, flags: PreviewFlags) => run(folder, flags, console));
}

async function run(folder: string, flags: PreviewFlags, { print, note, signal }: Console): Promise<void> {
  const [{ writePreview }, { checkWritable }, { counted }, { oneOf }, core] = await Promise.all([
    import("../augment/preview.js"),
    import("../files/check-writable.js"),
    import("../terminal/counted.js"),
    import("../one-of.js"),
    import("@grayling/core"),
  ]);
  const { fits, interpolations, parseAugmentation, printable } = core;
  const { preset, preview, size, fit, interpolation, images, variants, window, seed, ...texts } = flags;
  const augment = parseAugmentation({ ...texts, preset });
  await checkWritable(preview);
  const drawn = await writePreview(folder, {
    ...size,
    ...{ images, variants, window, seed, signal, augment },
    fit: oneOf("fit", fit, fits),
    interpolation: oneOf("interpolation", interpolation, interpolations),
    out: preview,
  });
  if (drawn.said !== undefined) note(drawn.said);
  for (const { path, reason } of drawn.skipped) note(`skipped ${printable(path)}: ${printable(reason)}`);
  print(
    `${preview}: ${counted(drawn.images.length, "image")}, each with ${counted(variants, "variant")} (${preset}, seed ${seed})`,
  );
}
