import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeSummary } from "@grayling/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fineTuneAsInKeras } from "./keras-fine-tuning.js";

const beside = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..", ".."); // of examples/dist
const letters = join(beside, "shared", "data", "aksara-jawa");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling nine ö-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("trains all of EfficientNetB5 on real gray images of nine classes, for a few steps", async (context) => {
  const names = await readdir(letters).catch(() => []);
  const classes = names.filter((name) => !name.includes(".")).slice(0, 9);
  if (classes.length < 9) return context.skip("no folder shared/data/aksara-jawa beside the repository");
  for (const name of classes) {
    await mkdir(join(folder, "images", name), { recursive: true });
    const files = (await readdir(join(letters, name))).filter((file) => file.endsWith(".png")).slice(10, 20);
    for (const file of files) await cp(join(letters, name, file), join(folder, "images", name, file));
  }
  // Random weights: ImageNet's of B5 are not in the repository. Two epochs of two or three steps teach them nothing yet.
  const training = fineTuneAsInKeras(join(folder, "images"), {
    ...{ weights: "random", epochs: 2, batch: 32, report: false, out: join(folder, "runs") },
  });
  const losses: number[] = [];
  let next = await training.next();
  for (; !next.done; next = await training.next()) {
    const { value } = next;
    if (value.kind === "network-progress" && value.progress.kind === "step") losses.push(value.progress.loss);
  }
  expect(losses.length).toBeGreaterThanOrEqual(4);
  for (const loss of losses) expect(Number.isFinite(loss)).toBe(true);
  const { network, folder: run } = next.value;
  expect(network?.tuned.history).toHaveLength(2);
  // From the first layer to the last, weights have moved; what normalizes has not.
  const [before, after] = [next.value.backbone.model.weights, network!.tuned.backbone.weights];
  const moved = (name: string) =>
    Math.max(...before.get(name)!.data.map((value, i) => Math.abs(value - after.get(name)!.data[i]!)));
  for (const name of ["stem_conv/kernel", "block4c_dwconv/kernel"]) expect(moved(name)).toBeGreaterThan(0);
  for (const name of ["stem_bn/gamma", "top_bn/moving_mean"]) expect(moved(name)).toBe(0);
  const model = decodeSummary(await readFile(join(run, "model.onnx")), "model.onnx");
  expect(model.inputs.map(({ shape }) => shape)).toEqual([["N", 1, 84, 112]]);
  expect(model.outputs[0]).toEqual({ name: "predictions", shape: ["N", 9] });
}, 600_000); // of a machine that others use too
