/** How far answers can be trusted: calibration, thresholds, sets, and what is called unknown. */
import { grouped } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import { counted } from "../../terminal/counted.js";
import { chartRow } from "../chart-figure.js";
import { dataTable } from "../data-table.js";
import { gallery } from "../gallery.js";
import { named, shortName } from "../named.js";
import type { ReportContent } from "../report-content.js";
import { countedClasses, showDecimal, showPart } from "../show-part.js";

export const certaintySections = (content: ReportContent): readonly (Html | undefined)[] => [
  calibrationSection(content),
  thresholdsSection(content),
  setsSection(content),
  unknownSection(content),
];

function calibrationSection(content: ReportContent): Html | undefined {
  const { main, run } = content;
  const { calibration } = run.metrics;
  if (!main) return undefined;
  const { test } = calibration ?? {};
  const sides = calibration
    ? [
        ["the images it was fitted on", calibration.before, calibration.after] as const,
        ...(test ? [["test", test.before, test.after] as const] : []),
      ]
    : [];
  const words = calibration
    ? `The temperature ${showDecimal(calibration.temperature, 2)}, fitted on ${counted(calibration.images, "image")}, makes probabilities ${
        calibration.temperature > 1 ? "less" : "more"
      } sure than the head itself was. Which class is the most probable does not change.`
    : "Probabilities are as the head gives them; the run has fitted no temperature.";
  return html`<section id="calibration"><h2>Do probabilities mean what they say?</h2><p>${words}</p>
${chartRow(content, ["reliability", "confidence"])}
${
  sides.length === 0
    ? undefined
    : dataTable({
        caption: "Errors of the probabilities, before and after the temperature",
        label: "Calibration",
        kind: "numbers",
        head: ["", "off by, before", "after", "log loss, before", "after", "Brier score, before", "after"],
        rows: sides.map(([what, before, after]) => [
          what,
          showPart(before.expectedCalibrationError),
          showPart(after.expectedCalibrationError),
          ...[before.logLoss, after.logLoss, before.brierScore, after.brierScore].map((value) => showDecimal(value)),
        ]),
      })
}</section>`;
}

function thresholdsSection({ run }: ReportContent): Html | undefined {
  const { thresholds = [] } = run.metrics;
  if (thresholds.length === 0) return undefined;
  return html`<section id="thresholds"><h2>Classes with a threshold of their own</h2>
<p>They are called from this probability on, however likely others are, and never below it. Metrics in this report stay with the most probable class.</p>
${dataTable({
  caption: "What the thresholds came to on the images they were chosen on",
  label: "Thresholds",
  kind: "numbers",
  head: ["class", "asked for", "called from", "recall", "precision"],
  rows: thresholds.map(({ className, metric, value, threshold, recall, precision }) => [
    named(className),
    `${metric} ${showPart(value)}`,
    showPart(threshold),
    showPart(recall),
    showPart(precision),
  ]),
})}</section>`;
}

function setsSection({ run }: ReportContent): Html | undefined {
  const { sets } = run.metrics;
  if (!sets) return undefined;
  const { promised, seen, test } = sets;
  const thresholds = run.config.judgement?.sets?.thresholds ?? [];
  const always = thresholds.filter((threshold) => threshold === 0).length;
  const measured = test
    ? `Of ${counted(test.images, "test image")} the set holds the true class for ${showPart(test.coverage)}, has ${showDecimal(test.size, 1)} classes on average, and is a single class for ${showPart(test.single)}.`
    : `On the images they were fitted on they hold the true class for ${showPart(seen.coverage)}, with ${showDecimal(seen.size, 1)} classes on average; without a test that is no measurement.`;
  return html`<section id="sets"><h2>Which classes it may be</h2>
<p>For each image the model also gives a set of classes, such that the true one is among them for at least ${showPart(promised)} of the images of each class. ${measured}</p>
${always > 0 ? html`<p>${countedClasses(always)} had too few images to promise anything less than to be in every set.</p>` : undefined}
${test && coverageTable(test.perClass, run.config.classes, promised)}</section>`;
}

/** More rows are in `metrics.json`. */
const mostClasses = 500;

function coverageTable(perClass: readonly (number | null)[], classes: readonly string[], promised: number): Html {
  const table = dataTable({
    caption: `Part of the test images of each class whose set holds it; promised ${showPart(promised)}`,
    label: "Coverage by class",
    kind: "numbers",
    head: ["class", "covered"],
    rows: perClass.slice(0, mostClasses).map((covered, k) => [named(classes[k] ?? ""), showPart(covered)]),
  });
  return html`<details><summary>Class by class</summary>${table}</details>`;
}

function unknownSection(content: ReportContent): Html | undefined {
  const { run, chosen, book } = content;
  const { unknown } = run.metrics;
  if (!unknown) return undefined;
  const exhibits = chosen.novel.map((image) => {
    const novelty = showDecimal(image.novelty, 2);
    const alt = `${shortName(run.config.classes[image.label]!)}, novelty ${novelty}`;
    const called = (image.novelty ?? 0) > 1 ? `novelty ${novelty}, unknown` : `novelty ${novelty}`;
    return {
      pictures: book.picture(image.path, alt),
      path: image.path,
      lines: [html`<b>${called}</b>`, named(run.config.classes[image.label]!)],
    };
  });
  return html`<section id="unknown"><h2>What it has never seen</h2>
<p>The novelty of an image is its distance to the nearest of ${grouped(unknown.compared)} images that trained; above 1 it is called unknown, whatever the probabilities say.
The limit was set so that 1 in ${grouped(Math.round(1 / unknown.rate))} familiar images is refused; of those that did not train ${showPart(unknown.refused)} are.</p>
${chartRow(content, ["novelty"])}
<h3>The most unlike all that trained</h3>${gallery(exhibits)}</section>`;
}
