/** What a classifier can be trusted with, on the terminal. */
import { grouped, type Measured, percent, printable } from "@grayling/core";
import { counted } from "../terminal/counted.js";
import { wrapText } from "../terminal/wrap-text.js";
import type { Judgement } from "../train/judge/judge.js";
import type { JudgedClassifier } from "../train/judge/judge-kept.js";

/** `accuracy 94.1–97.8 % (95 %), ROC AUC 0.993, kappa 0.951`, without what is not defined. */
export function describeMeasured({ metrics, intervals }: Measured): string {
  const [low, high] = intervals.of.accuracy;
  const drawn = intervals.groups === undefined ? "" : `, of ${counted(intervals.groups, "group")} drawn whole`;
  const known = (name: string, value: number) => (Number.isNaN(value) ? [] : [`${name} ${value.toFixed(3)}`]);
  const accuracy = Number.isNaN(low)
    ? "accuracy not known: all images are one group"
    : `accuracy ${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)} % (95 %${drawn})`;
  const numbers = [accuracy, ...known("ROC AUC", metrics.rocAuc), ...known("kappa", metrics.cohenKappa)];
  return reportLine("interval", numbers.join(", "));
}

/** A line for each thing that could be fitted. */
export function describeJudgement({ judgement, doubtful }: JudgedClassifier): string[] {
  const { calibration, sets, novelty, thresholds } = judgement;
  return [
    ...(calibration ? [describeCalibration(calibration)] : []),
    ...thresholds.map(({ className, threshold, recall, precision }) => {
      const kept = `${percent(recall)} found, ${percent(precision)} of the calls right`;
      return reportLine("threshold", `${printable(className)} from ${percent(threshold)} on: ${kept}`);
    }),
    ...(sets ? describeSets(sets) : []),
    ...(novelty
      ? [
          reportLine(
            "unknown",
            `what is unlike all training images, and 1 in ${Math.round(1 / novelty.rate)} of what is like them`,
          ),
        ]
      : []),
    ...(doubtful && doubtful.length > 0
      ? [reportLine("labels", `${counted(doubtful.length, "label")} may be wrong: doubtful-labels.csv`)]
      : []),
  ];
}

const margin = 12; // columns

/** What it is about, then what there is to say. */
export const reportLine = (what: string, text: string) => `${what.padEnd(margin)}${text}`;

/** A report's line as a terminal of `width` columns shows it; what goes elsewhere stays in one. */
export const breakReportLine = (line: string, width = Number.POSITIVE_INFINITY) =>
  wrapText(line.replace(/(?<=\d) %/g, "\u00a0%"), width, " ".repeat(margin), "");

function describeCalibration({ temperature, before, after, test }: NonNullable<Judgement["calibration"]>) {
  const [from, to] = test ? [test.before, test.after] : [before, after];
  const errors = [from, to].map(({ expectedCalibrationError }) => percent(expectedCalibrationError));
  const where = test ? "test" : "the images it was fitted on";
  const text = `temperature ${temperature.toFixed(2)}: probabilities off by ${errors[0]} before, ${errors[1]} after (${where})`;
  return reportLine("calibration", text);
}

function describeSets({ alpha, thresholds, test, seen }: NonNullable<Judgement["sets"]>): string[] {
  const size = `${(test ?? seen).size.toFixed(1)} classes on average`;
  const promised = percent(1 - alpha);
  const held = test ? `${percent(test.coverage)} (test; promised ${promised})` : `${promised} or more (promised)`;
  const always = thresholds.filter((threshold) => threshold === 0).length;
  const needed = Math.ceil(1 / alpha - 1e-9) - 1; // of fewer no threshold can promise anything
  const few = `${always} of ${thresholds.length} classes in every set: fewer than ${grouped(needed)} images of each held out`;
  return [reportLine("sets", `hold the true class in ${held}, ${size}`), ...(always > 0 ? [reportLine("", few)] : [])];
}
