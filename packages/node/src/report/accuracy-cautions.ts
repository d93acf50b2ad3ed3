/** Reasons to believe an accuracy only so far. */
import { grouped } from "@grayling/core";
import { counted } from "../terminal/counted.js";
import type { CautionRule } from "./caution.js";
import { listed, showInterval, showPart } from "./show-part.js";

export const nothingHeldOut: CautionRule = ({ main }) =>
  main
    ? undefined
    : {
        title: "Nothing was held out",
        text: "Every image trained, so how good the classifier is on new images is not known. Train with --val 0.2, or with --folds 5.",
      };

const fewMeasured = 100;

export const fewImages: CautionRule = ({ main }) => {
  if (!main || main.images.length >= fewMeasured) return undefined;
  const interval = showInterval(main.intervals?.of.accuracy, true);
  const width = interval ? ` The accuracy could as well be anything in ${interval}.` : "";
  return {
    title: `Measured on ${counted(main.images.length, "image")}`,
    text: `So few tell little: one more or less is ${showPart(1 / main.images.length)}.${width} ${foldsWouldHelp(main)}`,
    section: "metrics",
  };
};

const foldsWouldHelp = ({ what }: { readonly what: string }) =>
  what === "cross-validated" ? "" : "Cross-validation, --folds 5, measures on all of them.";

export const selectedOn: CautionRule = ({ main, run }) => {
  if (!main || main.what === "test") return undefined;
  const chosen = run.config.options.network ? "The best epoch, the temperature" : "The temperature";
  return {
    title: "No test was kept",
    text:
      `${chosen}, thresholds and sets were fitted on the very images that are measured here, which makes them look a little better than they are. ` +
      "--test 0.2 keeps images that nothing is fitted on.",
    section: "metrics",
  };
};

export const belowValidation: CautionRule = ({ main, other }) => {
  const [low] = other?.intervals?.of.accuracy ?? [];
  const [, high] = main?.intervals?.of.accuracy ?? [];
  if (!main || !other || typeof low !== "number" || typeof high !== "number") return undefined;
  if (main.scalars.accuracy >= low || other.scalars.accuracy <= high) return undefined; // chance alone may do that

  return {
    title: "The test is worse than the validation",
    text: `${showPart(main.scalars.accuracy)} of the test against ${showPart(other.scalars.accuracy)}, more than chance explains: believe the test.`,
    section: "metrics",
  };
};

/** So far below the mean, or so low, a class is named. */
const weakBelow = 0.2;

const namedClasses = 3;

export const weakClasses: CautionRule = ({ main }) => {
  if (!main) return undefined;
  const limit = main.scalars.balancedAccuracy - weakBelow;
  const weak = main.metrics.perClass
    .filter(({ recall, support }) => support > 0 && recall < limit)
    .sort((a, b) => a.recall - b.recall);
  if (weak.length === 0) return undefined;
  const named = weak
    .slice(0, namedClasses)
    .map(({ name, recall, support }) => `“${name}” (${showPart(recall)} of ${grouped(support)} found)`);
  const more = weak.length - named.length;
  return {
    title: weak.length === 1 ? "One class is much weaker" : `${weak.length} classes are much weaker`,
    text: `${listed(more > 0 ? [...named, `${grouped(more)} more`] : named)}, where all classes together have ${showPart(main.scalars.balancedAccuracy)}.`,
    section: "classes",
  };
};

export const notKept: CautionRule = ({ run: { config } }) =>
  config.options.network && config.trained === "the head alone"
    ? {
        title: "Training the network was no better",
        text: "The head alone, on the network as it was, did as well on the images that validate, and is what this run keeps.",
        section: "training",
      }
    : undefined;

export const notTransferred: CautionRule = ({ facts, run: { config } }) =>
  facts.isTransferred === false && !config.options.network
    ? {
        title: "The network has never learnt anything",
        text: "Its weights are random and only the head was trained. ImageNet's weights, or --unfreeze all, are what it needs.",
        section: "options",
      }
    : undefined;
