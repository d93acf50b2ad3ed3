/** How `grayling explain` shows an image's way through the layers. */
import { alignColumns, showKerasShape, type TracedLayer } from "@grayling/core";
import { broadcastingInWords, shortest, tuple, wideningOf } from "../explain/answer.js";
import type { Explanation } from "../explain/explain.js";
import { counted } from "../terminal/counted.js";
import type { Console } from "./console.js";

/** Prints a paragraph, broken to the terminal's width, each line painted. */
export type Paragraph = (text: string, paint?: (line: string) => string) => void;

export function heading(title: string, { print, colors }: Console): void {
  print();
  print(colors.bold(colors.cyan(title)));
  print();
}

/** A line for each layer, or stage; where the images stop, what Keras says. */
export function printLayers(
  { trace }: Explanation,
  isFull: boolean,
  paragraph: Paragraph,
  { print, colors }: Console,
): void {
  const rows = isFull ? trace.layers.map(layerRow) : condense(trace.layers);
  const { failure } = trace;
  const marks = rows.map(({ name }) => (name === trace.widensAt ? colors.yellow : (line: string) => line));
  const cells = rows.map((row) => row.cells);
  if (failure && failure.name !== trace.layers.at(-1)?.name) {
    const kernel = failure.kernelShape ? `kernel ${plain(tuple(failure.kernelShape))}` : "";
    cells.push([failure.name, failure.className, "✗ refused", kernel]);
    marks.push(colors.red);
  }
  for (const [i, line] of alignColumns(cells).entries()) print(marks[i]!(line));
  if (!failure) return;
  print();
  paragraph(`ValueError: … incompatible with the layer: ${failure.kerasMessage}`, colors.red);
}

/** The shapes one under the other, as one reads broadcasting. */
export function printBroadcast({ trace }: Explanation, paragraph: Paragraph, console: Console): void {
  const widening = wideningOf(trace);
  if (widening?.reason?.kind !== "broadcast") return;
  const { print, colors } = console;
  heading(`Why ${widening.channelsIn} becomes ${widening.channelsOut}: ${widening.name}`, console);
  const [operand] = widening.reason.operands;
  const { name, shape, values } = operand!;
  const before = widening.outputShape.with(-1, widening.channelsIn!);
  const rows = [
    ["  x", ...extents(before), ""],
    [`− ${name}`, ...extents(shape), values ? `[${values.map(shortest).join(", ")}]` : ""],
    ["=", ...extents(widening.outputShape), ""],
  ];
  for (const [i, line] of alignColumns(rows, [1, 2, 3, 4]).entries()) print(i === 2 ? colors.yellow(line) : line);
  print();
  paragraph(broadcastingInWords(widening));
}

const extents = (shape: readonly (number | null)[]) => shape.map((extent) => `${extent ?? "None"}`);

const plain = (text: string) => text.replaceAll("\u00a0", " ");

interface Row {
  readonly name: string;
  readonly cells: readonly string[];
}

function layerRow({ name, className, outputShape, channelsIn, channelsOut, reason }: TracedLayer): Row {
  const change = reason ? `${channelsIn} → ${channelsOut}${reason.kind === "broadcast" ? ": broadcast" : ""}` : "";
  return { name, cells: [name, className, showKerasShape(outputShape), change] };
}

/** Preprocessing, stem and top as they are; all blocks of a stage on one line, with the shape that they end in. */
function condense(layers: readonly TracedLayer[]): Row[] {
  const groups: TracedLayer[][] = [];
  for (const layer of layers) {
    const stage = stageOf(layer);
    if (stage !== undefined && stageOf(groups.at(-1)?.[0]) === stage) groups.at(-1)!.push(layer);
    else groups.push([layer]);
  }
  return groups.map((group) => (stageOf(group[0]) === undefined ? layerRow(group[0]!) : stageRow(group)));
}

function stageRow(layers: readonly TracedLayer[]): Row {
  const [first, last] = [layers[0]!, layers.at(-1)!];
  const [from, to] = [first, last].map(({ name }) => name.split("_")[0]!) as [string, string]; // as many as layers
  const name = from === to ? from : `${from} … ${to}`;
  const change = `${first.channelsIn} → ${last.channelsOut}`;
  return { name, cells: [name, counted(layers.length, "layer"), showKerasShape(last.outputShape), change] };
}

/** "block3" of block3a_dwconv */
const stageOf = (layer: TracedLayer | undefined) => /^block\d+/.exec(layer?.name ?? "")?.[0];
