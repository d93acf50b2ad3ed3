import { describe, expect, it } from "vitest";
import { stratifiedSplit } from "../../data/split.js";
import { InputError } from "../../errors.js";
import { check } from "../../graph/check.js";
import type { Model } from "../../graph/model.js";
import { SeededRandom } from "../../seeded-random.js";
import { directRuntime, runModel } from "../../testing/direct-runtime.js";
import { fitHead } from "./fit-head.js";
import type { HeadEpoch, HeadOptions } from "./head-options.js";
import type { HeadData } from "./head-samples.js";
import { type HeadLayer, parseHead } from "./head-spec.js";

const layersOf = (text: string, classes = 2) => parseHead(text, classes) as readonly HeadLayer[]; // none of them is "linear"

/** Two classes as a chess board: the sign of the product of two features; the other columns are noise. Far from mean 0. */
function chessBoard(rows: number, seed: number): HeadData {
  const random = new SeededRandom(seed, "chess board");
  const columns = 6;
  const features = Float32Array.from({ length: rows * columns }, () => random.normal());
  const labels = Array.from({ length: rows }, (_, i) =>
    features[i * columns]! * features[i * columns + 1]! > 0 ? 1 : 0,
  );
  return { features: features.map((value, at) => 100 + (1 + (at % columns)) * value), labels, classes: 2 };
}

/** Two overlapping clouds, the second class being rare. */
function clouds(rows: number, seed: number): HeadData {
  const random = new SeededRandom(seed, "clouds");
  const labels = Array.from({ length: rows }, () => (random.next() < 0.12 ? 1 : 0));
  return {
    features: Float32Array.from(labels.flatMap((label) => [label + random.normal(), random.normal()])),
    labels,
    classes: 2,
  };
}

async function predict(head: Model, { features, labels }: HeadData): Promise<number[]> {
  const shape = [labels.length, features.length / labels.length];
  const { predictions } = await runModel(head, { features: { shape, data: features } });
  return labels.map((_, i) => (predictions!.data[2 * i + 1]! > predictions!.data[2 * i]! ? 1 : 0));
}

async function accuracyOf(head: Model, data: HeadData): Promise<number> {
  const predicted = await predict(head, data);
  return predicted.filter((label, i) => label === data.labels[i]).length / data.labels.length;
}

const fit = (data: HeadData, text: string, options: Partial<HeadOptions> = {}) =>
  fitHead(directRuntime, data, layersOf(text), { seed: 1, ...options });

