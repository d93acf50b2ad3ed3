/** The curves of the head, or of the heads of folds, out of events that do not say which they are of. */
import type { TrainEvent } from "../train/train-events.js";
import type { Scalars } from "./event-message.js";

type HeadEvent = Extract<TrainEvent, { kind: "head" }>;
type FoldEvent = Extract<TrainEvent, { kind: "fold" }>;

/** Of a part of the log: TensorBoard shows a folder as a run of its own. */
export type LogScalars = (part: string, at: number, step: number, scalars: Scalars) => void;

interface Row {
  readonly part: string;
  readonly at: number; // ms since 1970
  readonly step: number;
  readonly scalars: Scalars;
}

/**
 * Heads are trained for the folds, then for good, then, to look for doubtful labels, for folds once more; of these the last are
 * left out. Which one a row is of is known when the next begins, or its fold is told.
 */
export class HeadLog {
  readonly #log: LogScalars;
  #rows: Row[] = [];
  #last = { phase: "", step: 0 };
  #rounds = 0; // of the cross-validation that chooses the penalty; it counts anew for each candidate
  #isDone = false;
  /** Of the head, as far as they were told. */
  folds = 0;

  constructor(log: LogScalars) {
    this.#log = log;
  }

  step(event: HeadEvent, at: number): void {
    const { phase, step } = event;
    const isNew =
      this.#rows.length > 0 && phase !== "cross-validation" && phase === this.#last.phase && step <= this.#last.step;
    const isAnew = phase === "cross-validation" && this.#last.phase === "fit";
    if (isNew || isAnew) this.end();
    this.#last = { phase, step };
    if (!this.#isDone) this.#rows.push(...this.#rowsOf(event, at));
  }

  /** The head of a fold is trained. */
  endFold({ fold, folds }: FoldEvent): void {
    if (this.#isDone) return;
    this.folds = folds;
    this.#flush(`fold-${fold}/head`);
  }

  /** The head of all folds, or the only one, is trained: what comes now is of no interest. */
  end(): void {
    if (this.#isDone || this.#rows.length === 0) return;
    this.#flush("head");
    this.#isDone = true;
  }

  #flush(place: string): void {
    for (const { part, at, step, scalars } of this.#rows) this.#log(`${place}/${part}`, at, step, scalars);
    this.#rows = [];
    this.#last = { phase: "", step: 0 };
    this.#rounds = 0;
  }

  #rowsOf({ phase, step, loss, epoch }: HeadEvent, at: number): Row[] {
    if (phase === "cross-validation") {
      return [{ part: "train", at, step: ++this.#rounds, scalars: { cross_validation_loss: loss } }];
    }
    if (phase === "fit") return [{ part: "train", at, step, scalars: { fit_loss: loss } }];
    if (!epoch) return [{ part: "train", at, step: step - 1, scalars: { epoch_loss: loss } }];
    const { accuracy, learningRate, stopLoss, stopAccuracy } = epoch;
    const trained = { epoch_loss: loss, epoch_accuracy: accuracy, epoch_learning_rate: learningRate };
    const train: Row = { part: "train", at, step: step - 1, scalars: trained };
    if (stopLoss === undefined || stopAccuracy === undefined) return [train];
    const held = { epoch_loss: stopLoss, epoch_accuracy: stopAccuracy };
    return [train, { part: "held-out", at, step: step - 1, scalars: held }];
  }
}
