/** Metrics on the terminal. */
import { confusionTable, type Metrics, percent } from "@grayling/core";
import { counted } from "../terminal/counted.js";
import type { Console } from "./console.js";

/** The headline numbers, then the confusion matrix and the classes. `what` was measured on: "validation image". */
export function printMetrics(metrics: Metrics, what: string, { print, colors }: Console): void {
  const { accuracy, balancedAccuracy, macroF1, logLoss, perClass } = metrics;
  const images = perClass.reduce((sum, { support }) => sum + support, 0);
  print(colors.bold(`accuracy  ${percent(accuracy)}`));
  print(
    `balanced  ${percent(balancedAccuracy)}, macro F1 ${percent(macroF1)}, log loss ${logLoss.toFixed(3)}, on ${counted(images, what)}`,
  );
  print();
  for (const line of confusionTable(metrics)) print(line);
}
