/** What probes say, as findings: a table of all of them, and each that classifies by what it ought not to. */
import { percent } from "@grayling/core";
import { noticedGain, severeGain } from "./class-rule.js";
import type { Concern, Severity } from "./finding.js";
import type { NamedFinding } from "./findings.js";
import { groupBy } from "./group-by.js";
import type { Answer, Probed } from "./probe.js";
import { probeViews, type ViewName } from "./probe-views.js";

/** Pictures shown of each class, the surest first. */
const shownOfClass = 4;
const shownClasses = 6;

/** The table comes as a note even where nothing is wrong: it is what was asked for. */
export function probeFindings(results: readonly Probed[], classes: readonly string[]): NamedFinding[] {
  const serious = results.filter(({ gain, interval, majority }) => gain >= noticedGain && interval.low > majority);
  return [...serious.map((probed) => asFinding(probed, classes)), tableOf(results)];
}

function asFinding(probed: Probed, classes: readonly string[]): NamedFinding {
  const { view, accuracy, interval, majority, gain, answers } = probed;
  const { shows } = probeViews[view];
  const sure = `${percent(interval.low)} to ${percent(interval.high)}`;
  return {
    check: `probe-${view}`,
    severity: severityOf(view, gain),
    title: `a linear classifier sees ${shows}, and is right on ${percent(accuracy)} (${sure}); the commonest class: ${percent(majority)}`,
    ...words[view],
    groups: examples(answers, classes),
    view,
  };
}

/** Borders and files are never what a class means; a histogram or a few pixels may be. */
function severityOf(view: ViewName, gain: number): Severity {
  const [some, much]: readonly [Severity, Severity] = probeViews[view].isForeign
    ? ["warning", "problem"]
    : ["note", "warning"];
  return gain < severeGain ? some : much;
}

const words: { readonly [V in ViewName]: Pick<NamedFinding, "why" | "todo"> } = {
  borders: {
    why: "There is no object at the borders. What tells the classes there is where or how the pictures were taken: a frame, a label, a table, the light. In textures that fill the picture it may be the texture.",
    todo: "Look at what it saw (--html draws it). Crop the borders away, or take all classes in one place, then check again.",
  },
  file: {
    why: "This is not in the picture at all, but traces of it are: of compression, of scaling, of the camera.",
    todo: "Export all classes alike. Where only the file size tells, it may be how much there is to see.",
  },
  histogram: {
    why: "Without any place: brightness and contrast are enough. Good if the class means them, a shortcut if lamp or exposure do.",
    todo: "Compare your network with this number: what it adds is what it sees. Train with brightness and contrast varied.",
  },
  thumbnail: {
    why: "So few pixels show no detail. The task is easy, or background and position give it away.",
    todo: "Compare your network with this number: what it adds is what it sees.",
  },
};

/** Of each class the pictures that were right with the most certainty. */
function examples(answers: readonly Answer[], classes: readonly string[]): readonly (readonly Concern[])[] {
  const right = answers.filter(({ file, label }) => file.label === label).sort((a, b) => b.probability - a.probability);
  const byClass = [...groupBy(right, ({ label }) => label)].sort(([a], [b]) => a - b).slice(0, shownClasses);
  return byClass.map(([label, some]) =>
    some.slice(0, shownOfClass).map(({ file, probability }) => ({
      file,
      detail: `${classes[label]}, told with ${percent(probability)}`,
    })),
  );
}

function tableOf(results: readonly Probed[]): NamedFinding {
  const rows = results.map(({ view, accuracy, interval, majority }) => [
    probeViews[view].shows,
    percent(accuracy),
    `${percent(interval.low)} to ${percent(interval.high)}`,
    percent(majority),
  ]);
  return {
    check: "probe",
    severity: "note",
    title: `what a linear classifier reaches without seeing the picture, on ${results[0]?.answers.length ?? 0} pictures`,
    why: "5-fold cross-validated; of copies one is taken. A network has seen something only if it is better than these.",
    todo: "Keep these numbers beside the network's.",
    groups: [],
    table: [["seen", "accuracy", "95 % interval", "commonest class"], ...rows],
  };
}
