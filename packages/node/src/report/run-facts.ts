/** What `config.json` of a run says about its images and versions: for people, and absent in runs of earlier versions. */
import { InputError } from "@grayling/core";
import * as v from "valibot";
import type { FinishedRun } from "../run/finished-run.js";

const Sides = {
  train: v.optional(v.number(), 0),
  val: v.optional(v.number(), 0),
  test: v.optional(v.number(), 0),
};

const RunFacts = v.looseObject({
  dataset: v.optional(v.string()),
  images: v.optional(v.object(Sides)),
  groups: v.optional(v.object({ by: v.string(), ...Sides })),
  /** Images whose file has the same content as that of one before them. */
  copies: v.optional(v.number(), 0),
  /** Files that are no pictures. */
  ignored: v.optional(v.number(), 0),
  skipped: v.optional(v.array(v.object({ path: v.string(), reason: v.string() })), []),
  isTransferred: v.optional(v.boolean()),
  versions: v.optional(v.record(v.string(), v.string()), {}),
});

export type RunFacts = v.InferOutput<typeof RunFacts>;

/** Throws `InputError` for what `train` does not write. */
export function runFacts({ config, source }: FinishedRun): RunFacts {
  const { success, output, issues } = v.safeParse(RunFacts, config);
  if (success) return output;
  const [first] = issues;
  throw new InputError(
    `run ${source}: config.json is not what train writes (${v.getDotPath(first)}: ${first.message})`,
  );
}
