/** What the main thread and the thread that trains say to each other. */
import type { Model, NetworkOptions, StepResult, Tensor, TrainerOptions, TrainerState } from "@grayling/core";

/** "auto": blocked where the runtime has it, else portable. */
export const kernelChoices = ["auto", "portable", "blocked"] as const;
export type KernelChoice = (typeof kernelChoices)[number];

/** What the thread begins with. It prepares the network by itself: functions do not cross threads. */
export interface OpenTraining {
  readonly backbone: Model;
  readonly head: Model;
  readonly network: NetworkOptions;
  readonly options: Omit<TrainerOptions, "kernels">;
  readonly kernels: KernelChoice;
  readonly threads: number | undefined;
}

/** `id` comes back with the reply. */
export type TrainerRequest = { readonly id: number } & (
  | ({ readonly kind: "open" } & OpenTraining)
  | {
      readonly kind: "learn";
      readonly input: Tensor;
      readonly targets: Float32Array;
      readonly rows: number;
      readonly rate: number;
    }
  | { readonly kind: "evaluate"; readonly input: Tensor }
  | { readonly kind: "state" }
  | { readonly kind: "restore"; readonly state: TrainerState }
  | { readonly kind: "close" }
);

/** Answers by kind of request. */
export interface TrainerAnswers {
  readonly open: { readonly kernels: "portable" | "blocked" };
  readonly learn: StepResult;
  readonly evaluate: Float32Array;
  readonly state: TrainerState;
  readonly restore: undefined;
  readonly close: undefined;
}

/** An answer, or an error. */
export interface TrainerReply {
  readonly id: number;
  readonly answer?: TrainerAnswers[keyof TrainerAnswers];
  /** A message, and whether the user can do something about it. */
  readonly error?: { readonly message: string; readonly isInput: boolean };
}
