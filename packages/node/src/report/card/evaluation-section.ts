/** How good the model is, how far its answers can be trusted, and what to be careful about. */
import { grouped } from "@grayling/core";
import { counted } from "../../terminal/counted.js";
import { cautions } from "../cautions.js";
import type { MeasuredSide } from "../measured-side.js";
import { measuredMetrics, metricRows, showMetric } from "../metric-rows.js";
import { showDecimal, showInterval, showPart } from "../show-part.js";
import { type CardContent, mostListed } from "./card-content.js";
import { codeText, numberTable, plainText } from "./markdown.js";

export function evaluationSection({ main, other, run }: CardContent): string {
  if (!main) return "## Evaluation\n\nNothing was held out, so nothing was measured.\n";
  const sides = other ? [main, other] : [main];
  const rows = measuredMetrics(main.scalars).map((name) => [
    `${metricRows[name].name}: ${metricRows[name].means}`,
    ...sides.flatMap(({ scalars, intervals }) => [
      showMetric(name, scalars[name]),
      showInterval(intervals?.of[name], metricRows[name].isPart) ?? "–",
    ]),
  ]);
  const head = ["", ...sides.flatMap(({ what, images }) => [`${what}, ${grouped(images.length)}`, "95 %"])];
  return `## Evaluation

${numberTable([head, ...rows])}
${drawn(main)}${run.config.classes.length <= mostListed ? classTable(main) : ""}`;
}

function drawn({ intervals, images }: MeasuredSide): string {
  if (!intervals) return "";
  const { draws, groups } = intervals;
  const isSingle = groups === undefined || groups === images.length;
  const units = isSingle ? "images" : `${grouped(groups)} groups, each with all its images`;
  return `Intervals come from ${grouped(draws)} draws with replacement of the ${units}.\n\n`;
}

const classTable = ({ metrics, what }: MeasuredSide): string =>
  numberTable([
    [`class, ${what}`, "images", "recall", "precision", "F1"],
    ...metrics.perClass.map(({ name, support, recall, precision, f1 }) => [
      codeText(name, { isCell: true }),
      ...[grouped(support), showPart(support === 0 ? undefined : recall), showPart(precision), showPart(f1)],
    ]),
  ]);

export function trustSection({ run }: CardContent): string {
  const { calibration, sets, unknown, thresholds = [] } = run.metrics;
  const limits = run.config.judgement?.sets?.thresholds ?? [];
  const always = limits.filter((limit) => limit === 0).length;
  const lines = [
    calibration &&
      `Probabilities are calibrated by the temperature ${showDecimal(calibration.temperature, 2)}, fitted on ${counted(calibration.images, "image")}. ${offBy(calibration)}`,
    sets &&
      `\`set\` holds the true class for at least ${showPart(sets.promised)} of the images of each class, as was promised; ${
        sets.test
          ? `of the test images it does for ${showPart(sets.test.coverage)}, with ${showDecimal(sets.test.size, 1)} classes on average.`
          : "that was not measured, for there is no test."
      }${always > 0 ? ` ${always} of ${grouped(limits.length)} classes are in every set: too few images were held out to promise less.` : ""}`,
    unknown &&
      `\`novelty\` above 1 calls an image unknown; 1 in ${grouped(Math.round(1 / unknown.rate))} familiar images was expected to be, ${showPart(unknown.refused)} of those that did not train are.`,
    ...thresholds.map(
      ({ className, threshold, recall, precision }) =>
        `${codeText(className)} is called from ${showPart(threshold)} on: recall ${showPart(recall)}, precision ${showPart(precision)} where that was chosen.`,
    ),
  ].filter((line) => typeof line === "string");
  if (lines.length === 0) return "";
  return `## How far its answers can be trusted\n\n${lines.map((line) => `- ${line}\n`).join("")}`;
}

function offBy({ before, after, test }: NonNullable<CardContent["run"]["metrics"]["calibration"]>): string {
  const [from, to, where] = test
    ? [test.before, test.after, "on the test"]
    : [before, after, "on the images it was fitted on"];
  return `They are off by ${showPart(to.expectedCalibrationError)} on average, ${showPart(from.expectedCalibrationError)} before (${where}).`;
}

export function cautionSection(content: CardContent): string {
  const found = cautions(content);
  const general =
    "What holds for these images need not hold for others: measure again where cameras, settings, people or products change.";
  const lines = found.map(({ title, text }) => `- **${plainText(title)}.** ${plainText(text)}\n`);
  return `## What to be careful about\n\n${lines.join("")}- ${general}\n`;
}
