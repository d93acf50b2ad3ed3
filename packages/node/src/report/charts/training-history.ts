/** What `results.csv` tells of a training: its curves, which epoch is the best, and all of it in a sentence. */
import { grouped, percent } from "@grayling/core";
import type { LinePoint } from "./thin-line.js";

/** Rows of `results.csv`; the first column counts them. */
export interface History {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly number[])[];
}

export interface TrainingCurve {
  readonly column: string;
  /** NaN where it is not a number. */
  readonly points: readonly LinePoint[];
}

/** Whatever validated: layers of a network name it so, layers of a head hold images out. */
export const isHeldOut = (column: string): boolean => /^(validation|stop)/.test(column);

/** "epoch" or "evaluation". */
export const stepOf = ({ columns }: History): string => (columns[0] === "evaluation" ? "evaluation" : "epoch");

/** "validation" or "held-out"; undefined where nothing was held out. */
export function heldOutName({ columns }: History): "validation" | "held-out" | undefined {
  const held = columns.find(isHeldOut);
  if (held === undefined) return undefined;
  return held.startsWith("stop") ? "held-out" : "validation";
}

/** The curves of the columns that are there and hold a number. */
export const curvesOf = ({ columns, rows }: History, wanted: readonly string[]): TrainingCurve[] =>
  wanted.flatMap((column) => {
    const at = columns.indexOf(column);
    if (at < 0) return [];
    const points = rows.map((row) => ({ x: row[0]!, y: finite(row[at]) }));
    return points.every(({ y }) => Number.isNaN(y)) ? [] : [{ column, points }];
  });

const finite = (value: number | undefined): number => (Number.isFinite(value) ? value! : Number.NaN);

/** The epoch of the lowest held-out loss; undefined where nothing was held out. */
export function bestEpoch({ columns, rows }: History): number | undefined {
  const at = columns.findIndex((column) => isHeldOut(column) && column.endsWith("Loss"));
  if (at < 0) return undefined;
  const known = rows.filter((row) => Number.isFinite(row[at]));
  if (known.length === 0) return undefined;
  return known.reduce((low, row) => (row[at]! < low[at]! ? row : low))[0];
}

/** "Training over 12 epochs: the loss goes from … to …; epoch 9 is the best, with validation loss … and accuracy …." */
export function trainingInWords(history: History, best: number | undefined): string {
  const { rows, columns } = history;
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return "Training: nothing was recorded.";
  const step = stepOf(history);
  const value = (row: readonly number[], column: string) => showValue(column, finite(row[columns.indexOf(column)]));
  const loss = value(first, "loss");
  const course = rows.length === 1 ? `the loss is ${loss}` : `the loss goes from ${loss} to ${value(last, "loss")}`;
  const lost = rows.filter((row) => !Number.isFinite(row[columns.indexOf("loss")])).length;
  const broken = lost === 0 ? "" : `; in ${grouped(lost)} of them it is not a number`;
  const text = `Training over ${grouped(rows.length)} ${step}${rows.length === 1 ? "" : "s"}: ${course}${broken}`;
  const kept = rows.find((row) => row[0] === best);
  if (!kept || best === undefined) return `${text}.`;
  const held = columns.filter(isHeldOut).map((column) => `${measureOf(column)} ${value(kept, column)}`);
  const which = held.length === 0 ? "" : `, with ${heldOutName(history)} ${held.join(" and ")}`;
  return `${text}; ${step} ${grouped(best)} is the best${which}.`;
}

const measureOf = (column: string): string => (column.endsWith("Accuracy") ? "accuracy" : "loss");

function showValue(column: string, value: number): string {
  if (Number.isNaN(value)) return "not a number";
  if (measureOf(column) === "accuracy") return percent(value).replace(" ", "\u00a0");
  const text = value === 0 || Math.abs(value) >= 0.001 ? value.toFixed(4) : value.toExponential(2);
  return text.replaceAll("-", "−");
}