describe("fitHead", () => {
  it("learns a chess board with a hidden layer, which a linear head cannot", async () => {
    const [training, others] = [chessBoard(600, 1), chessBoard(400, 2)];
    const options = { learningRate: 0.01 };
    const { head } = await fit(training, "flatten dropout(0) dense(32, relu) dropout(0.1)", options);
    check(head.graph);
    expect(await accuracyOf(head, others)).toBeGreaterThan(0.9);
    const linear = await fit(training, "flatten", options);
    expect(await accuracyOf(linear.head, others)).toBeLessThan(0.65);
  });

  it("gives back the weights of the best epoch: a run that ends there gives the same bytes", async () => {
    const data = clouds(120, 3);
    const options = { learningRate: 0.05, patience: 3 };
    const stopped = await fit(data, "dense(32, tanh)", options);
    const losses = stopped.history.map(({ stopLoss }) => stopLoss!);
    expect(stopped.bestEpoch).toBe(losses.indexOf(Math.min(...losses)) + 1);
    expect(stopped.history).toHaveLength(stopped.bestEpoch + 3);
    const shorter = await fit(data, "dense(32, tanh)", { ...options, epochs: stopped.bestEpoch });
    expect(shorter.head.weights).toEqual(stopped.head.weights);
    expect(shorter.history).toEqual(stopped.history.slice(0, stopped.bestEpoch));
  });

  it("folds the standardization in: from raw features the held-out tenth has the loss that stopped the training", async () => {
    const data = chessBoard(300, 4);
    const { head, history, bestEpoch } = await fit(data, "dropout(0.2) dense(16, silu)", { learningRate: 0.01 });
    const { predictions } = await runModel(head, { features: { shape: [300, 6], data: data.features } });
    const losses = data.labels.map((label, i) => -Math.log(predictions!.data[2 * i + label]!));
    const heldOut = losses.filter((_, i) => stratifiedSplit(data.labels, 0.1, 1)[i]);
    const loss = heldOut.reduce((a, b) => a + b, 0) / heldOut.length;
    // float32 cancels in x·W' + b' with x about 100 deviations from 0: 100 · 6e-8.
    expect(Math.abs(loss - history[bestEpoch - 1]!.stopLoss!)).toBeLessThan(6e-6);
    expect(heldOut).toHaveLength(30);
  });

  it("gives the same bytes for the same seed, others for another", async () => {
    const data = chessBoard(100, 5);
    const options = { epochs: 3 };
    const once = await fit(data, "dense(8, relu) dropout(0.5)", options);
    expect(await fit(data, "dense(8, relu) dropout(0.5)", options)).toEqual(once);
    const other = await fit(data, "dense(8, relu) dropout(0.5)", { ...options, seed: 2 });
    expect(other.head.weights).not.toEqual(once.head.weights);
  });

  it("finds more images of a rare class where it weighs more", async () => {
    const [training, others] = [clouds(800, 6), clouds(800, 7)];
    const recall = async (classWeights?: HeadOptions["classWeights"]) => {
      const { head } = await fit(training, "dense(8, relu)", { classWeights, learningRate: 0.01 });
      const predicted = await predict(head, others);
      const ofClass = others.labels.flatMap((label, i) => (label === 1 ? [predicted[i]!] : []));
      return ofClass.reduce((a, b) => a + b, 0) / ofClass.length;
    };
    const plain = await recall();
    expect(await recall([1, 8])).toBeGreaterThan(plain + 0.3);
    expect(await recall("balanced")).toBeGreaterThan(plain + 0.3);
  });

  it("smooths labels: the loss cannot fall below that of the smoothed targets", async () => {
    const data = clouds(60, 8);
    const { history } = await fit(data, "dense(64, relu)", { labelSmoothing: 0.2, epochs: 20, learningRate: 0.02 });
    const least = -(0.9 * Math.log(0.9) + 0.1 * Math.log(0.1));
    for (const { loss, stopLoss } of history) expect(Math.min(loss, stopLoss!)).toBeGreaterThan(least);
  });

  it("runs all epochs and keeps the last where no class has an image to spare", async () => {
    const data = { features: Float32Array.of(0, 1, 2, 3), labels: [0, 0, 1, 1], classes: 2 };
    const { history, bestEpoch } = await fit(data, "dense(4, relu)", { epochs: 7, optimizer: "sgd", momentum: 0.9 });
    expect(bestEpoch).toBe(7);
    expect(history.map(({ stopLoss }) => stopLoss)).toEqual(new Array(7).fill(undefined));
  });

  it("reports every epoch and stops between batches with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const epochs: HeadEpoch[] = [];
    const onEpoch = (epoch: HeadEpoch) => {
      if (epochs.push(epoch) === 2) controller.abort(reason);
    };
    const training = fit(chessBoard(100, 9), "dense(8, relu)", { onEpoch, signal: controller.signal });
    await expect(training).rejects.toBe(reason);
    expect(epochs.map(({ epoch, learningRate }) => [epoch, learningRate])).toEqual([
      [1, 0.001],
      [2, 0.001],
    ]);
  });

  it("says what to do where training diverges", async () => {
    const training = fit(chessBoard(100, 10), "dense(8, relu)", { optimizer: "sgd", learningRate: 1e30 });
    await expect(training).rejects.toThrow(/^head: a loss of epoch 1 is .+; lower the learning rate, now 1e\+30$/);
  });

  it.each([
    [{ learningRate: 0 }, "learning rate: expected a number above 0, got 0"],
    [{ epochs: 0.5 }, "epochs: expected a whole number from 1, got 0.5"],
    [{ batch: 0 }, "batch: expected a whole number from 1, got 0"],
    [{ patience: -1 }, "patience: expected a whole number from 1, got -1"],
    [{ labelSmoothing: 1 }, "label smoothing: expected 0 up to 1 (not 1 itself), got 1"],
    [{ weightDecay: 0.1 }, "weight decay: only the optimizer adamw has it, got adam"],
    [{ momentum: 0.9 }, "momentum: only the optimizer sgd has it, got adam"],
    [{ optimizer: "sgd", momentum: 1 }, "momentum: expected 0 up to 1 (not 1 itself), got 1"],
    [{ optimizer: "adamw", weightDecay: -1 }, "weight decay: expected a number from 0, got -1"],
    [{ optimizer: "lion" as "sgd" }, 'optimizer: expected one of sgd, adam, adamw, got "lion"'],
    [{ classWeights: [1] }, "head: expected a weight for each of 2 classes, got 1"],
  ] satisfies [Partial<HeadOptions>, string][])("refuses %j", async (options, message) => {
    await expect(fit(chessBoard(20, 1), "dense(2, relu)", options)).rejects.toThrow(new InputError(message));
  });

  it("refuses labels that do not fit", async () => {
    const features = new Float32Array(8);
    const training = (labels: number[]) => fit({ features, labels, classes: 2 }, "dense(2, relu)");
    await expect(training([0, 1, 2, 0])).rejects.toThrow("head: expected labels 0 … 1, got 2");
    await expect(training([0, 0, 0, 0])).rejects.toThrow("head: expected images of at least two classes, got 1");
    await expect(training([0, 1, 1])).rejects.toThrow("head: expected a row of features per label, 3, got 8 values");
  });
});
