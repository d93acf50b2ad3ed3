/** A summary as the table that Keras 3 prints, 108 columns wide, with multiply-adds 126. Source: `keras/src/utils/summary_utils.py`, as printed. */
import { grouped } from "../text-table.js";
import type { LayerSummary, Summary } from "./summary.js";

interface Column {
  readonly title: string;
  /** Inner width, blanks at both sides included. */
  readonly width: number;
  readonly isNumber?: boolean;
  readonly cell: (layer: LayerSummary) => string;
}

const kerasColumns: readonly Column[] = [
  { title: "Layer (type)", width: 31, cell: ({ name, className }) => `${name} (${className})` },
  {
    title: "Output Shape",
    width: 27,
    cell: ({ outputShape }) => `(${outputShape.map((extent) => extent ?? "None").join(", ")})`,
  },
  { title: "Param #", width: 17, isNumber: true, cell: ({ params }) => grouped(params) },
  {
    title: "Connected to",
    width: 28,
    cell: ({ inbound }) => (inbound.length === 0 ? "-" : inbound.map((layer) => `${layer}[0][0]`).join(", ")),
  },
];

const multiplyAddsColumn: Column = {
  title: "Multiply-adds",
  width: 17,
  isNumber: true,
  cell: ({ multiplyAdds }) => grouped(multiplyAdds),
};

/** As Keras' `show_trainable` marks layers; BatchNormalization has parameters of both kinds. */
const trainsColumn: Column = {
  title: "Trains",
  width: 10,
  cell: ({ params, trainableParams }) => (params === 0 ? "-" : trainableParams === 0 ? "no" : "yes"),
};

export interface SummaryTableOptions {
  /** A further column that tells which layers train. Default false. */
  readonly trains?: boolean;
  /** A further column and total. Default false: the table is Keras', to the letter. */
  readonly multiplyAdds?: boolean;
}

/** The lines of the table and its totals, without colours. */
export function summaryTable(title: string, summary: Summary, options: SummaryTableOptions = {}): string[] {
  const { multiplyAdds = false, trains = false } = options;
  const columns = [...kerasColumns, ...(multiplyAdds ? [multiplyAddsColumn] : []), ...(trains ? [trainsColumn] : [])];
  const rows = summary.layers.map((layer) => wrapRow(columns, ({ cell }) => cell(layer), "│"));
  // Parameters are float32, but the count of a Normalization is an int64: 4 bytes more.
  const wide = 4 * summary.layers.filter(({ className, params }) => className === "Normalization" && params > 0).length;
  return [
    `Model: "${title}"`,
    rule(columns, "┏", "━", "┳", "┓"),
    ...wrapRow(columns, ({ title }) => title, "┃"),
    rule(columns, "┡", "━", "╇", "┩"),
    ...rows.flatMap((lines, i) => (i === 0 ? lines : [rule(columns, "├", "─", "┼", "┤"), ...lines])),
    rule(columns, "└", "─", "┴", "┘"),
    ` Total params: ${grouped(summary.total)} (${memory(summary.total * 4 + wide)})`,
    ` Trainable params: ${grouped(summary.trainable)} (${memory(summary.trainable * 4)})`,
    ` Non-trainable params: ${grouped(summary.nonTrainable)} (${memory(summary.nonTrainable * 4 + wide)})`,
    ...(multiplyAdds ? [` Multiply-adds: ${grouped(summary.multiplyAdds)} for one image`] : []),
  ];
}

function rule(columns: readonly Column[], left: string, line: string, cross: string, right: string): string {
  return left + columns.map(({ width }) => line.repeat(width)).join(cross) + right;
}

function wrapRow(columns: readonly Column[], cell: (column: Column) => string, bar: string): string[] {
  const wrapped = columns.map((column) => wrap(cell(column), column.width - 2));
  const height = Math.max(...wrapped.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => {
    const padded = columns.map(({ width, isNumber }, i) => {
      const text = wrapped[i]![line] ?? "";
      return ` ${isNumber ? text.padStart(width - 2) : text.padEnd(width - 2)} `;
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
