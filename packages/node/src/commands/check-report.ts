/** A check on the terminal: what matters first, a few files by name, the rest counted. */
import { alignColumns, grouped, printable } from "@grayling/core";
import type { CheckReport } from "../check/check-folder.js";
import { countFindings } from "../check/count-findings.js";
import type { Concern } from "../check/finding.js";
import type { NamedFinding } from "../check/findings.js";
import { overview } from "../check/overview.js";
import { wrapText } from "../terminal/wrap-text.js";
import type { Console } from "./console.js";

/** Named of each finding; all are in the page, the fix list and JSON. */
const shownGroups = 5;
const shownOfGroup = 3;
const shownRows = 12;

const indent = "         ";

type Printer = Pick<Console, "print" | "colors">;

export function printCheck(report: CheckReport, { width }: { readonly width: number }, console: Printer): void {
  const { inspection, findings } = report;
  const { print, colors } = console;
  print(colors.bold(`${printable(inspection.root)}: ${countFindings(findings)}`));
  print();
  for (const finding of findings) printFinding(finding, Math.min(width, 110), console);
  const facts = overview(inspection).map(([name, value]) => [name, printable(value)]);
  for (const line of alignColumns(facts)) print(line);
}

function printFinding(finding: NamedFinding, width: number, { print, colors }: Printer): void {
  const { severity, title, why, todo, table, view } = finding;
  const groups = view === undefined ? finding.groups : []; // what a probe was shown is for the page
  const paint = severity === "problem" ? colors.red : severity === "warning" ? colors.yellow : colors.cyan;
  const lines = wrapText(printable(title), width, indent, `${severity.padEnd(indent.length - 1)} `);
  print(colors.bold(lines[0]!.replace(severity, paint(severity))));
  for (const line of lines.slice(1)) print(colors.bold(line));
  for (const line of wrapText(printable(why), width, indent)) print(line);
  for (const group of groups.slice(0, shownGroups)) print(colors.dim(`${indent}${describe(group)}`));
  if (groups.length > shownGroups) print(colors.dim(`${indent}and ${grouped(groups.length - shownGroups)} more`));
  if (table) {
    const rows = table.slice(0, shownRows + 1).map((row) => row.map(printable));
    for (const line of alignColumns(rows)) print(colors.dim(`${indent}${line}`));
    if (table.length > shownRows + 1) print(colors.dim(`${indent}and ${table.length - shownRows - 1} more`));
  }
  for (const line of wrapText(printable(todo), width, `${indent}  `, `${indent}→ `)) print(line);
  print();
}

function describe(group: readonly Concern[]): string {
  const [first] = group;
  const names = group.slice(0, shownOfGroup).map(({ file }) => printable(file.relative));
  const rest = group.length > shownOfGroup ? ` and ${group.length - shownOfGroup} more` : "";
  return `${names.join(", ")}${rest}: ${printable(first?.detail ?? "")}`;
}
