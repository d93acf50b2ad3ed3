/** A probability of one's own from which a class is called: so many cracks are to be found, or so few calls be wrong. */
import { InputError } from "../errors.js";
import { curvePoints, rankScores } from "./rank-curves.js";

/** What a threshold is to keep: `recall:0.95:crack` finds 95 % of the cracks, `precision:0.9:crack` is right in 90 %. */
export interface ThresholdGoal {
  readonly metric: "recall" | "precision";
  readonly value: number; // 0–1
  readonly className: string;
}

export interface ClassThreshold extends ThresholdGoal {
  /** The class is called from this probability on. */
  readonly threshold: number;
  /** What it came to on the images it was chosen on. */
  readonly recall: number;
  readonly precision: number;
}

const form = "expected recall:<0-1>:<class> or precision:<0-1>:<class>, such as recall:0.95:crack";

/** Reads `recall:0.95:crack`; the class may hold colons. Throws `InputError` for anything else. */
export function parseThresholdGoal(text: string): ThresholdGoal {
  const [metric, number, ...rest] = text.split(":");
  const value = Number(number);
  const className = rest.join(":");
  if ((metric !== "recall" && metric !== "precision") || number === "" || !(value > 0 && value <= 1) || !className) {
    throw new InputError(`threshold "${text}": ${form}`);
  }
  return { metric, value, className };
}

/**
 * The threshold that keeps the goal at the least cost to the other metric: it calls as few images as find enough, or as many as
 * are right often enough. It lies halfway between the last image that it calls and the next, so that neither float32's rounding
 * elsewhere nor a like image a little less likely falls on its other side. `labels` [n], `probabilities` [n, classes].
 * Throws `InputError` for an unknown class, one without images, or a precision that no threshold reaches.
 */
export function chooseThreshold(
  goal: ThresholdGoal,
  labels: readonly number[],
  probabilities: Float32Array,
  classNames: readonly string[],
): ClassThreshold {
  const subject = `threshold ${goal.metric}:${goal.value}:${goal.className}`;
  const index = classNames.indexOf(goal.className);
  if (index === -1) throw new InputError(`${subject}: no such class, expected one of ${classNames.join(", ")}`);
  const isPositive = Uint8Array.from(labels, (label) => (label === index ? 1 : 0));
  const positives = isPositive.reduce((a, b) => a + b, 0);
  if (positives === 0) throw new InputError(`${subject}: none of the images that validate is of this class`);
  const scores = Float32Array.from(labels, (_, i) => probabilities[i * classNames.length + index]!);
  const points = curvePoints(rankScores(scores, isPositive), scores)
    .slice(1)
    .map(({ threshold, truePositives, falsePositives }, place, all) => ({
      threshold: (threshold + (all[place + 1]?.threshold ?? 0)) / 2,
      recall: truePositives / positives,
      precision: truePositives / (truePositives + falsePositives),
    }));
  const chosen =
    goal.metric === "recall"
      ? points.find(({ recall }) => recall >= goal.value)
      : points.findLast(({ precision }) => precision >= goal.value);
  if (!chosen) {
    const best = Math.max(...points.map(({ precision }) => precision));
    throw new InputError(`${subject}: no threshold is right that often, at best ${best.toFixed(3)} of the calls are`);
  }
  return { ...goal, ...chosen };
}

/**
 * The class that is called. One with a threshold is called where it reaches it, however likely others are; of several
 * the one that exceeds its own the furthest, as a ratio. It is never called below it: the likeliest of the others is.
 * `thresholds` [classes], undefined for a class without.
 */
export function decideClass(probabilities: Float32Array, thresholds: readonly (number | undefined)[]): number {
  const excess = (k: number) => probabilities[k]! / thresholds[k]!;
  let [reached, likeliest] = [-1, -1];
  for (let k = 0; k < probabilities.length; k++) {
    const threshold = thresholds[k];
    if (threshold === undefined) {
      if (likeliest === -1 || probabilities[k]! > probabilities[likeliest]!) likeliest = k;
    } else if (probabilities[k]! >= threshold && (reached === -1 || excess(k) > excess(reached))) reached = k;
  }
  if (reached !== -1) return reached;
  if (likeliest !== -1) return likeliest;
  return probabilities.indexOf(probabilities.reduce((a, b) => Math.max(a, b))); // every class has one, none reaches it
}
