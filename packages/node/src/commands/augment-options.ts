/** Flags of augmentation: a preset, and single options that take the place of what it says. */
import type { AugmentTexts } from "@grayling/core";
import type { Command } from "commander";

/** As commander gives them; each is text, which `parseAugmentation` reads. */
export type AugmentFlags = Omit<AugmentTexts, "preset">;

/** Beside the preset, which each command names in its own way. */
export function addAugmentOptions(command: Command): Command {
  return command
    .option("--rotation <degrees>", "turn by up to so many degrees to either side")
    .option("--shift <part>", "move by up to so much of the side, such as 0.1, along both axes")
    .option("--shift-x <part>", "the same along the width alone")
    .option("--shift-y <part>", "the same along the height alone")
    .option("--shear <degrees>", "shear by up to so many degrees")
    .option("--zoom <range>", "0.2: from 0.8 to 1.2, or least:most; below 1 enlarges, as in Keras")
    .option("--flip-horizontal", "exchange left and right of every second image")
    .option("--no-flip-horizontal", "never, though the preset does")
    .option("--flip-vertical", "exchange top and bottom of every second image")
    .option("--no-flip-vertical", "never, though the preset does")
    .option("--brightness <range>", "factor of all levels: 0.2: from 0.8 to 1.2, or least:most")
    .option("--contrast <range>", "factor of the distance to the mean level")
    .option("--gamma <range>", "exponent of the levels")
    .option("--noise <levels>", "Gaussian noise of up to this standard deviation, or least:most")
    .option("--poisson <photons>", "noise of counted photons: so many and up to ten times as many for white")
    .option("--blur <px>", "Gaussian blur of up to this standard deviation, or least:most")
    .option("--cut-out <part>", "hide a rectangle with sides of up to so much of the image's, or least:most")
    .option("--elastic <part>", "bend by up to so much of the longer side, such as 0.02, or least:most")
    .option("--clahe <limit>", "equalize contrast locally, clip limit up to this, or least:most")
    .option("--fill <how>", "beyond the border: nearest, constant, reflect or wrap, as in Keras (default: nearest)")
    .option("--cval <level>", "level of --fill constant, 0 to 255 (default: 0)");
}

/** Those of the flags that are augmentation's, out of a command's. */
export function augmentTexts(flags: AugmentFlags): AugmentFlags {
  const { rotation, shift, shiftX, shiftY, shear, zoom, flipHorizontal, flipVertical, fill, cval } = flags;
  const { brightness, contrast, gamma, noise, poisson, blur, cutOut, elastic, clahe } = flags;
  const moves = { rotation, shift, shiftX, shiftY, shear, zoom, flipHorizontal, flipVertical, fill, cval };
  return { ...moves, brightness, contrast, gamma, noise, poisson, blur, cutOut, elastic, clahe };
}
