/** `grayling augment`: what augmentation makes of the images of a folder, as a picture. */
import type { Command } from "commander";
import { type AugmentFlags, addAugmentOptions } from "./augment-options.js";
import type { Console } from "./console.js";
import { parseCount, parseSize, parseWhole } from "./parse-options.js";
import { addExamples } from "./shared-options.js";

interface PreviewFlags extends AugmentFlags {
  readonly preset: string;
  readonly preview: string;
  readonly images: number;
  readonly variants: number;
  readonly size: { readonly height: number; readonly width: number };
  readonly fit: string;
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
    .argument("<folder>", "folder with one subfolder per class")
    .option("--preset <name>", "none, light, medium, strong, xray, surface, micro or document", "medium")
    .option("-o, --preview <file>", "the PNG to write", "augment.png")
    .option("--images <number>", "images, one a row, of all classes in turn", parseCount, 6)
    .option("--variants <number>", "variants of each", parseCount, 6)
    .option("-s, --size <HxW>", "height x width of the network's input in px", parseSize, { height: 224, width: 224 })
    .option("--fit <how>", "how an image gets that shape: stretch, letterbox, crop or tile", "stretch")
    .option("--window <values>", "values that become black and white (default: as train chooses)")
    .option("--seed <number>", "of the images and the variants", parseWhole, 0);
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
  const [{ writePreview }, { counted }, { oneOf }, { fits, parseAugmentation, printable }] = await Promise.all([
    import("../augment/preview.js"),
    import("../terminal/counted.js"),
    import("../one-of.js"),
    import("@grayling/core"),
  ]);
  const { preset, preview, size, fit, images, variants, window, seed, ...texts } = flags;
  const augment = parseAugmentation({ ...texts, preset });
  const { images: shown, skipped } = await writePreview(folder, {
    ...size,
    ...{ images, variants, window, seed, signal, augment },
    fit: oneOf("fit", fit, fits),
    out: preview,
  });
  for (const { path, reason } of skipped) note(`skipped ${printable(path)}: ${printable(reason)}`);
  print(
    `${preview}: ${counted(shown.length, "image")}, each with ${counted(variants, "variant")} (${preset}, seed ${seed})`,
  );
}
