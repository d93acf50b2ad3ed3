/** What `config.json` of a run says that others read again, and the names of the run's files. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { conventions, fits, InputError, interpolations, sampleTypes } from "@grayling/core";
import * as v from "valibot";
import { ModelJudgement } from "./model-judgement.js";

export const configFile = "config.json";

/** The network's weights by Keras' names, where it was trained. */
export const backboneFile = "backbone.safetensors";

/** The head's weights by Keras' names. */
export const headFile = "head.safetensors";

/** Features of images that trained, `bank` [rows, columns], and the distance that counts as 1, `threshold` []. */
export const noveltyFile = "novelty.safetensors";

const Side = v.pipe(v.number(), v.integer(), v.minValue(1)); // px

const RunConfig = v.looseObject({
  classes: v.pipe(v.array(v.string()), v.minLength(2)),
  /** Where the network's weights came from, for people. */
  weights: v.string(),
  /** Of runs from before there were windows: full. */
  window: v.optional(v.string(), "full"),
  samples: v.optional(v.array(v.picklist(sampleTypes))),
  /** Of runs from before they were judged: absent. */
  judgement: v.optional(ModelJudgement),
  /** `Trunk.key`: tells whether the network is still the one that was trained on. */
  trunk: v.string(),
  /** `backboneFile` where the run has trained the network and kept it. */
  trained: v.optional(v.string()),
  options: v.looseObject({
    model: v.string(),
    weights: v.string(),
    convention: v.optional(v.picklist(conventions)),
    topology: v.optional(v.picklist(["imagenet", "none"])),
    height: Side,
    width: Side,
    fit: v.picklist(fits),
    /** Absent: antialias. */
    interpolation: v.optional(v.picklist(interpolations)),
    pooling: v.picklist(["avg", "max"]),
    head: v.string(),
    seed: v.pipe(v.number(), v.integer()),
    /** Absent where only the head trained. */
    network: v.optional(v.looseObject({ unfreeze: v.string(), batchNorm: v.picklist(["frozen", "train"]) })),
  }),
});

export type RunConfig = v.InferOutput<typeof RunConfig>;

/** What `train` has written into the folder of a run. Throws `InputError` for any other folder. */
export async function readRunConfig(folder: string): Promise<RunConfig> {
  const path = join(folder, configFile);
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new InputError(`run ${folder}: no ${configFile} in it (${cause.code}), expected a folder that train wrote`);
  });
  return parseRunConfig(text, path);
}

/** `source` names the file to people. Throws `InputError` for anything but what `train` writes. */
export function parseRunConfig(text: string, source: string): RunConfig {
  try {
    return v.parse(RunConfig, JSON.parse(text));
  } catch (cause) {
    throw new InputError(`run ${source}: not what train writes (${(cause as Error).message})`, { cause });
  }
}
