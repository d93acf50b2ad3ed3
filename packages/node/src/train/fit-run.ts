/** From features to what a run holds: the head, the network where layers of it train, and what both are worth. */
import { encode, foldBatchNorm, foldGrayscale, inference, lower, type Model } from "@grayling/core";
import { writeMetadata } from "../run/model-metadata.js";
import { version } from "../version.js";
import { fitHeadAlone } from "./fit-head-alone.js";
import type { Judgement } from "./judge/judge.js";
import { featuresOfTuned, judgeKept, type KeptClassifier } from "./judge/judge-kept.js";
import { modelJudgement } from "./judge/show-judgement.js";
import type { TunedNetwork } from "./network/fine-tune.js";
import { planReady } from "./network/plan-training.js";
import { tuneNetwork } from "./network/tune-network.js";
import type { UnfinishedRun } from "./network/unfinished-run.js";
import type { RunResults } from "./run-files.js";
import { splitImages } from "./split-images.js";
import { featureTableOf, type Ready } from "./with-features.js";

/** Trains and measures the head, then what trains of the network, and writes what is kept as an ONNX file. */
export async function fitRun(
  ready: Ready,
  { unfinished, isPlanned }: { readonly unfinished: UnfinishedRun | undefined; readonly isPlanned: boolean },
): Promise<{ results: RunResults; model: Uint8Array }> {
  const { runtime, dataset, chosen, trunk, backbone, options, onEvent } = ready;
  const sides = splitImages(dataset, options);
  onEvent({ kind: "split", dataset, sides });
  if (options.network && isPlanned) onEvent({ kind: "plan", plan: await planReady(ready, sides) });
  const { head, ...headAlone } = await fitHeadAlone(ready, sides);
  const network = options.network
    ? await tuneNetwork(ready, sides, head.model, { ...headAlone, unfinished })
    : undefined;
  const isKept = network?.kept === "network";
  const measured = isKept
    ? { validation: network.tuned.validation, test: network.tuned.test, folds: network.folds }
    : headAlone;
  const { C } = head.outcome;
  const judged = await judgeKept(
    ready,
    { ...(await keptParts(ready, head.model, isKept ? network.tuned : undefined)), ...measured },
    {
      sides,
      goals: options.thresholds ?? [],
      headFolds: headAlone.folds,
      candidates: typeof C === "number" ? [C] : undefined,
    },
  );
  const results: RunResults = {
    dataset,
    options,
    chosen,
    device: runtime.device,
    backbone,
    trunk: trunk.key,
    headAlone,
    head,
    network,
    sides,
    isValidation: sides.map((side) => side === "val"),
    judged,
    validation: judged.judgement.validation,
    test: judged.judgement.test,
    folds: judged.judgement.folds,
  };
  const metadata = metadataOf(ready, judged.judgement, isKept);
  return { results, model: encode(lower(judged.model, inference), metadata) };
}

function metadataOf({ backbone, options, dataset, trunk, chosen }: Ready, judgement: Judgement, isTuned: boolean) {
  return writeMetadata({
    version: version(),
    backbone: backbone.name,
    weights: isTuned ? `${backbone.source}, fine-tuned: ${options.network?.unfreeze}` : backbone.source,
    head: options.head,
    classes: dataset.classes,
    preprocessing: { ...trunk.preprocessing, window: chosen.window, samples: chosen.samples },
    judgement: modelJudgement(judgement),
  });
}

/** The parts of what is kept: the network as it was with the head, or both as they were trained. */
async function keptParts(
  ready: Ready,
  head: Model,
  tuned: TunedNetwork | undefined,
): Promise<Pick<KeptClassifier, "trunk" | "head" | "table" | "isTuned">> {
  if (!tuned) return { trunk: ready.trunk.model, head, table: featureTableOf(ready), isTuned: false };
  const table = await featuresOfTuned(ready, tuned.backbone);
  return { trunk: foldBatchNorm(foldGrayscale(tuned.backbone)), head: tuned.head, table, isTuned: true };
}
