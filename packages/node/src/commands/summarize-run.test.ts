import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { efficientNet, InputError, summarize } from "@grayling/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { train } from "../train/train.js";
import { summarizeRun } from "./summarize-run.js";

let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "grayling summary ü-"));
});
afterAll(() => rm(out, { recursive: true, force: true }));

const trainSmall = (name: string, options: object) =>
  train(repositoryFolder("fixtures", "mixed-bits"), {
    ...{ out, name, height: 64, width: 64, threads: 1, batch: 16, validation: 0, report: false, ...options },
  });

describe("the summary of a run", () => {
  it("marks the layers that were trained, and counts the network with its head", async () => {
    await trainSmall("tuned", { unfreeze: "block7", epochs: 1 });
    const { graph, notes, title } = await summarizeRun(join(out, "tuned"), out);
    const { layers, trainable, total } = summarize(graph);
    const trained = layers.filter(({ trainableParams }) => trainableParams > 0).map(({ name }) => name);
    expect(trained[0]).toBe("block7a_expand_conv");
    expect(trained.at(-1)).toBe("predictions");
    expect(trained.some((name) => name.endsWith("_bn"))).toBe(false);
    const backbone = summarize(efficientNet("efficientnet-lite0", { height: 64, width: 64, includeTop: false })).total;
    expect(total).toBe(backbone + 1280 * 2 + 2); // the head of two classes
    expect(trainable).toBeGreaterThan(1280 * 2 + 2);
    expect(title).toBe("efficientnet-lite0-classifier");
    expect(notes).toEqual([
      "efficientnet-lite0 for 2 classes, 64 × 64 px, weights: ImageNet, bundled",
      "block7 and the head were trained, batch normalizations stayed frozen",
    ]);
  });

  it("counts the head alone where nothing else was trained", async () => {
    await trainSmall("head", { head: "dense(4,relu) dropout(0.5)", epochs: 1 });
    const { graph, notes } = await summarizeRun(join(out, "head"), out);
    expect(summarize(graph).trainable).toBe(1280 * 4 + 4 + 4 * 2 + 2);
    expect(notes[1]).toBe("the head was trained");
  });

  it("refuses a folder that is no run", async () => {
    const error = await summarizeRun(out, out).catch((error: Error) => error);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain("no config.json in it");
  });
});
