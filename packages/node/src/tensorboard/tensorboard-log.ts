/** What a training tells, as files that TensorBoard reads. */
import { join } from "node:path";
import type { TrainResult } from "../train/train.js";
import type { TrainEvent } from "../train/train-events.js";
import { type Clock, EventFile } from "./event-file.js";
import { HeadLog, type LogScalars } from "./head-log.js";
import { logResult } from "./log-result.js";
import { networkScalars } from "./network-scalars.js";

export interface TensorBoardOptions {
  /** Default: the system's. Wall times stand in the files, so that no two trainings leave the same bytes. */
  readonly now?: Clock;
  /** Told once, in one line, if a file cannot be written; the training goes on without. Default: not told. */
  readonly onProblem?: (message: string) => void;
}

/** Takes the events of one training, as `onEvent`. */
export interface TensorBoardLog {
  (event: TrainEvent): void;
  /** Writes what the training came to, if it came to its end, and closes the files. */
  close(result?: TrainResult): void;
}

/**
 * Scalars by the names and steps of Keras 3.15's callback: `epoch_loss`, `epoch_accuracy` and `epoch_learning_rate` in `train` and
 * `validation`, epochs from 0; `batch_loss` and `batch_learning_rate`, updates from 1. The head on the network as it was is in
 * `head/…`, folds in `fold-1/…`; at the end `final/…` of `validation` and `test`, with a picture of the confusions.
 * The head's curves are written when it is solved, all else as it happens.
 */
export function tensorBoardLog(folder: string, options: TensorBoardOptions = {}): TensorBoardLog {
  const { now = Date.now, onProblem = () => {} } = options;
  const files = new Map<string, EventFile>();
  let isBroken = false;
  const attempt = (write: () => void): void => {
    if (isBroken) return;
    try {
      write();
    } catch (error) {
      isBroken = true;
      onProblem(`${folder}: TensorBoard's files cannot be written (${(error as Error).message}); the training goes on`);
    }
  };
  const fileOf = (part: string): EventFile => {
    const file = files.get(part) ?? new EventFile(join(folder, part), now());
    files.set(part, file);
    return file;
  };
  const log: LogScalars = (part, at, step, scalars) => fileOf(part).scalars(at, step, scalars);
  const head = new HeadLog(log);
  let fold = 0; // networks of folds that are done
  const write = (event: TrainEvent): void => {
    if (event.kind === "head") head.step(event, now());
    if (event.kind === "fold" && event.of === "head") head.endFold(event);
    if (event.kind === "fold" && event.of === "network") fold = event.fold;
    if (event.kind === "network") head.end();
    if (event.kind !== "network-progress") return;
    const place = fold < head.folds ? `fold-${fold + 1}/` : "";
    for (const { part, step, scalars } of networkScalars(event.progress)) log(`${place}${part}`, now(), step, scalars);
  };
  const close = (result?: TrainResult): void => {
    attempt(() => {
      head.end();
      if (result) logResult(result, now(), fileOf);
    });
    for (const file of files.values()) attempt(() => file.close());
    files.clear();
  };
  return Object.assign((event: TrainEvent) => attempt(() => write(event)), { close });
}
