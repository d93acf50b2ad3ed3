import { describe, expect, it } from "vitest";
import { InputError } from "../../errors.js";
import type { Tensor } from "../../graph/tensor.js";
import { fitNetwork } from "./fit-network.js";
import type { FitOptions, NetworkRows, Trainer } from "./fit-options.js";
import type { FitCheckpoint, FitEvent, FitResult } from "./fit-position.js";
import type { StepResult, TrainerState, TrainingBatch } from "./network-trainer.js";

const classes = 2;

/** Rows of one value: the row's number. Labels alternate. */
const rowsOf = (count: number, read?: (rows: readonly number[], epoch: number) => void): NetworkRows => ({
  labels: Array.from({ length: count }, (_, row) => row % classes),
  async read(rows, epoch): Promise<Tensor> {
    read?.(rows, epoch);
    return { shape: [rows.length, 1, 1, 1], data: Float32Array.from(rows, (row) => row + 100 * epoch) };
  },
});

interface Step {
  readonly rows: readonly number[];
  readonly rate: number;
}

/** Its one weight is a sum of all that it has learnt from, in which order and rates matter. */
class FakeTrainer implements Trainer {
  readonly steps: Step[] = [];
  /** Loss of the validation by its round; what is behind the list is the last. */
  readonly validation: readonly number[];
  step = 0;
  weight = 0;
  round = 0;
  averages = false;
  lossAt: (step: number) => number = () => 1;

  constructor(validation: readonly number[] = [1]) {
    this.validation = validation;
  }

  async learn({ input, targets, rows }: TrainingBatch, rate: number): Promise<StepResult> {
    this.steps.push({ rows: [...input.data], rate });
    this.weight = 0.9 * this.weight + rate * input.data.reduce((a, b, i) => a + b * (i + 1), 0) + targets[0]!;
    const logits = new Float32Array(rows * classes);
    for (let row = 0; row < rows; row++) logits[row * classes] = 1; // says class 0
    const loss = this.lossAt(this.step++);
    return { loss, logits, norms: { global: Number.isFinite(loss) ? 1 : Number.NaN, largest: "top_conv/kernel" } };
  }

  /** The loss that the list says, of logits [m, 0] and label 0: log(1 + e^−m). */
  async evaluate(input: Tensor): Promise<Float32Array> {
    const loss = this.validation[Math.min(this.round++, this.validation.length - 1)]!;
    const margin = -Math.log(Math.exp(loss) - 1);
    const rows = input.shape[0]!;
    return Float32Array.from({ length: rows * classes }, (_, i) => (i % classes === 0 ? margin : 0));
  }

  state(): TrainerState {
    const weights = new Map([
      ["w", { shape: [1], data: Float64Array.of(this.weight) as unknown as Float32Array }], // exact
      ["round", { shape: [1], data: Float32Array.of(this.round) }],
    ]);
    const average = new Map(this.averages ? [["w", { shape: [1], data: Float32Array.of(-1) }]] : []);
    return { step: this.step, weights, moments: new Map(), average };
  }

  restore({ step, weights }: TrainerState): void {
    this.step = step;
    this.weight = weights.get("w")!.data[0]!;
    this.round = weights.get("round")!.data[0]!;
  }
}

const options: FitOptions = {
  epochs: 4,
  batch: 3,
  learningRate: 0.5,
  schedule: "cosine",
  plateau: { patience: 10, factor: 0.1 },
  warmUp: 0.5,
  patience: 10,
  watched: "loss",
  classWeights: [1, 1],
  seed: 3,
  dropsLast: false,
  ...{ labelSmoothing: 0, mixup: 0, cutmix: 0 },
};

const one: NetworkRows = { ...rowsOf(1), labels: [0] };

interface Run {
  readonly events: readonly FitEvent[];
  readonly checkpoints: readonly FitCheckpoint[];
  readonly result: FitResult;
}

async function run(
  trainer: Trainer,
  rows: NetworkRows,
  given: Partial<FitOptions> = {},
  { validation, from }: { validation?: NetworkRows; from?: FitCheckpoint } = {},
): Promise<Run> {
  const events: FitEvent[] = [];
  const checkpoints: FitCheckpoint[] = [];
  const fit = fitNetwork(trainer, rows, validation, { ...options, ...given }, from);
  for (;;) {
    const { value, done } = await fit.next();
    if (done) return { events, checkpoints, result: value };
    events.push(value);
    if (value.kind === "boundary") checkpoints.push(await value.checkpoint());
  }
}

