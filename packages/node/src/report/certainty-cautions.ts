/** Reasons to believe probabilities, sets and refusals only so far. */
import { wilsonInterval } from "../check/wilson-interval.js";
import { counted } from "../terminal/counted.js";
import type { CautionRule } from "./caution.js";
import { showPart } from "./show-part.js";

const offFrom = 0.05;

export const offProbabilities: CautionRule = ({ main }) => {
  if (!main || !(main.scalars.expectedCalibrationError > offFrom)) return undefined;
  return {
    title: "Probabilities are not to be taken at their word",
    text: `They are off by ${showPart(main.scalars.expectedCalibrationError)} on average over the ${main.what} images: an answer given with 80 % is right more or less often than that.`,
    section: "calibration",
  };
};

export const coverageBelow: CautionRule = ({ run: { metrics } }) => {
  const { sets } = metrics;
  const measured = sets?.test;
  if (!sets || !measured || measured.coverage === null || measured.coverage >= sets.promised) return undefined;
  const { high } = wilsonInterval(Math.round(measured.coverage * measured.images), measured.images);
  const chance = high >= sets.promised ? "of so few images that is within chance" : "that is more than chance";
  return {
    title: "Sets hold less than was promised",
    text: `The true class is among them for ${showPart(measured.coverage)} of ${counted(measured.images, "test image")}, promised were ${showPart(sets.promised)}; ${chance}.`,
    section: "sets",
  };
};

/** Familiar images are refused so many times as often as they should be. */
const refusedFrom = 3;

export const refusals: CautionRule = ({ run: { metrics } }) => {
  const { unknown } = metrics;
  if (!unknown || unknown.refused === null || unknown.refused <= refusedFrom * unknown.rate) return undefined;
  return {
    title: "Many familiar images are called unknown",
    text: `${showPart(unknown.refused)} of the images that did not train, ${showPart(unknown.rate)} were expected: they are less like those that trained than these are like one another.`,
    section: "unknown",
  };
};
