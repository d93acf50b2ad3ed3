import type { NetworkEpoch } from "@grayling/core";
import { describe, expect, it } from "vitest";
import {
  describeKept,
  describeNetwork,
  reportNetwork,
  showBytes,
  showSeconds,
  sparkline,
  TrainingClock,
} from "./network-report.js";

type Progress = Parameters<typeof reportNetwork>[0]["progress"];

/** What a report of these events notes, on a terminal of `width` columns; and what its moving line shows at last. */
function reported(events: readonly Progress[], width: number) {
  const notes: string[] = [];
  let status: readonly string[] = [];
  const progress = {
    update: () => {},
    finish: () => {},
    status: (...parts: readonly string[]) => {
      status = parts;
    },
  };
  const clock = new TrainingClock();
  const at = { kind: "network-progress", epochs: 12, kernels: "blocked" } as const;
  for (const own of events)
    reportNetwork({ ...at, progress: own }, { progress, note: (line) => notes.push(line) }, clock, width);
  return { notes, status };
}

const step = (epoch: number, number: number): Progress => ({
  ...{ kind: "step", epoch, step: number, steps: 40, loss: 1.23456, learningRate: 3e-4, images: 32 },
});

const epoch = (number: number, others: Partial<NetworkEpoch>, isBest: boolean): Progress => ({
  kind: "epoch",
  isBest,
  epoch: { epoch: number, loss: 12.3456, accuracy: 0.05, learningRate: 1e-4, ...others },
});

describe("the report of a network in training", () => {
  it("draws losses between the lowest and the highest bar, the last twenty of them", () => {
    expect(sparkline([3, 2, 1])).toBe("█▅▁");
    expect(sparkline([1])).toBe("▁");
    expect(sparkline([1, Number.NaN, 2])).toBe("▁█");
    expect(sparkline(Array.from({ length: 30 }, (_, i) => i))).toHaveLength(20);
  });

  it.each([
    [999, "1.0 kB"],
    [27_000_000, "27 MB"],
    [1_240_000_000, "1.2 GB"],
  ])("shows %i bytes as %s", (bytes, text) => expect(showBytes(bytes)).toBe(text));

  it.each([
    [0, "0.1 s"],
    [9.94, "9.9 s"],
    [35.2, "35 s"],
    [240, "4 min"],
    [7800, "2 h 10 min"],
  ])("shows %d seconds as %s", (seconds, text) => expect(showSeconds(seconds)).toBe(text));

  it("tells the kernels before the first epoch, also of a training that goes on in the middle", () => {
    expect(reported([step(7, 12)], 80).notes[0]).toBe("kernels blocked");
    expect(reported([epoch(7, {}, true)], 80).notes[0]).toBe("kernels blocked");
  });

  it("leaves a line for each epoch in columns that stay where they are", () => {
    const validation = { validationLoss: 0.5, validationAccuracy: 1 };
    const { notes } = reported(
      [step(9, 40), epoch(9, validation, true), epoch(10, { ...validation, loss: 0.9, accuracy: 0.955 }, false)],
      80,
    );
    expect(notes).toEqual([
      "kernels blocked",
      "epoch     loss  accuracy  val loss  accuracy",
      " 9/12   12.346     5.0 %     0.500   100.0 %  best  ▁",
      "10/12    0.900    95.5 %     0.500   100.0 %        ▁▁",
    ]);
  });

  it("leaves the curve out where the terminal is narrow", () => {
    const many = Array.from({ length: 12 }, (_, i) =>
      epoch(i + 1, { validationLoss: 1 / (i + 1), validationAccuracy: 0.5 }, true),
    );
    expect(reported(many, 50).notes.at(-1)).toMatch(/50.0 % {2}best$/);
    for (const line of reported(many, 50).notes) expect(line.length).toBeLessThanOrEqual(50);
    for (const line of reported(many, 80).notes) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("shows the time left before everything else but the step", () => {
    const { status } = reported([step(1, 1), step(1, 2)], 80);
    expect(status[0]).toBe("epoch 1/12, step 2/40");
    expect(status[1]).toMatch(/^\d+ (s|min \d+ s) left at most$/);
    expect(status).toContain("loss 1.235");
  });

  it("tells what trains and what is kept", () => {
    const event = {
      kind: "network",
      layers: 3,
      parameters: 1234567,
      frozen: 1000,
      cut: "block6d_add",
      bytes: 27e6,
      batch: 32,
      imagesAtOnce: 32,
    } as const;
    expect(describeNetwork(event)).toBe(
      "training 3 layers of the network and the head above block6d_add, whose activations are computed once (27 MB): 1,234,567 parameters, 1,000 frozen",
    );
    expect(describeNetwork({ ...event, cut: undefined })).toContain("from the image on: 1,234,567 parameters");
    expect(describeNetwork({ ...event, imagesAtOnce: 8 })).toMatch(/1,000 frozen; 32 images a step, 8 at once$/);
    const of = (accuracy: number, logLoss: number) => ({ accuracy, logLoss });
    const kept = { kind: "kept", by: "accuracy", head: of(0.9, 0.4) } as const;
    expect(describeKept({ ...kept, kept: "head", network: of(0.85, 0.5) })).toContain(
      "not beaten the head alone (accuracy 85.0 %; the head alone: accuracy 90.0 %)",
    );
    expect(describeKept({ ...kept, kept: "network", network: of(0.95, 0.5) })).toContain("is kept: accuracy 95.0 %");
    expect(describeKept({ ...kept, kept: "network", network: of(0.9, 0.3) })).toContain(
      "is kept: accuracy 90.0 %, loss 0.300; the head alone: accuracy 90.0 %, loss 0.400",
    );
    expect(describeKept({ ...kept, by: "loss", kept: "head", network: of(0.95, 0.5) })).toContain(
      "(loss 0.500; the head alone: loss 0.400)",
    );
  });
});
