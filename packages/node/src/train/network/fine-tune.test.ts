import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError, readSafetensors, writeSafetensors } from "@grayling/core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDecoder } from "../../images/decode.js";
import { repositoryFolder } from "../../testing/repository-folder.js";
import { resumeTraining, type TrainSettings, train } from "../train.js";
import type { TrainEvent } from "../train-events.js";

const mixedBits = repositoryFolder("fixtures", "mixed-bits");
const cli = repositoryFolder("packages", "node", "dist", "cli.js");

let folder: string;
let out: string;
let cache: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling tune ü-"));
  [out, cache] = [join(folder, "runs"), join(folder, "cache")];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const small: TrainSettings = { height: 64, width: 64, threads: 1, unfreeze: "block7", epochs: 2, batch: 16 };

const tune = (settings: TrainSettings = {}) => train(mixedBits, { ...small, report: false, out, cache, ...settings });

const failure = async (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error("no error"),
    (error: Error) => error,
  );

describe("a training of the network", () => {
  it("writes a model that gives the probabilities that were measured, and the network's weights beside it", async () => {
    const events: TrainEvent[] = [];
    const settings = { validation: 0, test: 0.3, name: "measured", onEvent: (event: TrainEvent) => events.push(event) };
    const { folder: run, network, dataset, sides } = await tune(settings);
    expect(network?.kept).toBe("network"); // nothing validates, so nothing speaks against it
    const written = ["backbone.safetensors", "head.safetensors", "config.json", "metrics.json", "model.onnx"];
    const tables = ["predictions.csv", "results.csv", "split.csv"];
    expect(await readdir(run)).toEqual(expect.arrayContaining([...written, ...tables]));
    const session = await InferenceSession.create(join(run, "model.onnx"));
    const decode = await createDecoder({ height: 64, width: 64, fit: "stretch" });
    const lines = (await readFile(join(run, "predictions.csv"), "utf8")).trimEnd().split("\n").slice(1);
    const tested = dataset.images.filter((_, i) => sides[i] === "test");
    expect(lines).toHaveLength(tested.length);
    let compared = 0;
    for (const [i, image] of tested.entries()) {
      const { path } = image;
      if ("page" in image && image.page !== undefined) continue; // the decoder here reads the first page of a file
      const { plane } = await decode(await readFile(path));
      const input = new Tensor("float32", plane, [1, 1, 64, 64]);
      const probabilities = (await session.run({ input_layer: input }))["predictions"]!.data as Float32Array;
      const recorded = lines[i]!.split(",").slice(-2).map(Number);
      // Blocked or portable kernels against ONNX Runtime's own: other orders of float32 sums, 1e-5 was seen.
      for (const [k, value] of recorded.entries()) expect(Math.abs(probabilities[k]! - value)).toBeLessThan(2e-4);
      compared++;
    }
    expect(compared).toBeGreaterThan(10);
    const steps = events.filter((event) => event.kind === "network-progress");
    expect(steps.filter(({ progress }) => progress.kind === "epoch")).toHaveLength(2);
    expect(events.find((event) => event.kind === "network")).toMatchObject({ cut: "block6d_add" });
    const first = readSafetensors(await readFile(join(run, "backbone.safetensors"))).tensors;
    const second = readSafetensors(
      await readFile(repositoryFolder("packages", "weights-lite0", "efficientnet-lite0.safetensors")),
    ).tensors;
    const stem = second.get("conv_stem.weight")!;
    expect(first.get("stem_conv/kernel")!.data.length).toBe(stem.data.length);
  });

  it("is exported with what it has learned, BatchNorm unfolded", async () => {
    const { openSource } = await import("../../export/open-source.js");
    const { source } = await openSource(join(out, "measured"), {});
    const learned = readSafetensors(await readFile(join(out, "measured", "backbone.safetensors"))).tensors;
    const { weights } = source.model;
    const kernel = [...learned.keys()].find((name) => name.startsWith("block7a_project_conv"))!;
    expect(weights.get("block7a_project_bn/moving_variance")).toBeDefined();
    expect(weights.get(kernel)!.data).toHaveLength(learned.get(kernel)!.data.length);
  });

  it("keeps the head alone where the network is no better, and says both numbers", async () => {
    const events: TrainEvent[] = [];
    const result = await tune({
      name: "no better",
      learningRate: 10,
      schedule: "constant",
      warmUp: 0,
      onEvent: (event) => events.push(event),
    }).catch((error: Error) => error);
    if (result instanceof Error) return expect(result.message).toMatch(/^training: /); // it may diverge outright
    expect(result.network?.kept).toBe("head");
    const metrics = JSON.parse(await readFile(join(result.folder, "metrics.json"), "utf8"));
    expect(metrics.network.headAlone.validation.accuracy).toBeGreaterThan(metrics.network.trained.validation.accuracy);
    const { accuracy, confusionMatrix } = metrics.network.headAlone.validation;
    expect(metrics.validation).toMatchObject({ accuracy, confusionMatrix });
    expect(events.filter(({ kind }) => kind === "kept")).toHaveLength(1);
  });

  it("gives the same bytes again, whether activations lie in memory or come from augmented planes", async () => {
    for (const settings of [
      { augment: { preset: "light" }, augmentVariants: 2 },
      { unfreeze: "all", epochs: 1, augment: { preset: "light" } },
    ]) {
      const runs = [await tune({ ...settings, validation: 0 }), await tune({ ...settings, validation: 0 })];
      const [a, b] = await Promise.all(runs.map(({ folder: run }) => readFile(join(run, "model.onnx"))));
      expect(a!.equals(b!)).toBe(true);
    }
  });

  it("keeps the head where nothing validates and training went wrong, and says so", async () => {
    const events: TrainEvent[] = [];
    const wrong = {
      learningRate: 50,
      schedule: "constant",
      warmUp: 0,
      validation: 0,
      onEvent: (event: TrainEvent) => events.push(event),
    };
    const result = await tune({ ...wrong, name: "wrong" }).catch((error: Error) => error);
    if (result instanceof Error) return expect(result.message).toMatch(/^training: the loss of epoch /); // outright
    expect(result.network?.kept).toBe("head");
    const warnings = events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
    expect(warnings.at(-1)).toMatch(/^training the network went wrong: on the images that train it has a loss of /);
  });

  it("warns where the averages of transferred normalizations are estimated anew", async () => {
    const events: TrainEvent[] = [];
    await tune({ bn: "train", epochs: 1, validation: 0, onEvent: (event) => events.push(event) });
    const warnings = events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
    expect(warnings[0]).toMatch(/^bn train: means and variances that the weights came with are estimated anew/);
  });

  it("goes on without a cache where that cannot be written, and says so", async () => {
    const file = join(folder, "no cache");
    await writeFile(file, "");
    const events: TrainEvent[] = [];
    const onEvent = (event: TrainEvent) => events.push(event);
    const { folder: run } = await tune({ epochs: 1, validation: 0, cache: join(file, "below"), onEvent });
    expect(await readdir(run)).toContain("model.onnx");
    const warnings = events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/cannot be written, .*; computed features are not kept$/);
  });

  it("computes nothing below the cut where a training before has done so, and says so", async () => {
    const counts: object[] = [];
    const onEvent = (event: TrainEvent) => {
      if (event.kind === "cut") counts.push(event);
    };
    const own = { epochs: 1, cache: join(folder, "own cache"), cacheType: "float16", validation: 0, onEvent };
    const runs = [await tune(own), await tune(own)];
    const images = runs[0]!.dataset.images.length;
    expect(counts[0]).toMatchObject({ kind: "cut" });
    expect(counts[1]).toEqual({ kind: "cut", computed: 0, cached: images });
    const [a, b] = await Promise.all(runs.map(({ folder: run }) => readFile(join(run, "model.onnx"))));
    expect(a!.equals(b!)).toBe(true); // halves are what both have learned from
  });

  it("cross-validates networks, each measured on images that it has not seen", async () => {
    const { network, dataset } = await tune({ folds: 2, epochs: 1 });
    expect(network?.folds?.folds).toHaveLength(2);
    expect(network?.folds?.probabilities).toHaveLength(dataset.images.length * 2);
    expect(network?.tuned.validation).toBeUndefined();
  });

  it.each([
    [{ learningRate: 0 }, "learning rate 0: expected a number above 0"],
    [{ learningRate: -1 }, "learning rate -1: expected a number above 0"],
    [{ learningRate: 1e6 }, "learning rate 1000000: expected a number above 0 up to 100"],
    [{ unfreeze: "blok6*" }, 'unfreeze "blok6*": matches no layer with weights; the nearest are block'],
    [{ unfreeze: "block8" }, 'unfreeze "block8": expected head, top, block7'],
    [{ unfreeze: "head", bn: "train" }, "bn: only where layers of the network train"],
    [{ unfreeze: "head", schedule: "cosine" }, "schedule: only where layers of the network train"],
    [{ schedule: "cosin" }, 'schedule "cosin": expected one of constant, cosine'],
    [{ kernels: "fast" }, 'kernels "fast": expected one of auto, portable, blocked'],
    [{ memory: "0G" }, 'memory "0G": expected a number with M or G, above 200M'],
    [{ memory: "2" }, 'memory "2": expected a number with M or G'],
    [{ monitor: "acc" }, 'monitor "acc": expected one of loss, accuracy (did you mean "accuracy"?)'],
    [{ warmUp: 5 }, "warm-up 5: expected a number from 0 up to 2"],
    [{ microBatch: 4, bn: "train" }, "micro batch: with --bn train"],
    [{ optimizer: "adam", weightDecay: 0.1 }, "weight decay: adam has none"],
  ] as const)("refuses %j in one line", async (settings, message) => {
    const error = await failure(tune(settings));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("\n");
  });
});

