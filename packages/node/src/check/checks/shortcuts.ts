/**
 * Classes that nearly coincide with something that is not in the picture: how it was stored, how bright it is.
 * A network learns whatever tells the classes apart most easily. Source: Geirhos et al. 2020, Shortcut Learning in Deep
 * Neural Networks, Nature Machine Intelligence 2, §3.
 */
import { grouped, percent } from "@grayling/core";
import { type ClassRule, classRule, noticedGain, quantileBins, severeGain } from "../class-rule.js";
import type { Check, Finding, QuickCheck, Severity } from "../finding.js";
import { byFrequency, groupBy } from "../group-by.js";
import {
  brightness,
  type Inspection,
  type Picture,
  type ReadablePicture,
  readable,
  type Stored,
} from "../inspected-file.js";
import { wilsonInterval } from "../wilson-interval.js";

/** Fewer pictures say nothing. */
const leastPictures = 20;

interface Attribute<P extends Stored> {
  readonly name: string; // "image size"
  /** What a file has of it: "96 × 64 px", or a number, which is judged by the bin that it lies in. */
  readonly of: (file: ReadablePicture<P>) => string | number;
  readonly show: (value: number) => string;
  readonly severities: readonly [noticed: Severity, severe: Severity];
  readonly todo: string;
}

const plain = (value: number) => String(value);
const stored = ["warning", "problem"] as const; // how a picture is stored is never what the class means
const shownOnIt = ["note", "warning"] as const; // it may be

const storedAttributes: readonly Attribute<Stored>[] = [
  {
    name: "image size",
    of: ({ picture: { width, height } }) => `${width} × ${height} px`,
    show: plain,
    severities: stored,
    todo: "Find out why: other cameras, crops or exports per class. Crop or export all alike; stretching keeps the trace of the old size.",
  },
  {
    name: "aspect ratio",
    of: ({ picture: { width, height } }) => (width / height).toFixed(2),
    show: plain,
    severities: stored,
    todo: "Crop all to one shape: stretching distorts each class in its own way, and letterboxing draws its borders.",
  },
  {
    name: "bit depth",
    of: ({ picture: { bitDepth } }) => `${bitDepth} bit`,
    show: plain,
    severities: stored,
    todo: "Export all in one depth from the source: steps and noise stay visible after conversion.",
  },
  {
    name: "file format",
    of: ({ picture: { format } }) => format,
    show: plain,
    severities: stored,
    todo: "Export all from the source in one format: blocks of JPEG stay in the pixels.",
  },
  {
    name: "file size",
    of: ({ bytes }) => bytes,
    show: (value) => `${grouped(Math.round(value))} bytes`,
    severities: shownOnIt,
    todo: "Compression differs, or how much there is to see. If the first: export all alike.",
  },
];

const attributes: readonly Attribute<Picture>[] = [
  ...storedAttributes,
  {
    name: "camera",
    of: ({ origin }) => origin?.camera ?? "not told",
    show: plain,
    severities: stored,
    todo: "Take pictures of every class with every camera. To see what a new camera costs: check --groups list.csv, then train list.csv --group camera.",
  },
  {
    name: "mean brightness",
    of: ({ picture }) => brightness(picture),
    show: (value) => value.toFixed(1),
    severities: shownOnIt,
    todo: "If exposure or lamp differ by class, and not the object, take pictures of all classes under the same light, and train with --brightness.",
  },
];

export const shortcuts: Check = { name: "shortcut", find: (inspection) => lookAtAll(attributes, inspection) };

/** How pictures are stored, without what they show. */
export const storedShortcuts: QuickCheck = {
  name: "shortcut",
  find: (inspection) => lookAtAll(storedAttributes, inspection),
};

function lookAtAll<P extends Stored>(
  attributes: readonly Attribute<P>[],
  inspection: Inspection<P>,
): readonly Finding<never>[] {
  const files = readable(inspection).filter(({ label }) => label !== null);
  const labels = files.map(({ label }) => label ?? -1);
  if (files.length < leastPictures || new Set(labels).size < 2) return [];
  return attributes
    .flatMap((attribute) => look(attribute, files, labels, inspection))
    .filter(
      ({ attribute }, _, found) => attribute !== "aspect ratio" || !found.some((one) => one.attribute === "image size"),
    )
    .map(({ finding }) => finding);
}

interface Found {
  readonly attribute: string;
  readonly finding: Finding<never>;
}

function look<P extends Stored>(
  attribute: Attribute<P>,
  files: readonly ReadablePicture<P>[],
  labels: readonly number[],
  inspection: Inspection<P>,
): Found[] {
  const values = files.map(attribute.of);
  const numbers = values.filter((value) => typeof value === "number");
  const kinds = numbers.length === values.length ? quantileBins(numbers) : values.map(String);
  const rule = classRule(kinds, labels);
  const { low } = wilsonInterval(Math.round(rule.accuracy * labels.length), labels.length);
  if (rule.gain < noticedGain || low <= rule.majority) return []; // of 24 pictures, 16 are right by chance
  const finding: Finding<never> = {
    severity: attribute.severities[rule.gain < severeGain ? 0 : 1],
    title: `${attribute.name} tells the class: ${inWords(rule)}`,
    why: "A network may learn that instead of what is in the picture, and fail on pictures from elsewhere.",
    todo: attribute.todo,
    groups: [],
    table: [["class", attribute.name], ...rowsOf(attribute, values, labels, inspection)],
  };
  return [{ attribute: attribute.name, finding }];
}

const inWords = ({ accuracy, majority }: ClassRule): string =>
  `${percent(accuracy)} right by it alone, ${percent(majority)} by always saying the commonest class`;

/** Of each class: the middle and the outer tenths of numbers, or the commonest values. */
function rowsOf(
  attribute: Pick<Attribute<never>, "name" | "show">,
  values: readonly (string | number)[],
  labels: readonly number[],
  { classes }: Pick<Inspection, "classes">,
): string[][] {
  const byClass = groupBy(values.keys(), (i) => labels[i]!);
  return classes.flatMap((name, label) => {
    const own = byClass.get(label)?.map((i) => values[i]!) ?? [];
    return own.length === 0 ? [] : [[name, describe(attribute, own)]];
  });
}

function describe({ show }: Pick<Attribute<never>, "show">, values: readonly (string | number)[]): string {
  const numbers = values.filter((value) => typeof value === "number").sort((a, b) => a - b);
  if (numbers.length === values.length) {
    const at = (part: number) => show(numbers[Math.round(part * (numbers.length - 1))]!);
    return `${at(0.5)} (${at(0.1)} … ${at(0.9)})`;
  }
  const counts = byFrequency(values, (value) => value);
  const first = counts.slice(0, 3).map(([value, some]) => `${value} (${some.length})`);
  return counts.length > 3 ? `${first.join(", ")}, …` : first.join(", ");
}
