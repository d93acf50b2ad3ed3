/** A training as an iterator of what happens, for programs that rather ask than be called. */

import { type TrainResult, type TrainSettings, train } from "./train.js";
import type { TrainEvent } from "./train-events.js";

/**
 * Yields every event of `train`, in order, and returns its result. An iterator that is left early (`break`) aborts the
 * training at its next step; of a training of the network the last checkpoint stays. Throws as `train`.
 */
export async function* watchTraining(
  root: string,
  settings: Omit<TrainSettings, "onEvent"> = {},
): AsyncGenerator<TrainEvent, TrainResult, void> {
  const left = new AbortController();
  const signal = settings.signal ? AbortSignal.any([settings.signal, left.signal]) : left.signal;
  const waiting: TrainEvent[] = [];
  let wake = () => {};
  let isDone = false;
  const training = train(root, {
    ...settings,
    signal,
    onEvent: (event) => {
      waiting.push(event);
      wake();
    },
  }).finally(() => {
    isDone = true;
    wake();
  });
  training.catch(() => {}); // thrown below, or not wanted any more
  try {
    while (!isDone || waiting.length > 0) {
      const event = waiting.shift();
      if (event) yield event;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    return await training;
  } finally {
    left.abort(new Error("the training is no longer watched"));
  }
}