describe("a training that was stopped", () => {
  const flags = [
    "--no-report",
    "--size",
    "48x48",
    "--unfreeze",
    "block5",
    "--epochs",
    "4",
    "--batch",
    "8",
    "--threads",
    "1",
    "--augment",
    "light",
    "--augment-variants",
    "1",
    "--mixup",
    "0.2",
    "--ema",
    "0.9",
  ];

  const start = (args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [cli, "train", ...args, "--cache", cache], { stdio: ["ignore", "ignore", "pipe"] });

  const ended = (child: ChildProcess): Promise<{ code: number | string | null; stderr: string }> => {
    let stderr = "";
    child.stderr!.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    return new Promise((resolve) => child.on("exit", (code, signal) => resolve({ code: code ?? signal, stderr })));
  };

  const hasCheckpoint = async (unfinished: string) =>
    (await readdir(unfinished).catch(() => [])).some((name) => name.startsWith("checkpoint-"));

  it("ends in the same bytes after kill -9 at random points as one that never stopped", async () => {
    const whole = join(folder, "whole");
    expect((await ended(start([mixedBits, ...flags, "--out", whole, "--name", "run"]))).code).toBe(0);

    const killed = join(folder, "killed");
    const unfinished = join(killed, "run.unfinished");
    let child = start([mixedBits, ...flags, "--out", killed, "--name", "run"]);
    let kills = 0;
    for (let attempt = 0; attempt < 12; attempt++) {
      const done = ended(child);
      const isDone = done.then(() => true);
      while (!(await hasCheckpoint(unfinished)) && !(await Promise.race([isDone, pause(20)]))) {}
      const finished = await Promise.race([isDone, pause(Math.random() * 400)]);
      if (finished) break;
      child.kill("SIGKILL");
      kills++;
      await done;
      if (!(await hasCheckpoint(unfinished))) break; // it was just done
      child = kills < 3 ? start(["--resume", unfinished]) : start(["--resume", unfinished]);
      if (kills >= 3) {
        expect((await ended(child)).code).toBe(0);
        break;
      }
    }
    expect(kills).toBeGreaterThan(0);
    const files = (await readdir(join(whole, "run"))).sort();
    expect((await readdir(join(killed, "run"))).sort()).toEqual(files);
    for (const file of files) {
      const [a, b] = await Promise.all([whole, killed].map((runs) => readFile(join(runs, "run", file))));
      expect(a!.equals(b!), file).toBe(true);
    }
    expect(await readdir(killed)).toEqual(["run"]); // nothing unfinished is left
  }, 300_000);

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", "SIGHUP"], // after all is saved: see `endByHangUp`
  ] as const)(
    "saves at %s as at Ctrl-C, and nobody else works in its place meanwhile",
    async (signal, exitCode) => {
      if (process.platform === "win32") return; // there no process is asked to stop
      const runs = join(folder, signal);
      const args = [mixedBits, ...flags, "--epochs", "400", "--out", runs, "--name", "run"];
      const child = start(args);
      const done = ended(child);
      while (!(await hasCheckpoint(join(runs, "run.unfinished")))) await pause(20);
      for (const second of [args, ["--resume", join(runs, "run.unfinished")]]) {
        const { code, stderr } = await ended(start(second)); // one after the other: an end that nobody awaits is missed
        expect(code).toBe(2);
        expect(stderr).toContain(`another training is working on it (process ${child.pid}, since `);
      }
      child.kill(signal);
      child.kill(signal); // as a closed terminal does, and wrappers that pass signals on
      const { code, stderr } = await done;
      expect(code).toBe(exitCode);
      expect(stderr).toContain("go on with: grayling train --resume");
      expect(await readdir(runs)).toEqual(["run.unfinished"]);
    },
    300_000,
  );

  it("goes on with the fold at which it was killed, and ends in the same bytes", async () => {
    const folded = [mixedBits, ...flags, "--epochs", "2", "--folds", "2"];
    const [whole, killed] = [join(folder, "folds"), join(folder, "folds killed")];
    expect((await ended(start([...folded, "--out", whole, "--name", "run"]))).code).toBe(0);
    const unfinished = join(killed, "run.unfinished");
    const child = start([...folded, "--out", killed, "--name", "run"]);
    const done = ended(child);
    while (!(await hasCheckpoint(join(unfinished, "fold-2")))) await pause(10);
    child.kill("SIGKILL");
    await done;
    expect(await readdir(unfinished)).toContain("fold-1.safetensors");
    expect((await ended(start(["--resume", unfinished]))).code).toBe(0);
    for (const file of await readdir(join(whole, "run"))) {
      const [a, b] = await Promise.all([whole, killed].map((runs) => readFile(join(runs, "run", file))));
      expect(a!.equals(b!), file).toBe(true);
    }
    expect(await readdir(killed)).toEqual(["run"]);
  }, 300_000);

  it("is not stopped by a full disk, and says what could not be saved", async () => {
    if (process.platform === "win32") return; // there is no limit on files to fill up
    const runs = join(folder, "full");
    // No file may be larger than 15 MB, in the blocks of POSIX: a model of 14 MB fits in, its checkpoint with moments does not.
    const limit = 'ulimit -f 30000 && exec "$@"';
    const args = [
      mixedBits,
      ...flags,
      "--unfreeze",
      "block7",
      "--epochs",
      "2",
      "--out",
      runs,
      "--name",
      "run",
      "--cache",
      cache,
    ];
    const command = ["-c", limit, "sh", process.execPath, cli, "train", ...args];
    const { code, stderr } = await ended(spawn("sh", command, { stdio: ["ignore", "ignore", "pipe"] }));
    expect(stderr).toMatch(/checkpoint-\d+\.safetensors: cannot be written, .*\(EFBIG\); the training goes on/);
    expect(stderr.match(/the training goes on, what was saved before is kept/g)).toHaveLength(1);
    expect(stderr).toContain("2 checkpoints could not be written; the training itself is whole");
    expect(code).toBe(0);
    expect(await readdir(runs)).toEqual(["run"]);
  }, 300_000);

  it("saves at Ctrl-C, says how to go on, and goes on", async () => {
    const runs = join(folder, "interrupted");
    const unfinished = join(runs, "run.unfinished");
    const child = start([mixedBits, ...flags, "--epochs", "400", "--out", runs, "--name", "run"]);
    const done = ended(child);
    while (!(await hasCheckpoint(unfinished))) await pause(20);
    child.kill("SIGINT");
    const { code, stderr } = await done;
    expect(code).toBe(130);
    expect(stderr).toContain("go on with: grayling train --resume");
    expect(await hasCheckpoint(unfinished)).toBe(true);

    const checkpoints = (await readdir(unfinished)).filter((name) => name.startsWith("checkpoint-"));
    expect(checkpoints.length).toBeLessThanOrEqual(2);

    // Of another training, of a newer grayling, truncated: each in a copy of the folder.
    const copyOf = async (name: string, change: (path: string) => Promise<void>) => {
      const copy = join(folder, name, "run.unfinished");
      await cp(unfinished, copy, { recursive: true });
      for (const file of checkpoints) await change(join(copy, file));
      return copy;
    };
    const rewriting = (metadata: Record<string, string>) => async (path: string) => {
      const file = readSafetensors(await readFile(path));
      await writeFile(path, writeSafetensors(file.tensors, { ...file.metadata, ...metadata }));
    };
    const foreign = await copyOf("foreign", rewriting({ key: "another" }));
    expect((await failure(resumeTraining(foreign, { cache }))).message).toContain("belongs to another training");
    const newer = await copyOf("newer", rewriting({ "grayling.checkpoint": "99" }));
    expect((await failure(resumeTraining(newer, { cache }))).message).toContain(
      "written by a newer grayling (format 99)",
    );
    const cut = await copyOf("cut", (path) => truncate(path, 1000));
    const warnings: string[] = [];
    const controller = new AbortController();
    const stopped = await failure(
      resumeTraining(cut, {
        cache,
        signal: controller.signal,
        onEvent: (event) => {
          if (event.kind === "warning") warnings.push(event.message);
          if (event.kind === "network-progress") controller.abort(new Error("enough"));
        },
      }),
    );
    expect(stopped.message).toBe("enough");
    expect(warnings).toHaveLength(checkpoints.length);
    expect(warnings[0]).toMatch(/taking the one before|the training begins anew/);
  }, 300_000);

  it("is found by its folder alone", async () => {
    const error = await failure(resumeTraining(join(folder, "nowhere")));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain("no training.json in it (ENOENT)");
  });
});

const pause = (ms: number): Promise<false> => new Promise((resolve) => setTimeout(() => resolve(false), ms));
