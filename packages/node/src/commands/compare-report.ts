/** A comparison on the terminal: the verdict first, then numbers, settings and some of the images. */
import { alignColumns, grouped, percent, printable } from "@grayling/core";
import type { ComparedRun, RunComparison } from "../compare/compare-runs.js";
import { isDivided } from "../compare/disagreements.js";
import { cautionsOf, showDifference, showOutcome, showVerdict } from "../compare/show-verdict.js";
import { wrapText } from "../terminal/wrap-text.js";
import type { Console } from "./console.js";

/** The others are in the page and in JSON. */
const shownImages = 10;
const shownPairs = 12;
const longestCell = 34; // columns

type Printer = Pick<Console, "print" | "colors">;

export function printComparison(comparison: RunComparison, { width }: { width: number }, console: Printer): void {
  const { print, colors } = console;
  const columns = Math.min(width, 110);
  const say = (text: string, paint = (line: string) => line) => {
    for (const line of wrapText(printable(text), columns)) print(paint(line));
  };
  say(showOutcome(comparison), colors.bold);
  for (const caution of cautionsOf(comparison)) say(`(${caution})`, colors.dim);
  print();
  for (const line of alignColumns(metricRows(comparison), [1, 3, 4, 5])) print(line);
  print();
  printPairs(comparison, say);
  printSettings(comparison, columns, print);
  printImages(comparison, columns, print);
}

function metricRows({ runs }: RunComparison): string[][] {
  const head = ["run", "accuracy", "95 %", "balanced", "log loss", "off by"];
  return [head, ...runs.map(metricRow)];
}

function metricRow({ name, metrics, intervals }: ComparedRun): string[] {
  const [low, high] = intervals["accuracy"] ?? [];
  const isKnown = typeof low === "number" && typeof high === "number" && !Number.isNaN(low);
  const interval = isKnown ? `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}` : "–";
  const { accuracy, balancedAccuracy, logLoss, expectedCalibrationError } = metrics;
  const numbers = [percent(balancedAccuracy), logLoss.toFixed(3), percent(expectedCalibrationError)];
  return [short(name), percent(accuracy), interval, ...numbers];
}

/** One pair's verdict is the first line already. */
function printPairs(comparison: RunComparison, say: (text: string) => void): void {
  const { pairs, runs } = comparison;
  for (const pair of pairs.slice(0, shownPairs)) {
    const { first, second } = pair;
    const difference = `${runs[second]!.name} less ${runs[first]!.name}: ${showDifference(pair)}`;
    say(pairs.length > 1 ? `${showVerdict(pair, comparison)}; ${difference}` : `accuracy of ${difference}`);
  }
  if (pairs.length > shownPairs) say(`and ${pairs.length - shownPairs} more pairs: --html, --json`);
  say("");
}

function printSettings({ settings, runs }: RunComparison, width: number, print: Console["print"]): void {
  if (settings.length === 0) {
    print("no setting differs");
    return;
  }
  const head = ["settings that differ", ...runs.map(({ name }) => short(name))];
  const rows = settings.map(({ name, values }) => [name, ...values.map((value) => shortValue(value ?? "–"))]);
  printTable([head, ...rows], width, print);
}

function printImages({ disagreements, runs, classes }: RunComparison, width: number, print: Console["print"]): void {
  print();
  const divided = disagreements.filter(isDivided);
  if (disagreements.length === 0) {
    print("they name the same class for every image");
    return;
  }
  print(
    `they name different classes for ${grouped(disagreements.length)} images; some right, others wrong on ${grouped(divided.length)}`,
  );
  const head = ["image", "is", ...runs.map(({ name }) => short(name))];
  const rows = disagreements.slice(0, shownImages).map(({ path, label, answers, isRight }) => {
    const said = answers.map(({ predicted, probabilities }, run) => {
      const sure = `${Math.round(100 * probabilities[predicted]!)} %`;
      return `${isRight[run] ? "✓" : "✗"} ${short(classes[predicted]!)} ${sure}`;
    });
    return [short(path), short(classes[label]!), ...said];
  });
  printTable([head, ...rows], width, print);
  const left = disagreements.length - rows.length;
  if (left > 0) print(`and ${grouped(left)} more: --html for pictures, --json for all`);
}

/** A table that is too wide for the terminal becomes a list: a row's cells below its first. */
function printTable(rows: readonly (readonly string[])[], width: number, print: Console["print"]): void {
  const lines = alignColumns(rows);
  if (lines.every((line) => line.length <= width)) {
    for (const line of lines) print(line);
    return;
  }
  const [head, ...others] = rows;
  print(head![0]);
  for (const [first, ...cells] of others) {
    print(`  ${first}`);
    const named = cells.map((cell, i) => ["   ", head![i + 1]!, cell]);
    for (const line of alignColumns(named)) print(line);
  }
}

/** Paths and names keep their end, which tells them apart. */
function short(text: string): string {
  const characters = [...printable(text)];
  return characters.length <= longestCell ? characters.join("") : `…${characters.slice(1 - longestCell).join("")}`;
}

function shortValue(text: string): string {
  const characters = [...printable(text)];
  return characters.length <= longestCell ? characters.join("") : `${characters.slice(0, longestCell - 1).join("")}…`;
}