describe("fitNetwork", () => {
  it("shows every image once an epoch, in another order each time, the same for the same seed", async () => {
    const orders = async (seed: number) => {
      const trainer = new FakeTrainer();
      await run(trainer, rowsOf(8), { seed });
      expect(trainer.steps.map(({ rows }) => rows.length)).toEqual([3, 3, 2, 3, 3, 2, 3, 3, 2, 3, 3, 2]);
      return [0, 1, 2, 3].map((epoch) =>
        trainer.steps.slice(3 * epoch, 3 * epoch + 3).flatMap(({ rows }) => rows.map((row) => row - 100 * epoch)),
      );
    };
    const found = await orders(3);
    for (const order of found) expect([...order].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(found.map(String)).size).toBe(4);
    expect(await orders(3)).toEqual(found);
    expect(await orders(4)).not.toEqual(found);
  });

  it("leaves the last batch out where it is not full and shall not count", async () => {
    const trainer = new FakeTrainer();
    const { result } = await run(trainer, rowsOf(8), { dropsLast: true });
    expect(trainer.steps.map(({ rows }) => rows.length)).toEqual(new Array(8).fill(3));
    expect(result.history).toHaveLength(4);
    await expect(run(new FakeTrainer(), rowsOf(2), { dropsLast: true })).rejects.toThrow(
      new InputError("batch: 3 images, expected no more than the 2 that train"),
    );
  });

  it("goes through the rates of its schedule, and reports them", async () => {
    const trainer = new FakeTrainer();
    const { events } = await run(trainer, rowsOf(12), { epochs: 2 });
    // 8 steps: half an epoch of 4 would be 2 to warm up, but so few images get half of all: then a cosine over 4.
    const cosine = [0, 1, 2, 3].map((step) => (1 + Math.cos((Math.PI * step) / 4)) / 2);
    for (const [i, factor] of [0, 0.25, 0.5, 0.75, ...cosine].entries())
      expect(trainer.steps[i]!.rate).toBeCloseTo(0.5 * factor, 12);
    const reported = events.flatMap((event) => (event.kind === "step" ? [event.learningRate] : []));
    expect(reported).toEqual(trainer.steps.map(({ rate }) => rate));
  });

  it("tells loss and accuracy of each epoch over its images, and steps in order", async () => {
    const trainer = new FakeTrainer([0.25, 0.5]);
    trainer.lossAt = (step) => step + 1;
    const { events, result } = await run(trainer, rowsOf(8), { epochs: 2 }, { validation: one });
    const [first, second] = result.history;
    expect(first).toMatchObject({ epoch: 1, loss: (1 * 3 + 2 * 3 + 3 * 2) / 8, accuracy: 0.5, validationAccuracy: 1 });
    expect(first!.validationLoss).toBeCloseTo(0.25, 5);
    expect(second!.validationLoss).toBeCloseTo(0.5, 5);
    expect(result.bestEpoch).toBe(1);
    const kinds = events.map((event) => (event.kind === "boundary" && event.isEpoch ? "saved" : event.kind));
    const epoch = ["step", "boundary", "step", "boundary", "step", "boundary", "epoch", "saved"];
    expect(kinds).toEqual([...epoch, ...epoch]);
  });

  it.each<[string, Partial<FitOptions>]>([
    ["plainly", {}],
    ["with mixed images and smoothed targets", { mixup: 0.4, cutmix: 1, labelSmoothing: 0.1 }],
    ["by plateaus", { schedule: "plateau", epochs: 14 }],
    ["stopped early", { patience: 2 }],
    ["by accuracy", { watched: "accuracy", schedule: "one-cycle" }],
  ])("goes on from every checkpoint as if it had never stopped: %s", async (_, given) => {
    const trainer = new FakeTrainer([0.5, 0.4, 0.6]);
    const whole = await run(trainer, rowsOf(8), given, { validation: one });
    expect(whole.checkpoints.length).toBeGreaterThanOrEqual(4 * 3);
    for (const from of whole.checkpoints) {
      const again = new FakeTrainer(trainer.validation);
      const saved = structuredClone(from);
      const { result } = await run(again, rowsOf(8), given, { validation: one, from: saved });
      expect(again.weight).toBe(trainer.weight);
      expect(result).toEqual(whole.result);
    }
  });

  it("keeps the best epoch's weights, and stops after so many epochs without a better one", async () => {
    const trainer = new FakeTrainer([0.5, 0.3, 0.4, 0.35, 0.1]);
    const { events, checkpoints, result } = await run(
      trainer,
      rowsOf(8),
      { epochs: 9, patience: 2 },
      { validation: one },
    );
    expect(result.history).toHaveLength(4);
    expect(result.bestEpoch).toBe(2);
    const atSecond = checkpoints[2 * 4 - 1]!;
    expect(result.best.get("w")).toEqual(atSecond.trainer.weights.get("w"));
    expect(result.best.get("w")!.data[0]).not.toBe(trainer.weight);
    expect(events.flatMap((event) => (event.kind === "epoch" ? [event.isBest] : []))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("keeps the last epoch's weights where nothing validates", async () => {
    const trainer = new FakeTrainer();
    const { result } = await run(trainer, rowsOf(8));
    expect(result.bestEpoch).toBe(4);
    expect(result.best.get("w")!.data[0]).toBe(trainer.weight);
    expect(result.history[0]).not.toHaveProperty("validationLoss");
  });

  it("keeps the moving average of what has one, and all else as it stands", async () => {
    const trainer = new FakeTrainer();
    trainer.averages = true;
    const { result } = await run(trainer, rowsOf(8), {}, { validation: one });
    expect(result.best.get("w")!.data[0]).toBe(-1);
    expect([...result.best.keys()]).toEqual(["w", "round"]); // statistics of normalizations have no average
  });

  it("takes a tenth of the rate when ten epochs and one more were no better", async () => {
    const trainer = new FakeTrainer([0.3, 0.5]);
    const given = { schedule: "plateau", epochs: 25, patience: 99, warmUp: 0, batch: 8 } as const;
    await run(trainer, rowsOf(8), given, { validation: one });
    const rates = trainer.steps.map(({ rate }) => Number(rate.toPrecision(6)));
    expect(rates).toEqual([...new Array(12).fill(0.5), ...new Array(11).fill(0.05), ...new Array(2).fill(0.005)]);
  });

  it("takes the part of the rate and after the epochs that it is told", async () => {
    const trainer = new FakeTrainer([0.3, 0.5]);
    const plateau = { patience: 2, factor: 0.5 };
    const given = { schedule: "plateau", plateau, epochs: 8, patience: 99, warmUp: 0, batch: 8 } as const;
    await run(trainer, rowsOf(8), given, { validation: one });
    expect(trainer.steps.map(({ rate }) => rate)).toEqual([0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]);
  });

  it("takes of equal accuracies the epoch of the lower loss, and goes on as long as that falls", async () => {
    const trainer = new FakeTrainer([0.5, 0.3, 0.4, 0.2, 0.25, 0.3, 0.1]); // its one image is right in every epoch
    const given = { watched: "accuracy", epochs: 9, patience: 2 } as const;
    const { result } = await run(trainer, rowsOf(8), given, { validation: one });
    expect(result.history.map(({ validationAccuracy }) => validationAccuracy)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(result.bestEpoch).toBe(4);
  });

  it("ends with what to do where the loss is no number, and names the layer", async () => {
    const trainer = new FakeTrainer();
    trainer.lossAt = (step) => (step === 4 ? Number.NaN : 1);
    const error = await run(trainer, rowsOf(8), { warmUp: 0 }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(
      /^training: the loss of epoch 2, step 2 is NaN, the largest gradient is top_conv\/kernel's; lower the learning rate, now 0\.\d+$/,
    );
  });

  it("stops between two steps where it is asked to, after what can be saved", async () => {
    let asked = false;
    const stop = new Error("stopped");
    const signal = {
      throwIfAborted: () => {
        if (asked) throw stop;
      },
    };
    const trainer = new FakeTrainer();
    const kinds: string[] = [];
    const training = async () => {
      for await (const event of fitNetwork(trainer, rowsOf(8), one, { ...options, signal })) {
        kinds.push(event.kind);
        if (event.kind === "step" && event.step === 2) asked = true;
      }
    };
    await expect(training()).rejects.toBe(stop);
    expect(kinds).toEqual(["step", "boundary", "step", "boundary"]);
  });

  it("reads the next batch while it learns one, and fails with the reader's own error", async () => {
    const read: string[] = [];
    const rows = rowsOf(8, (_, epoch) => {
      read.push(`read ${epoch}`);
      if (read.length === 4) throw new Error("disk full");
    });
    const trainer = new FakeTrainer();
    trainer.lossAt = (step) => {
      read.push(`learn ${step}`);
      return 1;
    };
    await expect(run(trainer, rows)).rejects.toThrow("disk full");
    expect(read).toEqual(["read 0", "read 0", "learn 0", "read 0", "learn 1"]);
    expect(trainer.steps).toHaveLength(2);
  });
});
