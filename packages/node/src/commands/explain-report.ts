/** What `grayling explain` says on the terminal about one network. */
import { alignColumns, printable } from "@grayling/core";
import { advice, inputCheckInWords, kerasInWords, shortAnswer, shortest } from "../explain/answer.js";
import type { Explanation } from "../explain/explain.js";
import { relative } from "../explain/fold-proof.js";
import type { PixelStep, SamplePixel } from "../explain/sample-pixel.js";
import { wrapText } from "../terminal/wrap-text.js";
import type { Console } from "./console.js";
import { heading, type Paragraph, printBroadcast, printLayers } from "./explain-layers.js";

export interface ReportOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** Every layer on a line of its own, instead of one line for each stage. */
  readonly isFull: boolean;
}

/** The answer first, then everything it rests on. */
export function printExplanation(explanation: Explanation, options: ReportOptions, console: Console): void {
  const { print, colors } = console;
  const width = Math.min(options.width, 110); // longer lines are hard to read
  const paragraph = (text: string, paint = (line: string) => line) => {
    for (const line of wrapText(text, width)) print(paint(line));
  };
  const { trace, weights, image, notes } = explanation;
  const paint = trace.failure ? colors.red : colors.green;
  paragraph(shortAnswer(explanation), (line) => colors.bold(paint(line)));
  print();
  for (const text of [`Weights: ${weights}. Image: ${image}.`, ...notes.map((note) => `${note}.`)]) {
    paragraph(printable(text), colors.dim);
  }

  heading(`A ${trace.channels}-channel image, layer by layer`, console);
  printLayers(explanation, options.isFull, paragraph, console);
  printBroadcast(explanation, paragraph, console);
  const check = inputCheckInWords(trace);
  if (check) {
    heading(trace.layers.length === 1 ? "Why the input refuses it" : "Why the input does not stop it", console);
    paragraph(check);
  }
  const versions = kerasInWords(explanation);
  if (versions) {
    print();
    paragraph(versions);
  }
  if (explanation.pixel) printPixel(explanation.pixel, width, console);
  printProof(explanation, paragraph, console);
  printAdvice(explanation, width, console);
}

/** A line for each layer; where it has a number for each channel, these first, on lines of their own. */
function printPixel({ row, column, gray, input, steps }: SamplePixel, width: number, console: Console): void {
  const { print, colors } = console;
  heading(`One pixel: row ${row}, column ${column}, gray level ${shortest(gray)}`, console);
  const table: Line[] = [{ cells: ["as read", "", ...input.map(shortest)] }, ...steps.flatMap(stepLines)];
  const columns = Math.max(...table.map(({ cells }) => cells.length)) - 2;
  const filled = table.map(({ cells }) =>
    [...cells, ...Array.from({ length: columns }, () => "")].slice(0, columns + 2),
  );
  const right = Array.from({ length: columns }, (_, c) => c + 2);
  for (const [i, line] of alignColumns(filled, right).entries()) print(table[i]!.isOperand ? colors.dim(line) : line);
  if (!steps.some(({ layer }) => layer === "rescaling_1")) return;
  print();
  for (const line of wrapText(storedVariance, width)) print(line);
}

/** Source: `keras/src/applications/efficientnet.py`, the comment at the last rescaling. */
const storedVariance =
  "B0–B7 hold the standard deviation where Normalization expects the variance; rescaling_1 divides by its root once more.";

interface Line {
  readonly cells: readonly string[];
  readonly isOperand?: boolean;
}

function stepLines({ layer, numbers, values }: PixelStep): Line[] {
  const { scale = [1], offset = [0], mean, variance } = numbers;
  const result = values.map((value) => value.toFixed(6));
  if (mean && variance) {
    const deviation = variance.map((value) => Math.max(Math.sqrt(value), 1e-7));
    return [
      operandLine(layer, "− mean", mean),
      operandLine("", "÷ √variance", deviation),
      { cells: ["", "=", ...result] },
    ];
  }
  if (scale.length > 1) return [operandLine(layer, "· scale", scale), { cells: ["", "=", ...result] }];
  const shift = offset[0]!;
  const added = shift === 0 ? "" : ` ${shift < 0 ? "−" : "+"} ${shortest(Math.abs(shift))}`;
  return [{ cells: [layer, `· ${shortest(scale[0]!)}${added}`, ...result] }];
}

const operandLine = (layer: string, what: string, values: readonly number[]): Line => ({
  cells: [layer, what, ...values.map(shortest)],
  isOperand: true,
});

function printProof({ proof }: Explanation, paragraph: Paragraph, console: Console): void {
  if (!proof) return;
  const { print, colors } = console;
  heading("Folded to one channel: the proof", console);
  paragraph(
    "The folded network on the gray image, against the network on the image three times, through ONNX Runtime:",
  );
  print();
  const row = (name: string, one: typeof proof.stem) => [
    name,
    one.scale.toPrecision(3),
    one.difference.toExponential(1),
    relative(one).toExponential(1),
  ];
  const rows = [
    ["", "largest value", "largest difference", "relative"],
    row("stem, after BatchNorm", proof.stem),
    row("pooled features", proof.features),
  ];
  for (const line of alignColumns(rows, [1, 2, 3])) print(line);
  print();
  if (proof.isEqual) print(colors.green("Equal up to float32 rounding."));
  else print(colors.red("NOT equal: more than float32 rounding explains."));
}

/** Everything, and the words of it, for programs. */
export function inJson(explanation: Explanation): string {
  const said = { answer: shortAnswer(explanation), ...explanation, advice: advice(explanation) };
  return JSON.stringify(said, null, 2).replaceAll("\u00a0", " ");
}

function printAdvice(explanation: Explanation, width: number, console: Console): void {
  heading("What to do", console);
  for (const { text, command } of advice(explanation)) {
    for (const line of wrapText(text, width, "  ", "• ")) console.print(line);
    if (command) console.print(`  ${console.colors.cyan(`$ ${command}`)}`);
  }
}
