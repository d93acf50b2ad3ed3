/** A judgement as the model, `metrics.json` and people are told it. */
import type { ModelJudgement } from "../../run/model-judgement.js";
import type { Judgement } from "./judge.js";

/** What goes into the model's metadata. */
export function modelJudgement({ calibration, sets, novelty, thresholds }: Judgement): ModelJudgement {
  return {
    temperature: calibration?.temperature ?? 1,
    ...(sets && { sets: { alpha: sets.alpha, thresholds: [...sets.thresholds] } }),
    ...(novelty && { unknown: { rate: novelty.rate } }),
    thresholds: thresholds.map(({ className, threshold, metric, value }) => ({ className, threshold, metric, value })),
  };
}

/** What goes into `metrics.json`; whatever could not be fitted is absent. */
export function judgementMetrics({ calibration, sets, novelty, thresholds }: Judgement) {
  return {
    ...(calibration && { calibration }),
    ...(sets && { sets: { promised: 1 - sets.alpha, ...sets } }),
    ...(novelty && {
      unknown: {
        rate: novelty.rate,
        distance: novelty.threshold,
        compared: novelty.bank.shape[0],
        refused: refusedPart(novelty.novelty),
      },
    }),
    ...(thresholds.length > 0 && { thresholds }),
  };
}

/** The part of the images that did not train which is called unknown. */
function refusedPart(novelty: Float32Array): number {
  const measured = novelty.filter((value) => !Number.isNaN(value));
  return measured.filter((value) => value > 1).length / measured.length;
}
