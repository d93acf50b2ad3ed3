/** A training's events for people, and for TensorBoard where it is asked for. */
import { basename, join } from "node:path";
import { printable } from "@grayling/core";
import { type TensorBoardLog, tensorBoardLog } from "../tensorboard/tensorboard-log.js";
import type { TrainResult } from "../train/train.js";
import type { OnTrainEvent } from "../train/train-events.js";
import type { Console } from "./console.js";

export interface TrainingLog {
  readonly onEvent: OnTrainEvent;
  /** The result of a training whose events these are; its log is closed, however it ends. */
  readonly until: (training: Promise<TrainResult>) => Promise<TrainResult>;
  /** Says how to look at it. */
  readonly tell: () => void;
}

/** `folder` holds the logs of all runs, each in a folder of the run's name; undefined: none is wanted. */
export function logTraining(
  folder: string | undefined,
  report: OnTrainEvent,
  { note, print }: Pick<Console, "note" | "print">,
): TrainingLog {
  let log: TensorBoardLog | undefined;
  return {
    onEvent: (event) => {
      report(event);
      if (event.kind === "claimed" && folder !== undefined) {
        log = tensorBoardLog(join(folder, basename(event.folder)), { onProblem: note });
      }
      log?.(event);
    },
    until: async (training) => {
      let result: TrainResult | undefined;
      try {
        result = await training;
        return result;
      } finally {
        log?.close(result);
      }
    },
    tell: () => {
      if (folder !== undefined) print(`logs in ${printable(folder)}: tensorboard --logdir ${printable(folder)}`);
    },
  };
}
