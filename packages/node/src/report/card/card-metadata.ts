/**
 * The block at the head of a model card that Hugging Face's hub reads.
 * Source: huggingface/hub-docs, `modelcard.md`; huggingface_hub 2.4, `repocard_data.py`.
 */
import { printable, type ScalarMetrics } from "@grayling/core";
import type { FinishedRun } from "../../run/finished-run.js";
import type { MeasuredSide } from "../measured-side.js";
import { metricRows } from "../metric-rows.js";
import { showInterval } from "../show-part.js";

/** By the hub's names of metrics, where it has one. */
const hubMetrics: readonly (readonly [keyof ScalarMetrics, string])[] = [
  ["accuracy", "accuracy"],
  ["balancedAccuracy", "recall"], // its mean over the classes
  ["macroF1", "f1"],
  ["matthewsCorrelation", "matthews_correlation"],
  ["rocAuc", "roc_auc"],
  ["brierScore", "brier_score"],
];

/** YAML between lines of dashes. `dataset` is a name, no path. */
export function cardMetadata(run: FinishedRun, main: MeasuredSide | undefined, dataset: string): string {
  const names = hubMetrics.map(([, name]) => `- ${name}`);
  const lines = [
    "# The license of this model is for you to choose: https://huggingface.co/docs/hub/repositories-licenses",
    "license: other",
    "license_name: not-chosen-yet",
    "library_name: grayling",
    "pipeline_tag: image-classification",
    "tags:",
    ...["grayling", "onnx", "efficientnet", "grayscale", "transfer-learning"].map((tag) => `- ${tag}`),
    ...(main ? ["metrics:", ...names, ...modelIndex(run.name, main, dataset)] : []),
  ];
  return `---\n${lines.join("\n")}\n---\n`;
}

function modelIndex(name: string, main: MeasuredSide, dataset: string): string[] {
  const split = main.what === "test" ? "test" : "validation";
  const metrics = hubMetrics.flatMap(([metric, hubName]) => {
    const value = main.scalars[metric];
    if (value === undefined || !Number.isFinite(value)) return [];
    const interval = showInterval(main.intervals?.of[metric], metricRows[metric].isPart);
    const told = `${metricRows[metric].name}${interval ? ` (95 %: ${interval})` : ""}`;
    return [`    - type: ${hubName}`, `      value: ${value}`, `      name: ${quoted(told)}`];
  });
  return [
    "model-index:",
    `- name: ${quoted(name)}`,
    "  results:",
    "  - task:",
    "      type: image-classification",
    "      name: Image classification",
    "    dataset:",
    `      name: ${quoted(dataset)}`,
    "      type: imagefolder",
    `      split: ${split}`,
    "    metrics:",
    ...metrics,
  ];
}

/** In double quotes JSON's escapes are YAML's (YAML 1.2.2, section 7.3.1). */
const quoted = (text: string): string => JSON.stringify(printable(text));
