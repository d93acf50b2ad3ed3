/** A comparison for programs. */
import type { RunComparison } from "./compare-runs.js";
import { isDivided } from "./disagreements.js";

/** JSON with a newline at its end; what is not defined is null. */
export function comparisonJson(comparison: RunComparison): string {
  const { runs, classes, side, images, measured, relabelled, groups, pairs, settings } = comparison;
  const value = {
    runs: runs.map(({ name, source, metrics, intervals }, i) => ({
      ...{ name, folder: source, measured: measured[i], metrics, intervals },
    })),
    classes,
    common: { side, images: images.length, relabelled, groups: groups ? new Set(groups).size : null },
    pairs: pairs.map(({ first, second, better, onlyFirst, onlySecond, pValue, adjusted, difference, interval }) => ({
      ...{ first: runs[first]!.name, second: runs[second]!.name },
      ...{ better: better === undefined ? null : runs[better]!.name, onlyFirst, onlySecond, pValue, adjusted },
      ...{ difference, interval },
    })),
    settings: settings.map(({ name, values }) => ({ name, values: values.map((own) => own ?? null) })),
    disagreements: comparison.disagreements.map(({ path, label, answers, isRight }) => ({
      ...{ path, label: classes[label], isDivided: isDivided({ isRight }) },
      answers: answers.map(({ predicted, probabilities }, run) => ({
        ...{ class: classes[predicted], probability: probabilities[predicted], isRight: isRight[run] },
      })),
    })),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
