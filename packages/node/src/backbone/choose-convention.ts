/** Whose borders, epsilon and preprocessing a weight file was trained with. */
import { basename } from "node:path";
import { type Convention, conventions, InputError, type ModelName, namingOf, type TensorFile } from "@grayling/core";

/**
 * The convention that a file's metadata or names tell. timm names the tensors of `efficientnet_b0` and `tf_efficientnet_b0`
 * alike, though their borders differ: there the file's own name decides, if it begins with `tf_`.
 *
 * Throws `InputError` where nothing tells, `WeightsError` for names of several kinds.
 */
export function chooseConvention(file: TensorFile, name: ModelName, path: string): Convention {
  const stated = conventions.find((convention) => convention === file.metadata["convention"]);
  if (stated) return stated;
  const naming = namingOf(file, path);
  if (naming !== "timm") return naming;
  // Of V2 B0–B3, timm has TensorFlow's weights only.
  const isFromTensorFlow = /-v2-b\d$/.test(name) || /^tf_/.test(basename(path));
  if (isFromTensorFlow) return "timm-tf";
  throw new InputError(
    `weights ${path}: timm names the weights of efficientnet_… and tf_efficientnet_… alike, expected to be told which: ` +
      "--convention timm, or timm-tf for TensorFlow's borders and epsilon",
  );
}
