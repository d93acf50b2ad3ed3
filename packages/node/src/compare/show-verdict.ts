/** What a comparison comes to, in words. */
import { grouped, percent } from "@grayling/core";
import { counted } from "../terminal/counted.js";
import type { PairVerdict, RunComparison } from "./compare-runs.js";

/** `steel-2 is better than steel-1: right on 14 images where steel-1 is wrong, wrong on 3 …; p = 0.013` */
export function showVerdict(pair: PairVerdict, { runs, images, pairs }: RunComparison): string {
  const { first, second, onlyFirst, onlySecond, better } = pair;
  const many = pairs.length > 1;
  const p = `p ${showP(pair.pValue)}${many ? `, among ${pairs.length} pairs ${bareP(pair.adjusted)}` : ""}`;
  const [a, b] = [runs[first]!.name, runs[second]!.name];
  if (onlyFirst + onlySecond === 0) return `${a} and ${b} are right and wrong on the same images`;
  if (better === undefined) {
    const counts = `only ${a} is right on ${grouped(onlyFirst)}, only ${b} on ${grouped(onlySecond)}`;
    return `${a} and ${b}: no difference that ${counted(images.length, "image")} could show (${counts}; ${p})`;
  }
  const [winner, loser] = better === first ? [a, b] : [b, a];
  const [more, fewer] = better === first ? [onlyFirst, onlySecond] : [onlySecond, onlyFirst];
  return `${winner} is better than ${loser}: right on ${counted(more, "image")} where ${loser} is wrong, wrong on ${grouped(fewer)} where it is right (${p})`;
}

/** `+6.1 points (+2.9 to +9.6)`, of the second against the first; images that all agree have no interval to tell. */
export function showDifference({ difference, interval: [low, high] }: PairVerdict): string {
  if (low === high) return `${points(difference)} points`;
  return `${points(difference)} points (${points(low)} to ${points(high)})`;
}

function points(part: number): string {
  const text = (100 * part).toFixed(1);
  if (Number(text) === 0) return "0.0";
  return part > 0 ? `+${text}` : text.replace("-", "−");
}

/** 0.0123 → "= 0.012"; what is smaller than a ten-thousandth is not told apart. */
export function showP(p: number): string {
  if (p < 1e-4) return "< 0.0001";
  return `= ${p < 0.0095 ? p.toPrecision(1) : p.toFixed(p < 0.0995 ? 3 : 2)}`;
}

/** In a column of its own, or after words, a number needs no "=". */
export const bareP = (p: number): string => showP(p).replace("= ", "");

/** Which is right most often, and over which others that could be shown. */
export function showOutcome(comparison: RunComparison): string {
  const { runs, pairs, images, side } = comparison;
  if (pairs.length === 1) return `${showVerdict(pairs[0]!, comparison)}.`;
  const best = runs.reduce((top, { metrics }, i) => (metrics.accuracy > runs[top]!.metrics.accuracy ? i : top), 0);
  const own = pairs.filter(({ first, second }) => first === best || second === best);
  const beaten = own.filter(({ better }) => better === best);
  const { name, metrics } = runs[best]!;
  const lead = `Of ${runs.length} runs ${name} is right most often, on ${percent(metrics.accuracy)} of ${counted(images.length, `${side} image`)}`;
  if (beaten.length === own.length) return `${lead}, and better than every other by more than chance.`;
  if (beaten.length === 0) return `${lead}; that it is better than any other could not be shown.`;
  return `${lead}; it is better than ${beaten.length} of the other ${own.length} by more than chance.`;
}

/** Settings that decide which images train. */
const splitting = new Set(["dataset", "group", "split", "validation", "test", "folds", "seed", "images.train"]);

/** What is to be known before the numbers are believed; a line each. */
export function cautionsOf(comparison: RunComparison): string[] {
  const { side, images, measured, relabelled, groups, lacksGroups, settings } = comparison;
  const all = Math.max(...measured);
  const split = settings.map(({ name }) => name).filter((name) => splitting.has(name));
  return [
    ...(all > images.length
      ? [
          `${grouped(images.length)} of up to ${grouped(all)} ${side} images were measured by all; the others are left out`,
        ]
      : []),
    ...(relabelled > 0 ? [`${counted(relabelled, "image")} with different labels left out`] : []),
    ...(split.length > 0
      ? [
          `the images were not divided alike (${split.join(", ")}): one run may have trained on what is like these, where another has not`,
        ]
      : []),
    ...(side === "validation"
      ? [
          "validation images: temperatures, and the best epochs of networks, were chosen on them; --test keeps images apart",
        ]
      : []),
    ...(groups
      ? [`intervals: ${grouped(new Set(groups).size)} groups drawn whole; p takes images as independent`]
      : []),
    ...(lacksGroups
      ? ["which images belong together is not known here: intervals and p are narrower than they should be"]
      : []),
  ];
}
