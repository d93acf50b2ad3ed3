/** A user's own model, as Keras saved it whole: `.keras`, or `.h5` of `model.save`. */
import { type KerasConfigOptions, type KerasModel, nodeOf, readKerasModel } from "@grayling/core";
import { readWeightFile } from "../weights/read-weight-file.js";

export interface OpenedKerasModel extends KerasModel {
  /** How many there are, where the model ends in softmax; Keras keeps no names of them. */
  readonly classes?: number;
}

/**
 * `size` is needed where the model was declared without one. The content decides what the file is, not its name.
 * Throws `InputError` where there is no such file or the size does not fit, `WeightsError` where the file is no whole model
 * of Keras, or one that is not represented exactly.
 */
export async function openKerasModel(path: string, size: KerasConfigOptions = {}): Promise<OpenedKerasModel> {
  const opened = readKerasModel(
    await readWeightFile(path, "a whole model that Keras saved, as .keras or .h5"),
    path,
    size,
  );
  const { graph } = opened.model;
  const output = nodeOf(graph, graph.outputs[0]!);
  const [, units] = output.shape;
  const isClassifier = graph.outputs.length === 1 && output.op === "Softmax" && typeof units === "number";
  return isClassifier && units > 1 ? { ...opened, classes: units } : opened; // softmax of one value is always 1
}
