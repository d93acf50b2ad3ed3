/** An epoch of the network as a row of `results.csv`, always with the same columns in the same order. */
import type { NetworkEpoch } from "@grayling/core";

const columns = ["epoch", "loss", "accuracy", "validationLoss", "validationAccuracy", "learningRate"] as const;

/** By column; those of the validation are absent where nothing validates. */
export const epochRow = (epoch: NetworkEpoch): Readonly<Record<string, number>> =>
  Object.fromEntries(columns.flatMap((column) => (epoch[column] === undefined ? [] : [[column, epoch[column]]])));
