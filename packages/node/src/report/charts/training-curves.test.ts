import { beforeAll, describe, expect, it } from "vitest";
import { parseChart } from "../../testing/parse-chart.js";
import { loadPlot, type Plotting } from "./load-plot.js";
import { trainingCurves } from "./training-curves.js";

let plotting: Plotting;
beforeAll(async () => {
  plotting = await loadPlot();
});

/** A network's training, the validation loss lowest in epoch 3. */
const columns = ["epoch", "loss", "accuracy", "validationLoss", "validationAccuracy", "learningRate"];
const rows = [
  [1, 1.5, 0.5, 1.4, 0.6, 0.001],
  [2, 1.2, 0.6, 1.1, 0.7, 0.0008],
  [3, 1.0, 0.7, 0.9, 0.75, 0.0005],
  [4, 0.8, 0.8, 1.0, 0.74, 0.0001],
];

describe("training curves", () => {
  it("tell the course and the best epoch, in the words of the rows", () => {
    const chart = trainingCurves(plotting, { columns, rows });
    expect(chart.alt).toBe(
      "Training over 4 epochs: the loss goes from 1.5000 to 0.8000; epoch 3 is the best, with validation loss 0.9000 and accuracy 75.0\u00a0%.",
    );
    expect(parseChart(chart).texts()).toContain("best: epoch 3");
    for (const panel of ["loss, nats", "accuracy", "learning rate", "epoch"])
      expect(parseChart(chart).texts()).toContain(panel);
  });

  it("mark another epoch where the run names another", () => {
    const chart = trainingCurves(plotting, { columns, rows }, { best: 2 });
    expect(chart.alt).toContain("epoch 2 is the best, with validation loss 1.1000 and accuracy 70.0\u00a0%");
  });

  it("show the loss of a linear head by evaluation, and nothing that was not measured", () => {
    const chart = trainingCurves(plotting, {
      columns: ["evaluation", "loss"],
      rows: [
        [1, 0.5],
        [2, 0.25],
      ],
    });
    expect(chart.alt).toBe("Training over 2 evaluations: the loss goes from 0.5000 to 0.2500.");
    expect(parseChart(chart).texts()).toContain("evaluation");
    expect(parseChart(chart).texts()).not.toContain("accuracy");
    expect(parseChart(chart).texts()).not.toContain("validation");
  });

  it("call the images of a head held-out, and leave out a learning rate that stays", () => {
    const head = rows.map(([epoch, loss, accuracy, stopLoss, stopAccuracy]) => [
      epoch!,
      loss!,
      accuracy!,
      stopLoss!,
      stopAccuracy!,
      0.001,
    ]);
    const named = ["epoch", "loss", "accuracy", "stopLoss", "stopAccuracy", "learningRate"];
    const chart = trainingCurves(plotting, { columns: named, rows: head });
    expect(chart.alt).toContain("epoch 3 is the best, with held-out loss 0.9000");
    expect(parseChart(chart).texts()).toContain("held-out");
    expect(parseChart(chart).texts()).not.toContain("learning rate");
  });

  it("leave a gap where the loss is not a number, and say so", () => {
    const broken = rows.map((row) => (row[0] === 2 ? row.map((value, i) => (i === 1 ? Number.NaN : value)) : row));
    const chart = trainingCurves(plotting, { columns, rows: broken });
    expect(chart.alt).toContain("in 1 of them it is not a number");
    expect(chart.svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("have a logarithmic axis where losses differ by more than 30 times", () => {
    const steep = rows.map((row, i) => row.map((value, k) => (k === 1 ? 10 ** -i : value)));
    const chart = trainingCurves(plotting, { columns, rows: steep });
    expect(parseChart(chart).texts()).toContain("loss, nats (logarithmic)");
    expect(parseChart(chart).texts()).toContain("0.01");
  });

  it("are drawn of a single epoch, and say that there are none", () => {
    expect(trainingCurves(plotting, { columns, rows: rows.slice(0, 1) }).alt).toContain(
      "Training over 1 epoch: the loss is 1.5000",
    );
    const none = trainingCurves(plotting, { columns, rows: [] });
    expect(none.alt).toBe("Training: nothing was recorded.");
    expect(parseChart(none).texts()).toContain("Training: nothing was recorded.");
    const lost = trainingCurves(plotting, { columns: ["epoch", "loss"], rows: [[1, Number.NaN]] });
    expect(lost.alt).toContain("the loss is not a number");
  });

  it("of 5,000 evaluations take no more than 200 points a line", () => {
    const many = Array.from({ length: 5000 }, (_, i) => [i + 1, Math.exp(-i / 900) + 0.05 * Math.sin(i)]);
    const chart = trainingCurves(plotting, { columns: ["evaluation", "loss"], rows: many });
    const [line] = parseChart(chart).elements('[data-part="line"] path');
    expect(line!.getAttribute("d")!.split("L").length).toBeLessThanOrEqual(200);
  });
});
