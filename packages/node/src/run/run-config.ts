/** What `config.json` of a run says that others read again, and the names of the run's files. */
import { conventions, fits, sampleTypes } from "@grayling/core";
import * as v from "valibot";

export const configFile = "config.json";

/** The network's weights by Keras' names, where it was trained. */
export const backboneFile = "backbone.safetensors";

/** The head's weights by Keras' names. */
export const headFile = "head.safetensors";

const Side = v.pipe(v.number(), v.integer(), v.minValue(1)); // px

export const RunConfig = v.object({
  classes: v.pipe(v.array(v.string()), v.minLength(2)),
  /** Where the network's weights came from, for people. */
  weights: v.string(),
  /** Of runs from before there were windows: full. */
  window: v.optional(v.string(), "full"),
  samples: v.optional(v.array(v.picklist(sampleTypes))),
  /** `Trunk.key`: tells whether the network is still the one that was trained on. */
  trunk: v.string(),
  /** `backboneFile` where the run has trained the network and kept it. */
  trained: v.optional(v.string()),
  options: v.object({
    model: v.string(),
    weights: v.string(),
    convention: v.optional(v.picklist(conventions)),
    topology: v.optional(v.picklist(["imagenet", "none"])),
    height: Side,
    width: Side,
    fit: v.picklist(fits),
    pooling: v.picklist(["avg", "max"]),
    head: v.string(),
    seed: v.pipe(v.number(), v.integer()),
  }),
});
