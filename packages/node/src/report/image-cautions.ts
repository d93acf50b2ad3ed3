/** What the images themselves, their labels and their split give reason to be careful about. */
import { grouped } from "@grayling/core";
import { counted } from "../terminal/counted.js";
import type { CautionRule } from "./caution.js";
import { trainedCounts } from "./split-counts.js";

export const onTwoSides: CautionRule = ({ nearCopies = [] }) =>
  nearCopies.length === 0
    ? undefined
    : {
        title: `${counted(nearCopies.length, "pair")} of nearly the same picture ${nearCopies.length === 1 ? "is" : "are"} on two sides`,
        text: "What is measured on them was seen in training, and the numbers here are too good. --group keeps together what belongs together; grayling check proposes groups.",
        section: "copies",
      };

/** Without groups a patient or a part may be on two sides. */
export const togetherness: CautionRule = ({ facts, run, main }) =>
  facts.groups || !main
    ? undefined
    : {
        title: "Whether images belong together is not known",
        text:
          "If several images show one patient, part, place or recording, some trained and others were measured, and the numbers here are too " +
          `good. No --group was given. grayling split-check measures what that is worth on ${facts.dataset ?? run.name}.`,
        section: "data",
      };

/** The largest class has so many times the images of the smallest. */
const unevenFrom = 5;

export const imbalance: CautionRule = ({ counts, run }) => {
  if (!counts) return undefined;
  const { classes, options } = run.config;
  const trained = trainedCounts(counts);
  const [least, most] = [Math.min(...trained), Math.max(...trained)];
  if (most < unevenFrom * least || least === 0) return undefined;
  const small = classes[trained.indexOf(least)]!;
  const large = classes[trained.indexOf(most)]!;
  const balanced =
    options.classWeights === "balanced"
      ? "They were weighed against it."
      : "--class-weights balanced weighs against it.";
  return {
    title: "Classes are of unequal size",
    text:
      `“${large}” has ${counted(most, "image")} that train, “${small}” ${grouped(least)}. Accuracy says most about the large ones; look at balanced accuracy and at ` +
      `the table of classes. ${balanced}`,
    section: "classes",
  };
};

export const doubtfulLabels: CautionRule = ({ run: { doubtful = [], images } }) =>
  doubtful.length === 0 || images.length === 0
    ? undefined
    : {
        title: `${counted(doubtful.length, "label")} may be wrong`,
        text: "Classifiers that had not seen these images are surer of another class. Look at them: wrong labels cost more than any option wins.",
        section: "doubtful",
      };

export const unread: CautionRule = ({ facts: { skipped } }) =>
  skipped.length === 0
    ? undefined
    : {
        title: `${counted(skipped.length, "file")} could not be used`,
        text: `The first, ${skipped[0]!.path}: ${skipped[0]!.reason}.`,
        section: "data",
      };
