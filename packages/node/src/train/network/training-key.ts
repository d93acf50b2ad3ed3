/** Tells one training of a network from another. */
import { createHash } from "node:crypto";
import { encode, inference, lower, type Model, type PreparedNetwork, writeSafetensors } from "@grayling/core";
import type { Ready } from "../with-features.js";
import type { RowSides } from "./fit-rows.js";

/** What tells trainings apart, besides the network. */
export interface TrainingFacts extends Pick<Ready, "options"> {
  readonly trunk: Pick<Ready["trunk"], "key">;
  readonly dataset: Pick<Ready["dataset"], "images">;
  readonly chosen: Pick<Ready["chosen"], "window">;
  readonly features: Pick<Ready["features"], "values">;
}

/** A checkpoint fits where this is the same. `kernels` are those that train. */
export function trainingKey(
  { trunk, options, dataset, chosen, features }: TrainingFacts,
  { split: { below } }: Pick<PreparedNetwork, "split">,
  head: Model,
  { training, validation }: Pick<RowSides, "training" | "validation">,
  kernels: string,
): string {
  const { network, seed, batch, augment, augmentVariants, classWeights } = options;
  const { validation: part, test, split, group, folds } = options;
  const facts = {
    trunk: trunk.key,
    settings: { network, seed, batch, augment, augmentVariants, classWeights, kernels, window: chosen.window },
    sides: { part, test, split, group, folds, training: training.labels, validation: validation?.labels },
    images: dataset.images.map(({ relative, label }) => [relative, label]),
  };
  const { values } = features; // what the images hold: a head that was solved depends on it, a fresh one does not
  return createHash("sha256")
    .update(JSON.stringify(facts))
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .update(writeSafetensors(head.weights, {}))
    .update(below ? encode(lower(below, inference)) : "whole")
    .digest("hex");
}
