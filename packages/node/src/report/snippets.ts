/** How a run's model is used elsewhere: programs to be copied, which tests run as they stand here. */
import { parseSettledWindow, type SampleType, sampleRanges } from "@grayling/core";
import type { RunConfig } from "../run/run-config.js";

/** `model` is the run folder. */
export const typescriptSnippet = (
  model: string,
): string => `import { openClassifier, openRuntime, predict } from "grayling";

const runtime = openRuntime({ device: "auto", onFallback: console.warn });
const classifier = await openClassifier(runtime, ${JSON.stringify(model)});
for await (const { path, label, isUnknown, probabilities } of predict(classifier, ["new.png"])) {
  console.log(path, isUnknown ? "unknown" : label, Math.max(...probabilities));
}
await classifier.session.release();
await runtime.close();`;

type Judged = Pick<RunConfig, "judgement">;

/**
 * Python, with onnxruntime, numpy and Pillow alone; undefined where these cannot make a plane as the model reads it: tiles, windows
 * that each file has of its own, Keras' bilinear scaling without a filter, files of several types.
 */
export function pythonSnippet(model: string, { options, window, samples, judgement }: RunConfig): string | undefined {
  const values = valuesOf(window, samples);
  const scaled = scaledBy(options);
  if (values === undefined || scaled === undefined) return undefined;
  return `import json

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

session = onnxruntime.InferenceSession(${JSON.stringify(`${model}/model.onnx`)})
classes = json.loads(session.get_modelmeta().custom_metadata_map["classes"])
${values}
picture = ${scaled}
plane = np.asarray(picture, np.float32)[None, None]  # [1, 1, ${options.height}, ${options.width}], gray levels 0-255
names = [output.name for output in session.get_outputs()]
outputs = dict(zip(names, session.run(names, {"input_layer": plane})))
probabilities = outputs["predictions"][0]
print(classes[probabilities.argmax()], probabilities.max())${judgedLines({ judgement })}`;
}

const judgedLines = ({ judgement }: Judged): string =>
  `${judgement?.unknown ? '\nprint("unknown" if outputs["novelty"][0] > 1 else "familiar")' : ""}${
    judgement?.sets ? '\nprint("one of", [name for name, isIn in zip(classes, outputs["set"][0]) if isIn])' : ""
  }`;

/** Pillow's mode L has 8 bits; other files are of one channel. */
function valuesOf(window: string, samples: readonly SampleType[] | undefined): string | undefined {
  const settled = parseSettledWindow(window);
  const [type, ...others] = samples ?? ["uint8" as const];
  if (type === undefined || others.length > 0 || settled.kind === "image" || settled.kind === "dicom") return undefined;
  const open = `Image.open("new.png")${type === "uint8" ? '.convert("L")' : ""}`;
  const read = `values = np.asarray(${open}, np.float32)`;
  const { low, high } = settled.kind === "values" ? settled : sampleRanges[type];
  if (low === 0 && high === 255) return `${read}\npicture = Image.fromarray(values)`;
  return `${read}\npicture = Image.fromarray(255 * np.clip((values - ${low}) / (${high} - ${low}), 0, 1))`;
}

const filters: Readonly<Record<string, string>> = { antialias: "BILINEAR", nearest: "NEAREST" };

function scaledBy({ height, width, fit, interpolation = "antialias" }: RunConfig["options"]): string | undefined {
  const filter = filters[interpolation];
  if (filter === undefined) return undefined;
  const to = `(${width}, ${height}), Image.Resampling.${filter}`;
  if (fit === "stretch") return `picture.resize(${to})`;
  if (fit === "crop") return `ImageOps.fit(picture, ${to})`;
  return fit === "letterbox" ? `ImageOps.pad(picture, ${to})` : undefined;
}
