/** What the look before a training found, in a few lines. */
import { relative } from "node:path";
import { printable } from "@grayling/core";
import { counted } from "../terminal/counted.js";
import type { TrainEvent } from "../train/train-events.js";

/** Told of what was found; `grayling check` tells all. */
const shown = 4;

/** The worst findings and how to see all; none where there are but notes. */
export function describeChecked({ root, findings }: Extract<TrainEvent, { kind: "checked" }>): string[] {
  const serious = findings.filter(({ severity }) => severity !== "note");
  if (serious.length === 0) return [];
  const lines = serious.slice(0, shown).map(({ severity, title }) => `${severity}: ${printable(title)}`);
  const rest = findings.length - lines.length;
  const more = rest > 0 ? `${counted(rest, "more finding")}; ` : "";
  return [...lines, `${more}${howToSeeAll(root)}`];
}

/** A list of images has no folder to look at. */
const howToSeeAll = (root: string): string =>
  root.toLowerCase().endsWith(".csv")
    ? "run grayling check on the images' folder for all"
    : `run grayling check ${quoted(relative(process.cwd(), root) || root)} for all`;

const quoted = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${printable(path)}'`);
