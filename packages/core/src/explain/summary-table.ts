/** A summary as the table that Keras 3 prints, 108 columns wide. Source: `keras/src/utils/summary_utils.py`, as printed. */
import { grouped } from "../text-table.js";
import type { LayerSummary, Summary } from "./summary.js";

/** Inner widths of the four columns, blanks at both sides included. */
const widths = [31, 27, 17, 28] as const;
const titles = ["Layer (type)", "Output Shape", "Param #", "Connected to"] as const;
const isNumber = [false, false, true, false] as const;

/** The lines of the table and its totals, without colours. */
export function summaryTable(title: string, summary: Summary): string[] {
  const rows = summary.layers.map((layer) => wrapRow(cells(layer), "│"));
  // Parameters are float32, but the count of a Normalization is an int64: 4 bytes more.
  const wide = 4 * summary.layers.filter(({ className }) => className === "Normalization").length;
  return [
    `Model: "${title}"`,
    rule("┏", "━", "┳", "┓"),
    ...wrapRow(titles, "┃"),
    rule("┡", "━", "╇", "┩"),
    ...rows.flatMap((lines, i) => (i === 0 ? lines : [rule("├", "─", "┼", "┤"), ...lines])),
    rule("└", "─", "┴", "┘"),
    ` Total params: ${grouped(summary.total)} (${memory(summary.total * 4 + wide)})`,
    ` Trainable params: ${grouped(summary.trainable)} (${memory(summary.trainable * 4)})`,
    ` Non-trainable params: ${grouped(summary.nonTrainable)} (${memory(summary.nonTrainable * 4 + wide)})`,
  ];
}

const cells = ({ name, className, outputShape, params, inbound }: LayerSummary): string[] => [
  `${name} (${className})`,
  `(${outputShape.map((extent) => extent ?? "None").join(", ")})`,
  grouped(params),
  inbound.length === 0 ? "-" : inbound.map((layer) => `${layer}[0][0]`).join(", "),
];

function rule(left: string, line: string, cross: string, right: string): string {
  return left + widths.map((width) => line.repeat(width)).join(cross) + right;
}

function wrapRow(texts: readonly string[], bar: string): string[] {
  const columns = texts.map((text, i) => wrap(text, widths[i]! - 2));
  const height = Math.max(...columns.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => {
    const padded = columns.map((column, i) => {
      const text = column[line] ?? "";
      return ` ${isNumber[i] ? text.padStart(widths[i]! - 2) : text.padEnd(widths[i]! - 2)} `;
    });
    return bar + padded.join(bar) + bar;
  });
}

/** Breaks at blanks; a word that is too long ends in "…". */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const fitting = word.length > width ? `${word.slice(0, width - 1)}…` : word;
    const joined = lines.length > 0 ? `${lines.at(-1)} ${fitting}` : fitting;
    if (lines.length > 0 && joined.length <= width) lines[lines.length - 1] = joined;
    else lines.push(fitting);
  }
  return lines;
}

/** Bytes in the largest unit of 1024 that keeps at least 1. */
function memory(bytes: number): string {
  let size = bytes;
  let unit = 0;
  for (; size >= 1024 && unit < 3; unit++) size /= 1024;
  return `${size.toFixed(2)} ${["B", "KB", "MB", "GB"][unit]}`;
}
