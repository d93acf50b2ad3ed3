/** What to be careful about before a run's numbers are believed, in words. */
import { grouped } from "@grayling/core";
import { wilsonInterval } from "../check/wilson-interval.js";
import { counted } from "../terminal/counted.js";
import type { ReportContent } from "./report-content.js";
import { listed, showInterval, showPart } from "./show-part.js";
import { trainedCounts } from "./split-counts.js";

export interface Caution {
  readonly title: string;
  readonly text: string;
  /** Id of the section that shows it. */
  readonly section?: string;
}

type Content = Pick<ReportContent, "run" | "facts" | "counts" | "nearCopies" | "main" | "other">;

/** Most serious first. */
export function cautions(content: Content): Caution[] {
  return [
    nothingHeldOut,
    onTwoSides,
    togetherness,
    fewImages,
    selectedOn,
    belowValidation,
    imbalance,
    weakClasses,
    offProbabilities,
    coverageBelow,
    refusals,
    doubtfulLabels,
    unread,
    notKept,
    notTransferred,
  ].flatMap((rule) => rule(content) ?? []);
}

type Rule = (content: Content) => Caution | undefined;

const nothingHeldOut: Rule = ({ main }) =>
  main
    ? undefined
    : {
        title: "Nothing was held out",
        text: "Every image trained, so how good the classifier is on new images is not known. Train with --val 0.2, or with --folds 5.",
      };

const onTwoSides: Rule = ({ nearCopies = [] }) =>
  nearCopies.length === 0
    ? undefined
    : {
        title: `${counted(nearCopies.length, "pair")} of nearly the same picture ${nearCopies.length === 1 ? "is" : "are"} on two sides`,
        text: "What is measured on them was seen in training, and the numbers here are too good. --group keeps together what belongs together; grayling check proposes groups.",
        section: "copies",
      };

/** Without groups a patient or a part may be on two sides. */
const togetherness: Rule = ({ facts, run, main }) =>
  facts.groups || !main
    ? undefined
    : {
        title: "Whether images belong together is not known",
        text:
          "If several images show one patient, part, place or recording, some trained and others were measured, and the numbers here are too " +
          `good. No --group was given. grayling split-check measures what that is worth on ${facts.dataset ?? run.name}.`,
        section: "data",
      };

const foldsWouldHelp = ({ what }: { readonly what: string }) =>
  what === "cross-validated" ? "" : "Cross-validation, --folds 5, measures on all of them.";

const fewMeasured = 100;

const fewImages: Rule = ({ main }) => {
  if (!main || main.images.length >= fewMeasured) return undefined;
  const interval = showInterval(main.intervals?.of.accuracy, true);
  const width = interval ? ` The accuracy could as well be anything in ${interval}.` : "";
  return {
    title: `Measured on ${counted(main.images.length, "image")}`,
    text: `So few tell little: one more or less is ${showPart(1 / main.images.length)}.${width} ${foldsWouldHelp(main)}`,
    section: "metrics",
  };
};

const selectedOn: Rule = ({ main, run }) => {
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

const belowValidation: Rule = ({ main, other }) => {
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

/** The largest class has so many times the images of the smallest. */
const unevenFrom = 5;

const imbalance: Rule = ({ counts, run }) => {
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

/** So far below the mean, or so low, a class is named. */
const weakBelow = 0.2;
const namedClasses = 3;

const weakClasses: Rule = ({ main }) => {
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

const offFrom = 0.05;

const offProbabilities: Rule = ({ main }) => {
  if (!main || !(main.scalars.expectedCalibrationError > offFrom)) return undefined;
  return {
    title: "Probabilities are not to be taken at their word",
    text: `They are off by ${showPart(main.scalars.expectedCalibrationError)} on average over the ${main.what} images: an answer given with 80 % is right more or less often than that.`,
    section: "calibration",
  };
};

const coverageBelow: Rule = ({ run: { metrics } }) => {
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

const refusals: Rule = ({ run: { metrics } }) => {
  const { unknown } = metrics;
  if (!unknown || unknown.refused === null || unknown.refused <= refusedFrom * unknown.rate) return undefined;
  return {
    title: "Many familiar images are called unknown",
    text: `${showPart(unknown.refused)} of the images that did not train, ${showPart(unknown.rate)} were expected: they are less like those that trained than these are like one another.`,
    section: "unknown",
  };
};

const doubtfulLabels: Rule = ({ run: { doubtful = [], images } }) =>
  doubtful.length === 0 || images.length === 0
    ? undefined
    : {
        title: `${counted(doubtful.length, "label")} may be wrong`,
        text: "Classifiers that had not seen these images are surer of another class. Look at them: wrong labels cost more than any option wins.",
        section: "doubtful",
      };

const unread: Rule = ({ facts: { skipped } }) =>
  skipped.length === 0
    ? undefined
    : {
        title: `${counted(skipped.length, "file")} could not be used`,
        text: `The first, ${skipped[0]!.path}: ${skipped[0]!.reason}.`,
        section: "data",
      };

const notKept: Rule = ({ run: { config } }) =>
  config.options.network && config.trained === "the head alone"
    ? {
        title: "Training the network was no better",
        text: "The head alone, on the network as it was, did as well on the images that validate, and is what this run keeps.",
        section: "training",
      }
    : undefined;

const notTransferred: Rule = ({ facts, run: { config } }) =>
  facts.isTransferred === false && !config.options.network
    ? {
        title: "The network has never learnt anything",
        text: "Its weights are random and only the head was trained. ImageNet's weights, or --unfreeze all, are what it needs.",
        section: "options",
      }
    : undefined;
