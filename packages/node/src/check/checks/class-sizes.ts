/** Classes with no, few, or far more pictures than others. */
import { grouped } from "@grayling/core";
import { counted } from "../../terminal/counted.js";
import { countsByClass } from "../class-counts.js";
import type { Finding, QuickCheck } from "../finding.js";
import type { Inspection, Stored } from "../inspected-file.js";

/** A head on frozen features needs about ten to say anything, and a fifth of them is held out. */
const few = 10;

/** As often as this is a class the most common before balancing changes what is learned. */
const lopsided = 3;

export const classSizes: QuickCheck = {
  name: "class-size",
  find: (inspection) => {
    const { classes } = inspection;
    if (classes.length === 0) return [withoutClasses(inspection)];
    const counts = countsByClass(inspection);
    const table = [["class", "pictures"], ...classes.map((name, label) => [name, grouped(counts[label]!)])];
    return [...loose(inspection), ...lone(inspection), ...small(classes, counts), ...imbalance(classes, counts, table)];
  },
};

function withoutClasses({ files }: Inspection<Stored>): Finding<never> {
  return {
    severity: "note",
    title: `no class folders: ${counted(files.length, "picture")} in one heap`,
    why: "What is about single files and copies is checked. Nothing can be said about classes.",
    todo: "To train, put the pictures into one folder per class.",
    groups: [],
  };
}

function lone({ classes }: Inspection<Stored>): Finding<never>[] {
  if (classes.length !== 1) return [];
  return [
    {
      severity: "problem",
      title: `one class only, "${classes[0]}"`,
      why: "There is nothing to tell apart.",
      todo: "Add a folder for at least one other class.",
      groups: [],
    },
  ];
}

function loose<P extends Stored>({ files }: Inspection<P>): Finding<P>[] {
  const outside = files.filter(({ label }) => label === null);
  if (outside.length === 0) return [];
  return [
    {
      severity: "warning",
      title: `pictures beside the class folders: ${outside.length}`,
      why: "They belong to no class, and training ignores them.",
      todo: "Move them into the folder of their class.",
      groups: outside.map((file) => [{ file, detail: "in no class", suggestion: "decide: move to its class" }]),
    },
  ];
}

function small(classes: readonly string[], counts: readonly number[]): Finding<never>[] {
  const fewer = classes.flatMap((name, label) => (counts[label]! < few ? [`${name} (${counts[label]})`] : []));
  if (fewer.length === 0) return [];
  const isEmpty = counts.includes(0);
  return [
    {
      severity: isEmpty ? "problem" : "warning",
      title: `classes with fewer than ${few} readable pictures: ${fewer.slice(0, 8).join(", ")}${fewer.length > 8 ? ` and ${fewer.length - 8} more` : ""}`,
      why: "Validation holds one or two of them, so their measured accuracy is chance; the network hardly knows them.",
      todo: isEmpty
        ? "Add pictures, or remove the empty folders."
        : "Add pictures, or merge the classes; cross-validate with --folds.",
      groups: [],
    },
  ];
}

function imbalance(
  classes: readonly string[],
  counts: readonly number[],
  table: readonly (readonly string[])[],
): Finding<never>[] {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (classes.length < 2 || least === 0 || most < lopsided * least) return [];
  const name = (count: number) => `${classes[counts.indexOf(count)]} ${count}`;
  return [
    {
      severity: most >= 10 * least ? "warning" : "note",
      title: `classes differ in size up to ${(most / least).toFixed(1)} times: ${name(most)}, ${name(least)}`,
      why: "Accuracy rewards the common class: read balanced accuracy instead.",
      todo: "Train with --class-weights balanced.",
      groups: [],
      table,
    },
  ];
}
